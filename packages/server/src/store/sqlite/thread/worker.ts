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

let opened: StoreThread | undefined;

/** Opened when it is first needed and not before, so that a failure is the answer to a call. */
function thread(): StoreThread {
  opened ??= new StoreThread({ data: workerData as ThreadData, clock: systemClock, logger });
  return opened;
}

function answer({ id, name, args }: Request): void {
  try {
    const call = thread().calls[name] as (...given: readonly unknown[]) => unknown;
    send({ type: 'answer', id, value: call(...args) });
  } catch (error) {
    send({ type: 'error', id, error: describe(error) });
  }
}

function wake(): void {
  try {
    thread().wake();
  } catch (error) {
    logger.error({ err: String(error) }, 'the store thread could not be opened');
  }
}

port.on('message', (request: Request | 'wake') => {
  if (request === 'wake') wake();
  else answer(request);
});
