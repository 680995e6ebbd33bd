'use strict';
/**
 * The two log streams. Everything that user code prints is written before `write` returns, so that nothing of it is
 * missing or late when the sentinels are written: `process.stdout` and `process.stderr` become synchronous streams
 * (Node's own ones, on pipes, buffer what the reader hasn't taken and lose it at `process.exit`).
 */
const fs = require('node:fs');
const { Writable } = require('node:stream');

/** Ends the logs of one activation on each stream (OpenWhisk's container protocol). */
const SENTINEL = 'XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX';
const NEWLINE = 0x0a;
const FULL_PIPE_WAIT_MS = 1;

const unbind = Function.prototype.bind.bind(Function.prototype.call);
const { writeSync } = fs;
const { from } = Buffer;
const subarray = unbind(Buffer.prototype.subarray);
const { wait } = Atomics;

/** By descriptor: does the next byte begin a line? */
const atLineStart = [true, true, true];
let sleeper;

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
  log(fd, from(atLineStart[fd] ? line : `\n${line}`, 'latin1'));
}

/** Bytes that a process of the action has printed. */
function log(fd, bytes) {
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
  writeSync(1, from(''));
}

module.exports = { openLogs, endLogs, log, logError, rehearseLogs };
