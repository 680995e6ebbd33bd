/** Connects to the platform's API, which is on another machine. */
import { connect, isIP, type Socket } from 'node:net';

/** TLS is loaded only where it is needed: that takes some milliseconds and megabytes. */
export async function apiDialer(api: URL, ca: string | undefined): Promise<() => Socket> {
  const host = api.hostname.replace(/^\[|\]$/g, '');
  const isSecure = api.protocol === 'https:';
  const port = Number(api.port || (isSecure ? 443 : 80));
  if (!isSecure) return () => connect({ host, port, allowHalfOpen: true, noDelay: true });
  const tls = await import('node:tls');
  const name = isIP(host) === 0 ? { servername: host } : {};
  const trusted = ca === undefined ? {} : { ca };
  const options = { host, port, allowHalfOpen: true, ALPNProtocols: ['http/1.1'], ...name, ...trusted };
  return () => tls.connect(options);
}
