import { systemClock, type Clock } from '../base/clock.ts';
import { SeedError } from './seed-error.ts';

export interface MarathonSeedsOptions {
  /** Of any Marathon: those that don't lead ask the one that does. Name and password may stand in it. */
  readonly url?: string;
  /** Several; the next one is asked where one can't answer. */
  readonly urls?: readonly string[];
  /** The app's id, such as `/my-framework`: or else `label`. */
  readonly app?: string;
  /** All apps with this label: `name`, or `name==value`. */
  readonly label?: string;
  /** Name of the port, or its place among the app's ports; default 0. */
  readonly port?: string | number;
  readonly auth?: MarathonAuth;
  /** `ca`: in PEM, who has signed the server's certificate. */
  readonly tls?: { readonly ca: string | Buffer };
  /** The id of this instance's own task; default: the environment's MESOS_TASK_ID. */
  readonly self?: string;
  /** For each URL; default 10,000. */
  readonly timeoutMs?: number;
  readonly clock?: Clock;
}

/** A function is asked for a token before each question. */
export type MarathonAuth =
  { readonly user: string; readonly password: string } | { readonly token: string } | (() => Promise<string>);

/** With defaults, checked. */
export interface CompiledMarathonSeeds {
  readonly bases: readonly URL[];
  /** Behind the base, with `?`. */
  readonly question: string;
  readonly isOneApp: boolean;
  /** For people. */
  readonly what: string;
  readonly port: string | number;
  readonly self: string | undefined;
  readonly ca: string | Buffer | undefined;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** The header for a base; rejects where no token can be had. */
  readonly authorization: (base: URL) => Promise<string | undefined>;
}

/** Throws {@link SeedError} `INVALID_OPTIONS`. */
export function compileMarathonSeeds(options: MarathonSeedsOptions): CompiledMarathonSeeds {
  const { app, label, port = 0, auth, tls, timeoutMs = 10_000, clock = systemClock } = options;
  const bases = [...(options.url === undefined ? [] : [options.url]), ...(options.urls ?? [])].map(baseOf);
  if (bases.length === 0)
    throw invalid('Marathon has no URL.', 'Give `url`, such as http://marathon.mesos:8080.');
  if ((app === undefined) === (label === undefined)) {
    throw invalid('Which app of Marathon is meant is not clear.', 'Give either `app` (its id) or `label`.');
  }
  if (typeof port === 'number' && !(Number.isInteger(port) && port >= 0)) {
    throw invalid(`${port} is no place among ports.`, 'Give a name, or 0 for the first port.');
  }
  return {
    bases,
    port,
    timeoutMs,
    clock,
    isOneApp: app !== undefined,
    question:
      app !== undefined
        ? appQuestion(app)
        : `v2/apps?label=${encodeURIComponent(label ?? '')}&embed=apps.tasks`,
    what: app !== undefined ? `app ${app}` : `apps with the label ${label}`,
    self: options.self ?? process.env['MESOS_TASK_ID'],
    ca: tls?.ca,
    authorization: (base) => authorizationOf(auth, base),
  };
}

function appQuestion(app: string): string {
  const segments = app.split('/').filter((segment) => segment !== '');
  if (segments.length === 0)
    throw invalid(`'${app}' is no id of an app.`, 'Write it as Marathon does: /group/name.');
  return `v2/apps/${segments.map(encodeURIComponent).join('/')}?embed=app.tasks`;
}

function baseOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    // Not shown: a password may stand in it.
    throw invalid(
      'A URL of Marathon is none.',
      'Write it with its scheme, such as http://marathon.mesos:8080.',
    );
  }
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  url.search = url.hash = '';
  return url;
}

async function authorizationOf(auth: MarathonAuth | undefined, base: URL): Promise<string | undefined> {
  if (typeof auth === 'function') return `token=${await tokenOf(auth)}`;
  if (auth && 'token' in auth) return `token=${auth.token}`;
  if (auth) return basic(auth.user, auth.password);
  return base.username === ''
    ? undefined
    : basic(decodeURIComponent(base.username), decodeURIComponent(base.password));
}

function tokenOf(auth: () => Promise<string>): Promise<string> {
  return auth().catch((cause: unknown) => {
    throw new SeedError('UNAUTHORIZED', {
      what: 'No token for Marathon could be had.',
      mend: 'See the cause: the function that is to give one has failed.',
      cause,
    });
  });
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

function invalid(what: string, mend: string): SeedError {
  return new SeedError('INVALID_OPTIONS', { what, mend });
}
