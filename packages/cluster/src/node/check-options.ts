import { ClusterError } from './cluster-errors.ts';
import type { ClusterOptions } from './cluster-options.ts';
import { timingOf } from './timing.ts';

const MOST_META_BYTES = 512;
const LEAST_SECRET = 16;
/** `leaving`: it gives up its vote; `protocol`: which messages it understands. */
const OWN_META = ['leaving', 'protocol'];

/** Gives back what makes sense; throws a `ClusterError` that says what doesn't. */
export function checkOptions(options: ClusterOptions): ClusterOptions {
  const { instances, meta, name, secrets, timing } = options;
  if (typeof name !== 'string' || name.trim() === '')
    throw invalid(
      '`name` is missing. Give the cluster a name; instances with another name do not talk to it.',
    );
  if (!Array.isArray(secrets) || secrets.length === 0)
    throw invalid(
      '`secrets` is missing. Give all instances the same secret, for example 32 random characters.',
    );
  if (secrets.some((secret) => typeof secret !== 'string' || secret.length < LEAST_SECRET))
    throw invalid(
      `A secret has less than ${LEAST_SECRET} characters. Take a longer one: it keeps strangers out.`,
    );
  if (instances !== undefined && !(Number.isSafeInteger(instances) && instances >= 1))
    throw invalid(`\`instances\` is ${instances}. Say how many there are to be: 1, 3 or 5.`);
  if (meta && Buffer.byteLength(JSON.stringify(meta)) > MOST_META_BYTES)
    throw invalid(
      `\`meta\` has more than ${MOST_META_BYTES} bytes as JSON. Tell less: it travels with gossip.`,
    );
  const own = OWN_META.find((name) => meta && Object.hasOwn(meta, name));
  if (own !== undefined)
    throw invalid(`\`meta.${own}\` is what the cluster itself tells of an instance. Take another name.`);
  try {
    timingOf(timing);
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
  return options;
}

function invalid(message: string): ClusterError {
  return new ClusterError('INVALID_OPTIONS', message);
}
