/** Something wrong with one setting: what, and how to mend it. */
export interface ConfigProblem {
  readonly message: string;
  readonly mend: string;
}

/** Thrown when a source of configuration can't be read or a setting is wrong; it carries all the problems found. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'CONFIG';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(({ message }) => message).join('\n'));
    this.problems = problems;
  }
}
