import { connect } from 'node:net';

import type { Clock } from '../../base/clock.ts';
import { askRuntime } from './ask-runtime.ts';

/** From attempt to attempt: a tenth of the time that has passed, within these, so that little is added to any start. */
const SHORTEST_RETRY_MS = 3;
const LONGEST_RETRY_MS = 50;
const ATTEMPT_MS = 2000;

export interface Listening {
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** A connection that stays open so long has found a listener; 0: any has. Docker's proxy takes all of them. */
  readonly settleMs: number;
  /** Of a runtime of ours: whoever else takes connections there is not meant, whatever it says. */
  readonly token?: string;
}

/**
 * The agent's launcher takes connections a moment before its runtime does: the question waits there, or is asked anew.
 */
async function proves(listening: Listening & { readonly token: string }): Promise<boolean> {
  const { clock, signal } = listening;
  return (await askRuntime(listening, { clock, signal, patienceMs: ATTEMPT_MS })) !== undefined;
}

function connects({ host, port, clock, settleMs }: Listening): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const late = clock.after(ATTEMPT_MS, () => socket.destroy());
    let settled: { cancel(): void } | undefined;
    const found = (): void => {
      resolve(true);
      socket.destroy();
    };
    socket.once('connect', () => {
      if (settleMs === 0) found();
      else settled = clock.after(settleMs, found);
    });
    // One that is closed from the other side must be read to be noticed.
    socket.resume();
    socket.on('error', () => {});
    socket.once('end', () => socket.destroy());
    socket.once('close', () => {
      late.cancel();
      settled?.cancel();
      resolve(false);
    });
  });
}

/** Resolves when somebody takes connections there, with a token: when its runtime does. Rejects with the signal's reason. */
export async function awaitListening(listening: Listening): Promise<void> {
  const { clock, signal, token } = listening;
  const isThere = () => (token === undefined ? connects(listening) : proves({ ...listening, token }));
  const beganMs = clock.monotonicMs();
  while (!(await isThere())) {
    signal.throwIfAborted();
    const tenthMs = (clock.monotonicMs() - beganMs) / 10;
    await clock.sleep(Math.min(Math.max(tenthMs, SHORTEST_RETRY_MS), LONGEST_RETRY_MS));
  }
  signal.throwIfAborted();
}
