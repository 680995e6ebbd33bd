import { parentPort, workerData } from 'node:worker_threads';

import { systemClock } from '../../../base/clock.ts';
import type { Logger } from '../../../base/logger.ts';
import { DataDirectoryError } from '../data-directory-error.ts';
import type { FromThread, Request, ThreadData } from './calls.ts';
import { StoreThread } from './store-thread.ts';

const port = parentPort!;

function send(message: FromThread): void {
  port.postMessage(message);
}

function log(level: 'info' | 'warn' | 'error') {
  return (fields: object, message: string) => send({ type: 'log', level, fields, message });
}

// The main thread writes the log; debug lines would cost it more than they are worth.
const logger: Logger = {
  debug() {},
  info: log('info'),
  warn: log('warn'),
  error: log('error'),
  child: () => logger,
};

/** An error as it travels between threads, which know no classes. */
function describe(error: unknown): object {
  const { name, message, code } = error as Error & { code?: unknown };
  return error instanceof DataDirectoryError
    ? { name, message, code, mend: error.mend }
    : { name, message, code: typeof code === 'string' ? code : undefined };
}

let thread: StoreThread | undefined;

port.on('message', (request: Request | 'wake') => {
  if (request === 'wake') return thread?.wake();
  const { id, name, args } = request;
  try {
    // Opened by the first call and not before, so that a failure is that call's answer.
    thread ??= new StoreThread({ data: workerData as ThreadData, clock: systemClock, logger });
    const call = thread.calls[name] as (...args: readonly unknown[]) => unknown;
    send({ type: 'answer', id, value: call(...args) });
  } catch (error) {
    send({ type: 'error', id, error: describe(error) });
  }
});
