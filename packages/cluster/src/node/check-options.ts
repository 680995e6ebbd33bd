import { addressProblem } from './address-problem.ts';
import { ClusterError } from './cluster-errors.ts';
import type { ClusterOptions } from './cluster-options.ts';
import { timingOf } from './timing.ts';

const MOST_META_BYTES = 512;
const LEAST_SECRET = 16;
/** `leaving`: it gives up its vote; `protocol`: which messages it understands. */
const OWN_META = ['leaving', 'protocol'];

const known: Readonly<Record<keyof ClusterOptions, true>> = {
  name: true,
  secrets: true,
  listen: true,
  advertise: true,
  seeds: true,
  instances: true,
  storage: true,
  meta: true,
  timing: true,
  epochFloor: true,
  logger: true,
  clock: true,
  random: true,
};

/**
 * Gives back what makes sense; throws a `ClusterError` that says what doesn't. A program in JavaScript, or one that reads
 * its environment, may give anything.
 */
export function checkOptions(options: ClusterOptions): ClusterOptions {
  const problem =
    unknownOption(options) ??
    nameProblem(options) ??
    addressProblem(options) ??
    partsProblem(options) ??
    metaProblem(options.meta) ??
    timingProblem(options.timing);
  if (problem !== undefined) throw new ClusterError('INVALID_OPTIONS', problem);
  return options;
}

function unknownOption(options: ClusterOptions): string | undefined {
  const name = Object.keys(options).find((name) => !Object.hasOwn(known, name));
  return name === undefined
    ? undefined
    : `\`${name}\` is no option. There are ${Object.keys(known).join(', ')}.`;
}

function nameProblem({ instances, name, secrets }: ClusterOptions): string | undefined {
  if (typeof name !== 'string' || name.trim() === '')
    return '`name` is missing. Give the cluster a name; instances with another name do not talk to it.';
  if (!Array.isArray(secrets) || secrets.length === 0)
    return '`secrets` is missing. Give all instances the same list of one secret, for example of 32 random characters.';
  if (secrets.some((secret) => typeof secret !== 'string' || secret.length < LEAST_SECRET))
    return `A secret has less than ${LEAST_SECRET} characters, or is none. Take a longer one: it keeps strangers out.`;
  if (instances !== undefined && !(Number.isSafeInteger(instances) && instances >= 1))
    return `\`instances\` is ${JSON.stringify(instances)}. Say how many there are to be: 1, 3 or 5.`;
  return undefined;
}

function partsProblem({ seeds, storage }: ClusterOptions): string | undefined {
  // A list has a method of that name, too.
  if (Array.isArray(seeds) || !has(seeds, 'find'))
    return '`seeds` is no source of seeds. Give what staticSeeds, dnsSeeds, fileSeeds or marathonSeeds gives, such as staticSeeds(["10.0.0.3:7946"]).';
  if (storage !== undefined && !has(storage, 'load'))
    return '`storage` keeps nothing. Give what FileStorage.open(directory, { name }) resolves with, or leave it out.';
  return undefined;
}

function has(given: unknown, method: string): boolean {
  return typeof given === 'object' && given !== null && typeof Reflect.get(given, method) === 'function';
}

function metaProblem(meta: ClusterOptions['meta']): string | undefined {
  if (meta === undefined) return undefined;
  const bytes = jsonBytes(meta);
  if (bytes === undefined) return '`meta` can not be said in JSON. Give an object of texts and numbers.';
  if (bytes > MOST_META_BYTES)
    return `\`meta\` has more than ${MOST_META_BYTES} bytes as JSON. Tell less: it travels with gossip.`;
  const own = OWN_META.find((name) => Object.hasOwn(meta, name));
  return own === undefined
    ? undefined
    : `\`meta.${own}\` is what the cluster itself tells of an instance. Take another name.`;
}

function jsonBytes(meta: object): number | undefined {
  try {
    return Buffer.byteLength(JSON.stringify(meta));
  } catch {
    return undefined;
  }
}

function timingProblem(timing: ClusterOptions['timing']): string | undefined {
  try {
    timingOf(timing);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
