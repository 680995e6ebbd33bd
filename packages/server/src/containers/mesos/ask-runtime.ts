import { connect } from 'node:net';

import type { Clock } from '../../base/clock.ts';
import { challenge, MAX_PROOF_BYTES } from '../peer-proof.ts';

/** Of a runtime of ours, whose heads are all alike. */
const ANSWER =
  /^HTTP\/1\.1 (\d{3}) [^\r\n]*\r\n(?:[^\r\n]+\r\n)*?Content-Length: (\d{1,4})\r\n(?:[^\r\n]+\r\n)*\r\n/;

export interface RuntimeAddress {
  readonly host: string;
  readonly port: number;
  readonly token: string;
}

export interface ShortAnswer {
  readonly status: number;
  readonly body: string;
}

export interface Question {
  /** A whole request, for who has proven that it is the runtime. */
  readonly request?: string;
  readonly clock: Clock;
  /** For everything. */
  readonly patienceMs: number;
  /** Ends it early. */
  readonly signal?: AbortSignal;
}

/** Undefined as long as more has to come. */
function answerIn(text: string): ShortAnswer | undefined {
  const [head, status, length] = ANSWER.exec(text) ?? [];
  if (head === undefined || text.length < head.length + Number(length)) return undefined;
  return { status: Number(status), body: text.slice(head.length, head.length + Number(length)) };
}

/**
 * Lets who listens there prove that it is the runtime that has the token, and then, on the same connection, asks it.
 * Resolves with the last answer; with undefined when there is none, or it is no runtime of ours. Never rejects.
 */
export function askRuntime(address: RuntimeAddress, question: Question): Promise<ShortAnswer | undefined> {
  const { clock, patienceMs, signal } = question;
  const { host, port } = address;
  const { isMetBy, request } = challenge(address);
  return new Promise((resolve) => {
    const socket = connect({ host, port, noDelay: true });
    const giveUp = () => void socket.destroy();
    // After a turn that took long, what has come meanwhile is read only after the timers.
    const late = clock.after(patienceMs, () => void setImmediate(giveUp));
    signal?.addEventListener('abort', giveUp);
    if (signal?.aborted) giveUp();
    let text = '';
    let isProven = false;
    socket.setEncoding('latin1');
    socket.once('connect', () => socket.write(request));
    socket.on('data', (piece: string) => {
      text += piece;
      const answer = answerIn(text);
      if (text.length > MAX_PROOF_BYTES) return socket.destroy();
      if (answer === undefined) return undefined;
      if (!isProven && !isMetBy(answer)) return socket.destroy();
      if (isProven || question.request === undefined) {
        resolve(answer);
        return socket.destroy();
      }
      isProven = true;
      text = '';
      return socket.write(question.request);
    });
    socket.on('error', () => {});
    socket.once('end', () => socket.destroy());
    socket.once('close', () => {
      late.cancel();
      signal?.removeEventListener('abort', giveUp);
      resolve(undefined);
    });
  });
}
