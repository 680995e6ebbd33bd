import { closeSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

import { destination, pino, stdTimeFunctions } from 'pino';

import type { Logger } from '../base/logger.ts';

/** Where log lines go and from which severity on. */
export interface LogOptions {
  readonly level: string;
  /** A file; absent: standard error. */
  readonly file?: string | undefined;
}

/** The platform's log, and how to be sure that all of it was written. */
export interface OpenLog {
  readonly logger: Logger;
  flush(): void;
}

const KEEP_BELOW_BYTES = 16 * 1024 * 1024;
const STANDARD_ERROR = 2;

/** Fields that hold keys, wherever they stand: a log shows none. */
const secretFields = ['authkey', 'authorization', 'key', 'auth', 'password', 'guest'];
const secretPaths = secretFields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);

/** A log that has grown is put aside once, at a start: two files of bounded age, and nothing to configure. */
function putAside(file: string): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > KEEP_BELOW_BYTES) renameSync(file, `${file}.1`);
}

/** Opens the log: pino's JSON lines, written asynchronously. Throws when the file can't be written. */
export function openLog({ level, file }: LogOptions): OpenLog {
  if (file !== undefined) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    putAside(file);
    closeSync(openSync(file, 'a', 0o600));
  }
  const stream = destination({ dest: file ?? STANDARD_ERROR, sync: false });
  // A log that can't be written (full disk, closed pipe) must not end the platform.
  stream.on('error', () => {});
  const logger = pino(
    {
      level,
      base: { pid: process.pid },
      formatters: { level: (label) => ({ level: label }) },
      timestamp: stdTimeFunctions.isoTime,
      redact: { paths: secretPaths, censor: '********' },
    },
    stream,
  );
  return {
    logger,
    flush: () => {
      try {
        stream.flushSync();
      } catch {
        // Not open yet, or gone: there is nothing more to be said, and nowhere to say it.
      }
    },
  };
}
