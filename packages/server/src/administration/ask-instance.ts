import { request as requestInClear } from 'node:http';
import { request as requestByTls } from 'node:https';

import type { Clock } from '../base/clock.ts';
import type { AdminReply } from './ask-admin.ts';

/** For the whole answer: an address at which nobody is may swallow everything in silence. */
const TIMEOUT_MS = 5000;
const MAX_BYTES = 16 * 1024 * 1024;

export interface InstanceQuestion {
  readonly clock: Clock;
  /** Sent as a bearer token. */
  readonly token?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** GET from an admin listener at an address. Rejects after 5 s at the latest, with an error of the network or a sentence. */
export function askInstance(url: URL, { clock, signal, token }: InstanceQuestion): Promise<AdminReply> {
  const request = url.protocol === 'https:' ? requestByTls : requestInClear;
  const headers = {
    Accept: 'application/json',
    ...(token !== undefined && { Authorization: `Bearer ${token}` }),
  };
  return new Promise<AdminReply>((resolve, reject) => {
    let why = 'it ended the connection in the middle of its answer';
    const giveUp = (reason: string): void => {
      why = reason;
      call.destroy(new Error(reason));
    };
    const call = request(url, { headers, agent: false, ...(signal && { signal }) }, (response) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      response.on('data', (part: Buffer) => {
        parts.push(part);
        bytes += part.length;
        if (bytes > MAX_BYTES) giveUp('its answer is too long for a report');
      });
      // The end of the call, which follows, says more.
      response.on('error', () => {});
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') });
      });
    });
    const limit = clock.after(TIMEOUT_MS, () => giveUp('it did not answer within 5 s'));
    call.on('error', reject);
    call.on('close', () => {
      limit.cancel();
      // Has no effect on what was answered or has failed already.
      reject(new Error(why));
    });
    call.end();
  });
}
