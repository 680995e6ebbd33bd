import type { Config } from '../config/schema.ts';

const everywhere = new Set(['0.0.0.0', '::']);

/** Where the API is reached, unless the settings say it; `here` is this machine where the API listens on all its addresses. */
export interface ApiPlace {
  readonly port: number;
  readonly here: string;
}

/** The URL of the API, without a slash at its end. */
export function apiUrlOf({ http }: Config, { here, port }: ApiPlace): string {
  const scheme = http.tls.cert === undefined ? 'http' : 'https';
  if (http.apiHost !== undefined) {
    const url = /^https?:/.test(http.apiHost) ? http.apiHost : `${scheme}://${http.apiHost}`;
    return url.replace(/\/+$/, '');
  }
  const host = everywhere.has(http.host) ? here : http.host;
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
