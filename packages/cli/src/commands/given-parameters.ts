import { usageError } from '../cli-error.ts';
import type { CommandContext } from '../command/description.ts';
import type { Parameter } from '../values/parameters.ts';

/** What `--param` and `--env` bind; each name is one or the other. `undefined`: neither was given. */
export function givenParameters({
  options,
}: Pick<CommandContext, 'options'>): ReadonlyMap<string, Parameter> | undefined {
  const [bound, environment] = [options.entries('param'), options.entries('env')];
  if (bound === undefined && environment === undefined) return undefined;
  const parameters = new Map<string, Parameter>();
  for (const [name, json] of bound ?? []) parameters.set(name, { json, init: false });
  for (const [name, json] of environment ?? []) {
    if (parameters.has(name)) {
      throw usageError(`'${name}' is both a parameter and a variable of the environment.`, [
        'The code gets it either as an argument (--param) or when it starts (--env).',
      ]);
    }
    parameters.set(name, { json, init: true });
  }
  return parameters;
}
