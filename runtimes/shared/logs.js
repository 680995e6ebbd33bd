'use strict';
/**
 * The two log streams. Everything that user code prints is written before `write` returns, so that nothing of it is
 * missing or late when the sentinels are written: `process.stdout` and `process.stderr` become synchronous streams
 * (Node's own ones, on pipes, buffer what the reader hasn't taken and lose it at `process.exit`).
 *
 * With `stampLines` each line that this process writes begins with its time, where logs are read later from two files:
 * byte 0x1e, the nanoseconds since 1970 in 19 digits, a space. Sentinels have none.
 */
const fs = require('node:fs');
const { Writable } = require('node:stream');

/** Ends the logs of one activation on each stream (OpenWhisk's container protocol). */
const SENTINEL = 'XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX';
const NEWLINE = 0x0a;
const FULL_PIPE_WAIT_MS = 1;
const STAMP_BYTES = 21;
/** The clock may be off from the wall's by so much before it follows. */
const MAX_DRIFT_US = 20_000;

const unbind = Function.prototype.bind.bind(Function.prototype.call);
const { writeSync } = fs;
const { from, allocUnsafe } = Buffer;
const indexOf = unbind(Buffer.prototype.indexOf);
const copy = unbind(Buffer.prototype.copy);
const subarray = unbind(Buffer.prototype.subarray);
const { wait } = Atomics;
const { now } = Date;
const { hrtime } = process;
const { abs, floor } = Math;

/** By descriptor: does the next byte begin a line? */
const atLineStart = [true, true, true];
let sleeper;
let stamping = false;
/** Microseconds since 1970 when `hrtime` was 0. */
let originUs = 0;

/** Writes all of `bytes`, waiting for a slow reader. Throws when nobody reads any more. */
function writeAll(fd, bytes) {
  if (bytes.length === 0) return;
  let rest = bytes;
  while (rest.length > 0) {
    try {
      rest = subarray(rest, writeSync(fd, rest));
    } catch (error) {
      // a child process may have made the shared pipe non-blocking
      if (error.code !== 'EAGAIN') throw error;
      sleeper ??= new Int32Array(new SharedArrayBuffer(4));
      wait(sleeper, 0, 0, FULL_PIPE_WAIT_MS);
    }
  }
  atLineStart[fd] = bytes[bytes.length - 1] === NEWLINE;
}

function stampLines() {
  stamping = true;
}

/** In whole microseconds: a number holds no more digits. */
function stamp() {
  const time = hrtime();
  const uptimeUs = time[0] * 1e6 + floor(time[1] / 1e3);
  const wallUs = now() * 1e3;
  if (abs(wallUs - originUs - uptimeUs) > MAX_DRIFT_US) originUs = wallUs - uptimeUs;
  return from(`\x1e${originUs + uptimeUs}000 `, 'latin1');
}

/** The same bytes, with the time before each line that begins in them. */
function stamped(fd, bytes) {
  const { length } = bytes;
  if (length === 0) return bytes;
  let lines = atLineStart[fd] ? 1 : 0;
  const last = length - 1;
  for (let at = indexOf(bytes, NEWLINE); at !== -1 && at < last; at = indexOf(bytes, NEWLINE, at + 1))
    lines++;
  if (lines === 0) return bytes;
  const time = stamp();
  const result = allocUnsafe(length + lines * STAMP_BYTES);
  let to = atLineStart[fd] ? copy(time, result, 0) : 0;
  let start = 0;
  for (let at = indexOf(bytes, NEWLINE); at !== -1 && at < last; at = indexOf(bytes, NEWLINE, start)) {
    to += copy(bytes, result, to, start, at + 1);
    to += copy(time, result, to);
    start = at + 1;
  }
  copy(bytes, result, to, start);
  return result;
}

class LogStream extends Writable {
  _isStdio = true;
  _type = 'pipe';

  constructor(fd) {
    super({ decodeStrings: true });
    this.fd = fd;
  }

  _write(bytes, _encoding, done) {
    log(this.fd, bytes);
    done();
  }

  /** As Node's own: standard streams can't be closed. */
  destroy() {
    return this;
  }
}

/** Replaces `process.stdout` and `process.stderr`; each stream is made when first used. */
function openLogs() {
  defineStream('stdout', 1);
  defineStream('stderr', 2);
}

function defineStream(name, fd) {
  let stream;
  Object.defineProperty(process, name, {
    configurable: true,
    enumerable: true,
    get: () => (stream ??= new LogStream(fd)),
  });
}

/** Writes the sentinel, with the token if there is one, as a line of its own to both streams; `none`: the answer ends them. */
function endLogs(token) {
  if (token === 'none') return;
  const line = token === undefined ? `${SENTINEL}\n` : `${SENTINEL} ${token}\n`;
  endStream(1, line);
  endStream(2, line);
}

function endStream(fd, line) {
  write(fd, from(atLineStart[fd] ? line : `\n${line}`, 'latin1'));
}

/** Bytes that the action has printed. */
function log(fd, bytes) {
  write(fd, stamping ? stamped(fd, bytes) : bytes);
}

function write(fd, bytes) {
  try {
    writeAll(fd, bytes);
  } catch {
    // without a reader there is nobody to tell
  }
}

/** A message of the runtime itself, or of an error that nothing caught. */
function logError(text) {
  log(2, from(`${text}\n`, 'utf8'));
}

/** All that `endLogs` does but that it writes nothing. */
function rehearseLogs() {
  for (const fd of [1, 2]) log(fd, subarray(from('\n', 'latin1'), 1));
  if (stamping) stamped(1, from('\n\n', 'latin1'));
  writeSync(1, from(''));
}

module.exports = { openLogs, stampLines, endLogs, log, logError, rehearseLogs };
