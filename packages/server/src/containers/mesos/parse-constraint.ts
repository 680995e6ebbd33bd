import { compileConstraint, InvalidConstraint, type Constraint } from '@vibrissa/mesos';

/** What became of the constraints of a setting. */
export interface ParsedConstraints {
  readonly constraints: readonly Constraint[];
  /**
   * Sentences about those that can't be meant: the platform must not start with them. That goes for unknown operators, too,
   * which OpenWhisk leaves out: a constraint may be a fence, and without it containers would run everywhere.
   */
  readonly problems: readonly string[];
}

type Parsed =
  | { readonly kind: 'constraint'; readonly constraint: Constraint }
  | { readonly kind: 'problem'; readonly text: string };

const form = 'write it as: attribute LIKE value';

function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'u').test('');
    return true;
  } catch {
    return false;
  }
}

/** Whatever the client takes: it judges each task by them. */
function checked(constraint: Constraint): Parsed {
  try {
    compileConstraint(constraint);
    return { kind: 'constraint', constraint };
  } catch (error) {
    if (!(error instanceof InvalidConstraint)) throw error;
    return { kind: 'problem', text: error.message };
  }
}

function parse(text: string, delimiter: RegExp): Parsed {
  const parts = text.trim().split(delimiter);
  const [attribute = '', word = '', value] = parts;
  const operator = word as Constraint['operator'];
  if (parts.length === 2 && operator === 'EXISTS') return checked({ attribute, operator });
  if (parts.length === 3 && value !== undefined) return checked({ attribute, operator, value });
  return {
    kind: 'problem',
    text: `${JSON.stringify(text)} has ${parts.length} parts instead of three; ${form}.`,
  };
}

/**
 * Reads the constraints of a setting, each `attribute<delimiter>OPERATOR<delimiter>value`. The delimiter is a regular
 * expression, as in OpenWhisk.
 */
export function parseConstraints(texts: readonly string[], delimiter: string): ParsedConstraints {
  if (!isPattern(delimiter)) {
    const problems = [`The delimiter ${JSON.stringify(delimiter)} is no valid regular expression.`];
    return { constraints: [], problems };
  }
  const parsed = texts.map((text) => parse(text, new RegExp(delimiter, 'u')));
  return {
    constraints: parsed.flatMap((one) => (one.kind === 'constraint' ? [one.constraint] : [])),
    problems: parsed.flatMap((one) => (one.kind === 'problem' ? [one.text] : [])),
  };
}
