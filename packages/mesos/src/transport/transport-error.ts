import type { Socket } from 'node:net';

import type { MasterUrl } from './transport.ts';

/** No master answers at an address, or the connection to it broke. `code` as Node or the HTTP client name it: `ECONNREFUSED`, … */
export class MasterUnreachable extends Error {
  override readonly name = 'MasterUnreachable';
  readonly master: MasterUrl;
  readonly code: string;

  constructor(master: MasterUrl, cause: unknown, isKnown = false) {
    const code = codeOf(cause);
    super(explain(master, { code, cause, isKnown }), { cause });
    this.master = master;
    this.code = code;
  }
}

/** What answers at an address is no Mesos master, or one that speaks broken HTTP, RecordIO or JSON. */
export class NotAMaster extends Error {
  override readonly name = 'NotAMaster';
  readonly master: MasterUrl;

  /** Without a cause: parsers quote what was sent, and some servers send back the request with its credentials. */
  constructor(master: MasterUrl, problem: string) {
    super(`${master} doesn't speak as a Mesos master does: ${problem}.`);
    this.master = master;
  }
}

/** `code` of a connection that took longer than `connectTimeoutMs`. */
export const CONNECT_TIMEOUT = 'CONNECT_TIMEOUT';

/** What a server did that began an answer and never came to its end, or never began one. */
export function neverAnswered(): Error {
  return Object.assign(new Error('no answer came'), { code: 'UND_ERR_HEADERS_TIMEOUT' });
}

/**
 * What a broken exchange was: no connection, or one to something that is no HTTP server. `isKnown`: a master has answered
 * there before, so that its address is right.
 */
export function brokenExchange(
  master: MasterUrl,
  cause: Error,
  isKnown = false,
): MasterUnreachable | NotAMaster {
  const isAlien = cause.name === 'HTTPParserError' || codeOf(cause) === 'UND_ERR_HEADERS_OVERFLOW';
  if (!isAlien) return new MasterUnreachable(master, cause, isKnown);
  const hint =
    master.startsWith('http:') && !isKnown ? ' (if it speaks TLS, its address begins with https://)' : '';
  return new NotAMaster(master, `its answer is no HTTP${hint}`);
}

const sentences: Readonly<Record<string, (master: MasterUrl) => string>> = {
  ECONNREFUSED: (master) => `Nothing listens at ${master}: is the address right, and does the master run?`,
  ENOTFOUND: (master) =>
    `The name in ${master} doesn't exist: is it spelt right, and does this machine's DNS know it?`,
  EAI_AGAIN: (master) => `The name in ${master} can't be resolved now: no DNS server answers.`,
  EHOSTUNREACH: (master) => `There is no route to ${master}.`,
  ENETUNREACH: (master) => `There is no route to ${master}.`,
  EPROTO: (master) =>
    `${master} doesn't speak TLS, or asks for a client certificate: if it has no TLS, its address begins with http://.`,
  ERR_SSL_WRONG_VERSION_NUMBER: (master) => `${master} doesn't speak TLS: its address begins with http://.`,
  ERR_TLS_CERT_ALTNAME_INVALID: (master) =>
    `The certificate of ${master} is for another name: give that one as tls.servername.`,
  UND_ERR_HEADERS_TIMEOUT: (master) => `${master} took the request and never answered.`,
  UND_ERR_BODY_TIMEOUT: (master) => `${master} stopped in the middle of an answer.`,
  ECONNRESET: (master) => `${master} closed the connection.`,
  EPIPE: (master) => `${master} closed the connection.`,
};

function explain(
  master: MasterUrl,
  { code, cause, isKnown }: { code: string; cause: unknown; isKnown: boolean },
): string {
  const sentence = sentences[code];
  if (sentence) return sentence(master);
  if (code === 'UND_ERR_SOCKET') return explainClosed(master, cause as ClosedSocket, isKnown);
  if (/CERT|ISSUER|SIGNATURE/.test(code))
    return `The certificate of ${master} is not trusted (${code}): give the CA that signed it as tls.ca.`;
  const why = cause instanceof Error && cause.message !== '' ? cause.message : code;
  return `No connection to ${master}: ${why}`;
}

/** What undici says of a socket that was closed; known by its code, for undici is not loaded for it. */
interface ClosedSocket {
  readonly socket?: Pick<Socket, 'bytesRead'> | null;
}

function explainClosed(master: MasterUrl, { socket }: ClosedSocket, isKnown: boolean): string {
  const mayBeTls = !isKnown && master.startsWith('http:') && socket?.bytesRead === 0;
  const hint = mayBeTls ? ' without an answer: if it speaks TLS, its address begins with https://' : '';
  return `${master} closed the connection${hint}.`;
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'UNKNOWN';
}
