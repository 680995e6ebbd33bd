import type { Clock, Timer } from '../../base/clock.ts';
import type { ActivationLogs } from './collect-logs.ts';

/** How long to wait for the end of logs. */
export interface LogPatience {
  /** Nothing came for so long. */
  readonly idleMs: number;
  /** All in all. */
  readonly overallMs: number;
}

/** After a developer error nobody waits for sentinels, only for what is on its way. */
const DEVELOPER_ERROR_PATIENCE: LogPatience = { idleMs: 50, overallMs: 1000 };

const MEBIBYTE = 1024 * 1024;

/** OpenWhisk's patience: 2 s without a line, or twice max(5, limit in MB) seconds. */
export function logPatience(limitBytes: number, developerError: boolean): LogPatience {
  if (developerError) return DEVELOPER_ERROR_PATIENCE;
  return { idleMs: 2000, overallMs: Math.max(5, limitBytes / MEBIBYTE) * 2000 };
}

/** One for all who wait in a turn: what they write next goes into the same batch. */
let turn: Promise<void> | undefined;

/** Lets everything that has already come in be read: logs and answer come by different sockets. */
export function nextTurn(): Promise<void> {
  return (turn ??= new Promise((resolve) => {
    setImmediate(() => {
      turn = undefined;
      resolve();
    });
  }));
}

/** Waits until the logs are complete; false when patience ended first. */
export function awaitLogs(clock: Clock, logs: ActivationLogs, patience: LogPatience): Promise<boolean> {
  return new Promise((resolve) => {
    let idle: Timer;
    let pieces = 0;
    const finish = (complete: boolean) => {
      logs.onProgress = undefined;
      idle.cancel();
      overall.cancel();
      resolve(complete);
    };
    // After a turn that took long, what has come meanwhile is read only after the timers.
    const overall = clock.after(patience.overallMs, () => void nextTurn().then(() => finish(false)));
    const wait = () => {
      const heard = pieces;
      idle = clock.after(patience.idleMs, () => {
        void nextTurn().then(() => heard === pieces && finish(false));
      });
    };
    wait();
    logs.onProgress = () => {
      pieces += 1;
      if (logs.isComplete) return finish(true);
      idle.cancel();
      wait();
    };
  });
}
