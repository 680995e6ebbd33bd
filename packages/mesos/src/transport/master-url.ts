import type { MasterUrl } from './transport.ts';

export type Scheme = 'http' | 'https';

/** Where Mesos masters listen unless told otherwise. */
const DEFAULT_PORT = 5050;

/** A problem with an address, said as the end of a sentence; or the address. */
export type ParsedMaster =
  | { readonly kind: 'master'; readonly url: MasterUrl; readonly scheme: Scheme }
  | { readonly kind: 'problem'; readonly problem: string };

/** Reads `http://host:port`, `host:port` or `host` (port 5050). A scheme without a port means 80 or 443, as ever. */
export function parseMaster(text: string, defaultScheme: Scheme): ParsedMaster {
  const match = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/i.exec(text);
  const scheme = match?.[1]?.toLowerCase() ?? defaultScheme;
  const rest = match?.[2] ?? text;
  if (scheme !== 'http' && scheme !== 'https')
    return problem(`its scheme '${scheme}' is neither http nor https`);
  if (rest.includes('@')) return problem('it holds a user name or password: give them as credentials');
  const url = toUrl(`${scheme}://${rest}`);
  if (!url || url.hostname === '') return problem('it is no address such as http://host:5050');
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '')
    return problem('it has a path: leave out everything after the port');
  const port = match || hasPort(rest) ? '' : `:${DEFAULT_PORT}`;
  return { kind: 'master', url: `${url.origin}${port}`, scheme };
}

/**
 * The leader that a redirect of `master` names. Mesos writes `//host:port/master/api/v1/scheduler`; older ones and
 * proxies write it with a scheme or bare. Undefined when it names none, or would take credentials off TLS.
 */
export function leaderOf(location: string, master: MasterUrl): MasterUrl | undefined {
  const target = targetOf(location, master);
  return target !== undefined && leavesTls(target, master) ? undefined : target;
}

/** Why a redirect is not followed for which {@link leaderOf} is undefined: the end of a sentence about `master`. */
export function whyNotFollowed(location: string, master: MasterUrl): string {
  const target = targetOf(location, master);
  return target === undefined
    ? `it redirects to '${location}', which is no master to follow`
    : `it redirects from TLS to ${target}, where credentials could be read on their way; let the leader advertise TLS, or give http:// addresses if that is meant`;
}

/** `http://host:port` of parts, an IPv6 address in its brackets. Undefined when the host can't be one. */
export function masterUrl(scheme: Scheme, host: string, port: number): MasterUrl | undefined {
  return toUrl(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`)?.origin;
}

function targetOf(location: string, master: MasterUrl): MasterUrl | undefined {
  const absolute = absoluteLocation(location.trim(), master.startsWith('https:') ? 'https' : 'http');
  const url = absolute === undefined ? undefined : toUrl(absolute);
  if (!url || url.hostname === '' || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    return undefined;
  return url.origin;
}

function leavesTls(target: MasterUrl, master: MasterUrl): boolean {
  return master.startsWith('https:') && !target.startsWith('https:');
}

function absoluteLocation(location: string, scheme: Scheme): string | undefined {
  if (location.startsWith('//')) return `${scheme}:${location}`;
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(location)) return location;
  // A bare path names the host that redirects, which doesn't lead.
  return location === '' || location.startsWith('/') ? undefined : `${scheme}://${location}`;
}

function hasPort(rest: string): boolean {
  return /:\d+\/?$/.test(rest);
}

function toUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function problem(text: string): ParsedMaster {
  return { kind: 'problem', problem: text };
}
