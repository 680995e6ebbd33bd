import type { ParsedOptions } from '../command/parsed-options.ts';
import { CliError } from '../cli-error.ts';
import type { Properties } from './properties-file.ts';

export const DEFAULT_API_VERSION = 'v1';
export const DEFAULT_NAMESPACE = '_';

/** What is needed to talk to a platform: flags before properties before defaults. */
export interface Settings {
  readonly apiHost?: string;
  readonly auth?: string;
  readonly apiVersion: string;
  readonly namespace: string;
  readonly cert?: string;
  readonly key?: string;
  readonly insecure: boolean;
  /** What an API gateway asks for, where it is not the platform's own. */
  readonly apiGatewayToken?: string;
  readonly apiGatewayTenant?: string;
}

/** An option's value, else the property's; an empty one counts as absent. */
function pick(option: string | undefined, property: string | undefined): string | undefined {
  return option || property || undefined;
}

export function readSettings(options: ParsedOptions, properties: Properties): Settings {
  const apiHost = pick(options.text('apihost'), properties.get('APIHOST'));
  const auth = pick(options.text('auth'), properties.get('AUTH'));
  const cert = pick(options.text('cert'), properties.get('CERT'));
  const key = pick(options.text('key'), properties.get('KEY'));
  const token = pick(undefined, properties.get('APIGW_ACCESS_TOKEN'));
  const tenant = pick(undefined, properties.get('APIGW_TENANT_ID'));
  return {
    ...(apiHost !== undefined && { apiHost }),
    ...(auth !== undefined && { auth }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    apiVersion: pick(options.text('apiversion'), properties.get('APIVERSION')) ?? DEFAULT_API_VERSION,
    namespace: pick(undefined, properties.get('NAMESPACE')) ?? DEFAULT_NAMESPACE,
    insecure: options.flag('insecure'),
    ...(token !== undefined && { apiGatewayToken: token }),
    ...(tenant !== undefined && { apiGatewayTenant: tenant }),
  };
}

/** A host without a scheme means https. Throws where no URL comes of it. */
export function baseUrl(host: string): URL {
  const written = /^[a-z][a-z0-9+.-]*:\/\//i.test(host) ? host : `https://${host}`;
  const url = URL.canParse(written) ? new URL(written) : undefined;
  if (url && (url.protocol === 'http:' || url.protocol === 'https:') && url.hostname !== '') return url;
  throw new CliError(`The API host is not valid: '${host}'`, {
    hints: ['It looks like http://127.0.0.1:3233 or whisk.example.org: wsk property set --apihost HOST'],
  });
}

/** `scheme://host[:port][/path]` without a slash at the end. */
export function baseUrlText(host: string): string {
  return baseUrl(host).href.replace(/\/+$/, '');
}

/** Throws, with the exact next command, where no host is known. */
export function requireApiHost(settings: Settings): string {
  if (settings.apiHost !== undefined) return settings.apiHost;
  throw new CliError('An API host must be provided.', {
    usage: true,
    hints: [
      'For the platform that `npm start` runs on this machine:',
      '  wsk property set --apihost http://127.0.0.1:3233',
      'For a single command: --apihost http://127.0.0.1:3233',
    ],
  });
}

/** As platforms make them; OpenWhisk takes others too, so that this is no condition. */
const usualKey = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}:[^:]+$/i;

function formProblem(auth: string): string | undefined {
  if (auth === '') return 'it is empty';
  if (/[\s\p{Cc}]/u.test(auth)) return 'it has white space or a control character in it';
  const colon = auth.indexOf(':');
  if (colon === -1) return 'it has no colon';
  if (colon === 0) return 'nothing stands before its colon';
  return colon === auth.length - 1 ? 'nothing stands behind its colon' : undefined;
}

/**
 * Throws where a text can be no authorization key. Gives a sentence of doubt where it has another form than keys have that a
 * platform makes. The text itself is not told: it may be another secret.
 */
export function checkAuth(auth: string): string | undefined {
  const problem = formProblem(auth);
  if (problem === undefined) {
    return usualKey.test(auth)
      ? undefined
      : 'This key is no UUID:KEY, as platforms make them: is it the right one?';
  }
  throw new CliError(`The authorization key is not valid: ${problem}.`, {
    hints: [
      'A key looks like UUID:KEY, in one word, as in the file auth.guest of the data directory of the platform:',
      '  wsk property set --auth "$(cat DATA_DIRECTORY/auth.guest)"',
    ],
  });
}

/** Throws, with the exact next command, where no key is known. */
export function requireAuth(settings: Settings): string {
  if (settings.auth !== undefined) return settings.auth;
  throw new CliError('The authorization key is not configured.', {
    usage: true,
    hints: [
      'The platform writes the key of its namespace `guest` to the file auth.guest of its data directory,',
      'and prints the whole command when it starts:',
      '  wsk property set --auth "$(cat DATA_DIRECTORY/auth.guest)"',
      'For a single command: --auth UUID:KEY',
    ],
  });
}
