import { readFileSync } from 'node:fs';
import { CliError } from '../cli-error.ts';
import { baseUrlText, type Settings } from '../config/settings.ts';
import { urlPath } from '../values/qualified-name.ts';
import { whyUnreadable } from '../values/why-unreadable.ts';
import { cliVersion } from '../version.ts';
import { sendRequest, type HttpReply, type HttpRequest } from './send-request.ts';
import type { Trace } from './trace.ts';

/** A request to the REST API, relative to `/api/<version>`. */
export interface WhiskRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** `namespaces/…`; made by {@link entityRoute} and {@link collectionRoute}. */
  readonly route: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** JSON text. */
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** Talks to one platform with one key. */
export interface WhiskClient {
  /** Any status is an answer; throws {@link CliError} with exit code 3 where none comes. */
  send(request: WhiskRequest): Promise<HttpReply>;
}

/** `namespaces/_/actions/`: a list of a namespace. */
export function collectionRoute(namespace: string, collection: string): string {
  return `namespaces/${urlPath(namespace)}/${collection}`;
}

/** `namespaces/_/actions/pkg/name`. */
export function entityRoute(
  collection: string,
  name: { readonly namespace: string; readonly entity: string },
): string {
  return `${collectionRoute(name.namespace, collection)}/${urlPath(name.entity)}`;
}

/** `OpenWhisk-CLI/1.0 (<build>) <system> <architecture>`, with Go's words for the latter two. */
function userAgent(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const architecture = { x64: 'amd64', ia32: '386' }[process.arch as string] ?? process.arch;
  return `OpenWhisk-CLI/1.0 (${cliVersion()}) ${system} ${architecture}`;
}

function readPem(path: string | undefined, what: string): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CliError(`Unable to read the ${what} '${path}': ${whyUnreadable(error)}`, {
      hints: ['See the configured ones with: wsk property get --cert --key'],
      cause: error,
    });
  }
}

function queryText(query: WhiskRequest['query']): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) search.set(name, String(value));
  }
  return search.size === 0 ? '' : `?${search.toString()}`;
}

/** Makes a client. A trace is told every request and answer, with the key masked. */
export function createWhiskClient(
  settings: Settings & { readonly apiHost: string },
  trace?: Trace,
): WhiskClient {
  const base = `${baseUrlText(settings.apiHost)}/api/${settings.apiVersion}`;
  const cert = readPem(settings.cert, 'client certificate');
  const key = readPem(settings.key, 'client key');
  const common = {
    'User-Agent': userAgent(),
    Accept: 'application/json',
    ...(settings.auth !== undefined && {
      Authorization: `Basic ${Buffer.from(settings.auth).toString('base64')}`,
    }),
  };
  return {
    send: async ({ method, route, query, body, signal }) => {
      const length = body === undefined ? undefined : Buffer.byteLength(body);
      const request: HttpRequest = {
        method,
        url: new URL(`${base}${route === '' ? '' : '/'}${route}${queryText(query)}`),
        headers:
          length === undefined
            ? common
            : { ...common, 'Content-Type': 'application/json', 'Content-Length': String(length) },
        insecure: settings.insecure,
        ...(body !== undefined && { body }),
        ...(cert !== undefined && { cert }),
        ...(key !== undefined && { key }),
        ...(signal && { signal }),
      };
      trace?.request(request);
      const reply = await sendRequest(request);
      trace?.reply(reply);
      return reply;
    },
  };
}
