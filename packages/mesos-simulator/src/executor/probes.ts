import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';

import type { ProbeResult, ProbeSpec } from '../agent/messages.ts';
import type { Clock } from '../base/clock.ts';

/** As `curl` has it. */
const MAX_REDIRECTS = 50;

function get(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = send(url, {
      signal,
      agent: false,
      ...(send === httpsRequest ? { rejectUnauthorized: false } : {}),
    });
    request.once('response', resolve);
    request.once('error', reject);
    request.end();
  });
}

/** The status of a GET, redirects followed. */
export async function probeHttp(
  { http }: ProbeSpec,
  host: string,
  signal: AbortSignal,
): Promise<ProbeResult> {
  let url = new URL(`${http?.scheme ?? 'http'}://${host}:${http?.port ?? 80}${http?.path ?? '/'}`);
  for (let hop = 0; hop < MAX_REDIRECTS; hop++) {
    const response = await get(url, signal);
    response.destroy();
    const { statusCode = 0, headers } = response;
    if (statusCode < 300 || statusCode > 399 || headers.location === undefined) return { statusCode };
    url = new URL(headers.location, url);
  }
  return { error: 'too many redirects' };
}

/** Whether somebody listens. */
export function probeTcp({ tcp }: ProbeSpec, host: string, signal: AbortSignal): Promise<ProbeResult> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: tcp?.port ?? 0, signal });
    socket.once('connect', () => {
      socket.destroy();
      resolve({ connected: true });
    });
    socket.once('error', (error) => {
      if (signal.aborted) reject(error);
      else resolve({ connected: false });
    });
  });
}

/** Runs a probe with a limit of time; what goes wrong becomes its result. */
export async function withinTime(
  clock: Clock,
  timeoutMs: number,
  probe: (signal: AbortSignal) => Promise<ProbeResult>,
): Promise<ProbeResult> {
  const abort = new AbortController();
  const timer = clock.after(timeoutMs, () => abort.abort());
  try {
    return await probe(abort.signal);
  } catch (error) {
    if (abort.signal.aborted) return { error: 'timed out' };
    return { error: error instanceof Error ? error.message : String(error) };
  } finally {
    timer.cancel();
  }
}
