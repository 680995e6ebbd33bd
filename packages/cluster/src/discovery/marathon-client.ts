import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';

import { SeedError } from './seed-error.ts';

const MOST_BYTES = 16 * 1024 * 1024;

export interface MarathonAnswer {
  readonly status: number;
  readonly json: unknown;
}

export interface MarathonRequest {
  readonly url: URL;
  readonly authorization: string | undefined;
  /** Of who has signed the server's certificate. */
  readonly ca: string | Buffer | undefined;
  readonly signal: AbortSignal;
}

/** Asks one Marathon once. Rejects with a {@link SeedError} `SEEDS_UNREACHABLE` or `NOT_MARATHON`. */
export async function askMarathon({
  url,
  authorization,
  ca,
  signal,
}: MarathonRequest): Promise<MarathonAnswer> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const headers = {
      Accept: 'application/json',
      ...(authorization !== undefined && { Authorization: authorization }),
    };
    const common = { headers, signal, agent: false } as const;
    const asked =
      url.protocol === 'https:'
        ? httpsRequest(url, { ...common, ...(ca !== undefined && { ca }) }, resolve)
        : httpRequest(url, common, resolve);
    asked.once('error', reject).end();
  }).catch((cause: unknown) => {
    throw unreachable(url, cause);
  });
  const text = await readBody(response, url);
  const status = response.statusCode ?? 0;
  if (status >= 300 && status < 400) throw redirected(url, response.headers.location);
  return { status, json: parsed(text, url, status) };
}

async function readBody(response: IncomingMessage, url: URL): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const piece of response as AsyncIterable<Buffer>) {
      bytes += piece.length;
      if (bytes > MOST_BYTES) throw tooLarge(url);
      pieces.push(piece);
    }
  } catch (cause) {
    throw cause instanceof SeedError ? cause : unreachable(url, cause);
  } finally {
    response.destroy();
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** Of an error (a proxy's page) only the status counts. */
function parsed(text: string, url: URL, status: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    if (status === 401 || status === 403 || status >= 500) return undefined;
    throw notMarathon(url, `status ${status}, no JSON`);
  }
}

function tooLarge(url: URL): SeedError {
  return new SeedError('NOT_MARATHON', {
    what: `${url.origin} answers with more than ${MOST_BYTES} bytes.`,
    mend: 'Name one app, or a label that few apps have; and check that the URL is Marathon’s.',
  });
}

function redirected(url: URL, location: string | undefined): SeedError {
  // Not followed: credentials would go to wherever it says.
  let target = 'elsewhere';
  try {
    target = `to ${new URL(location ?? '', url).origin}`;
  } catch {
    // What it says is no address.
  }
  return new SeedError('NOT_MARATHON', {
    what: `${url.origin} sends the question ${target} instead of answering it.`,
    mend: 'Give the URL at which Marathon itself answers.',
  });
}

function unreachable(url: URL, cause: unknown): SeedError {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  const isDistrusted = /CERT|UNABLE_TO_/.test(code);
  return new SeedError('SEEDS_UNREACHABLE', {
    what: `Marathon at ${url.origin} can't be reached: ${message || code}.`,
    mend: isDistrusted
      ? 'Give `tls.ca`: the certificate, in PEM, of who has signed that of the server.'
      : 'Check its URL, that it runs, and that this machine can reach it; give several URLs where there are several.',
    cause,
  });
}

/** What answers there is something else. */
export function notMarathon(url: URL, answer: string): SeedError {
  return new SeedError('NOT_MARATHON', {
    what: `What answers at ${url.origin}${url.pathname} is not Marathon (${answer}).`,
    mend: 'Give Marathon’s own URL, such as http://marathon.mesos:8080 or https://dcos.example/service/marathon.',
  });
}
