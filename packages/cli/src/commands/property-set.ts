import { usageError } from '../cli-error.ts';
import type { CommandContext, CommandRunner } from '../command/description.ts';
import {
  checkPropertyValue,
  propertiesPath,
  readProperties,
  writeProperties,
} from '../config/properties-file.ts';
import { baseUrl, checkAuth, DEFAULT_API_VERSION } from '../config/settings.ts';
import { ok, bold, type Piece } from '../output/output.ts';

/** A property that can be set: its option, its key in the file, and what is said once it is set or unset. */
interface Property {
  readonly option: string;
  readonly key: string;
  readonly whenSet: (value: string) => Piece[];
  readonly whenUnset: Piece[];
}

function secretly(what: string, option: string): Property['whenSet'] {
  return () => [` ${what} set. Run 'wsk property get --${option}' to see the new value.`];
}

const properties: readonly Property[] = [
  {
    option: 'cert',
    key: 'CERT',
    whenSet: secretly('client cert', 'cert'),
    whenUnset: [' client cert unset.'],
  },
  { option: 'key', key: 'KEY', whenSet: secretly('client key', 'key'), whenUnset: [' client key unset.'] },
  { option: 'auth', key: 'AUTH', whenSet: secretly('whisk auth', 'auth'), whenUnset: [' whisk auth unset.'] },
  {
    option: 'apihost',
    key: 'APIHOST',
    whenSet: (value) => [' whisk API host set to ', bold(value)],
    whenUnset: [' whisk API host unset.'],
  },
  {
    option: 'apiversion',
    key: 'APIVERSION',
    whenSet: (value) => [' whisk API version set to ', bold(value)],
    whenUnset: [
      ' whisk API version unset; the default value of ',
      bold(DEFAULT_API_VERSION),
      ' will be used.',
    ],
  },
];

function chosen({ options }: CommandContext, verb: string): readonly Property[] {
  const found = properties.filter(({ option }) => options.given(option));
  if (found.length > 0) return found;
  throw usageError(`Nothing to ${verb}.`, [
    `Say which property: ${properties.map(({ option }) => `--${option}`).join(', ')}`,
  ]);
}

/** `wsk property set`. */
export const setProperties: CommandRunner = (context) => {
  const { options, output, environment } = context;
  const path = propertiesPath(environment);
  const stored = readProperties(path);
  const found = chosen(context, 'set');
  let doubt: string | undefined;
  for (const { option, key } of found) {
    const value = options.text(option) ?? '';
    checkPropertyValue(option, value);
    if (option === 'apihost') baseUrl(value);
    if (option === 'auth') doubt = checkAuth(value);
    stored.set(key, value);
  }
  writeProperties(path, stored);
  for (const { option, whenSet } of found) output.line(ok, ...whenSet(options.text(option) ?? ''));
  if (doubt !== undefined) output.note(`warning: ${doubt}`);
  if (output.format !== 'text') output.document(JSON.stringify({ set: found.map(({ option }) => option) }));
  return 0;
};

/** `wsk property unset`. */
export const unsetProperties: CommandRunner = (context) => {
  const { output, environment } = context;
  const path = propertiesPath(environment);
  const stored = readProperties(path);
  const found = chosen(context, 'unset');
  for (const { key } of found) stored.delete(key);
  writeProperties(path, stored);
  for (const { whenUnset } of found) output.line(ok, ...whenUnset);
  if (output.format !== 'text') output.document(JSON.stringify({ unset: found.map(({ option }) => option) }));
  return 0;
};
