import { abandonable } from './abandonable.ts';
import { appSeeds } from './app-seeds.ts';
import type { MarathonApp } from './marathon-app.ts';
import { askMarathon, notMarathon, type MarathonAnswer } from './marathon-client.ts';
import {
  compileMarathonSeeds,
  type CompiledMarathonSeeds,
  type MarathonSeedsOptions,
} from './marathon-options.ts';
import { readMarathonApp } from './read-marathon-app.ts';
import { SeedError } from './seed-error.ts';
import type { SeedList, SeedSource } from './seed-source.ts';

/**
 * What Marathon knows of the tasks of an app: their addresses (host, bridge and container networks), their health, and how
 * many there are to be.
 *
 *     marathonSeeds({ url: 'http://marathon.mesos:8080', app: '/my-framework', port: 'cluster' })
 *
 * Throws {@link SeedError} `INVALID_OPTIONS`.
 */
export function marathonSeeds(options: MarathonSeedsOptions): SeedSource {
  const source = compileMarathonSeeds(options);
  // Those that could not answer are asked last the next time.
  let bases = source.bases;
  return {
    description: `Marathon's ${source.what} at ${bases.map(({ origin }) => origin).join(', ')}`,
    async find(signal) {
      const problems: SeedError[] = [];
      for (const base of bases) {
        try {
          const found = await findAt(base, source, signal);
          bases = [base, ...bases.filter((other) => other !== base)];
          return found;
        } catch (error) {
          if (!(error instanceof SeedError) || signal.aborted || isFinal(error)) throw error;
          problems.push(error);
        }
      }
      throw combined(problems);
    },
  };
}

/** Marathons have one state: another one would say the same. */
function isFinal({ code }: SeedError): boolean {
  return code !== 'SEEDS_UNREACHABLE' && code !== 'NOT_MARATHON';
}

async function findAt(base: URL, source: CompiledMarathonSeeds, signal: AbortSignal): Promise<SeedList> {
  const url = new URL(source.question, base);
  url.username = url.password = '';
  const ending = new AbortController();
  const late = new Error(`no answer within ${source.timeoutMs} ms`);
  const timer = source.clock.after(source.timeoutMs, () => ending.abort(late));
  const within = AbortSignal.any([signal, ending.signal]);
  try {
    const authorization = await abandonable(source.authorization(base), within);
    const answer = await askMarathon({ url, authorization, ca: source.ca, signal: within });
    return seedsOf(appsOf(answer, url, source), url, source);
  } catch (error) {
    if (!ending.signal.aborted || signal.aborted) throw error;
    throw new SeedError('SEEDS_UNREACHABLE', {
      what: `Marathon at ${url.origin} can't be reached: ${late.message}.`,
      mend: 'Check its URL, that it runs, and that this machine can reach it.',
      cause: error,
    });
  } finally {
    timer.cancel();
  }
}

function appsOf(
  { status, json }: MarathonAnswer,
  url: URL,
  source: CompiledMarathonSeeds,
): readonly MarathonApp[] {
  const answer = typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {};
  if (status === 401 || status === 403) throw unauthorized(url, status);
  if (status === 404 && source.isOneApp && typeof answer['message'] === 'string')
    throw appNotFound(url, source);
  if (status >= 500) throw failing(url, status);
  if (status !== 200) throw notMarathon(url, `status ${status}`);
  const listed: unknown = source.isOneApp ? [answer['app']] : answer['apps'];
  const apps = Array.isArray(listed) ? listed.map(readMarathonApp) : [undefined];
  if (apps.includes(undefined)) throw notMarathon(url, 'JSON of another kind');
  if (apps.length === 0) throw appNotFound(url, source);
  return apps.filter((app) => app !== undefined);
}

function seedsOf(apps: readonly MarathonApp[], url: URL, source: CompiledMarathonSeeds): SeedList {
  const seeds = apps.flatMap((app) => appSeeds(app, source));
  if (seeds.length === 0) {
    throw new SeedError('NO_SEEDS', {
      what: `Marathon at ${url.origin} lists no running task with an address for ${source.what}.`,
      mend: 'Is this instance one of them? Check the app’s id, that it is not scaled to 0, and its network and ports.',
    });
  }
  const known = apps.every(({ instances }) => instances !== undefined);
  const instances = apps.reduce((sum, app) => sum + (app.instances ?? 0), 0);
  return { seeds, ...(known && instances > 0 && { instances }) };
}

function combined(problems: readonly SeedError[]): SeedError {
  const [first, ...others] = problems;
  if (!first || others.length === 0)
    return first ?? new SeedError('NO_SEEDS', { what: 'No URL.', mend: 'Give one.' });
  return new SeedError(first.code, {
    what: problems.map(({ what }) => what).join(' '),
    mend: first.mend,
    cause: first,
  });
}

function unauthorized(url: URL, status: number): SeedError {
  return new SeedError('UNAUTHORIZED', {
    what: `Marathon at ${url.origin} refuses the question (${status}).`,
    mend:
      status === 401
        ? 'Give `auth`: a user with password, or a token that has not expired.'
        : 'Allow this user to view the app, or give another one.',
  });
}

function appNotFound(url: URL, { isOneApp, what }: CompiledMarathonSeeds): SeedError {
  return new SeedError('APP_NOT_FOUND', {
    what: `Marathon at ${url.origin} has no ${what}: app not found.`,
    mend: isOneApp
      ? 'Check the id: Marathon tells a task its own in MARATHON_APP_ID.'
      : 'Check the label: write name==value, as in the app’s `labels`.',
  });
}

function failing(url: URL, status: number): SeedError {
  return new SeedError('SEEDS_UNREACHABLE', {
    what: `Marathon at ${url.origin} can't answer now (status ${status}).`,
    mend: 'It may have no leader or not reach Mesos: look at its log.',
  });
}
