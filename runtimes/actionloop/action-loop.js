'use strict';
/**
 * The ActionLoop protocol: a process that stays. It reads one JSON line a call on its standard input and writes one
 * JSON line a result to descriptor 3; what it prints elsewhere is logs.
 */
const { spawn } = require('node:child_process');
const { logError } = require('../shared/logs.js');

const NEWLINE = 0x0a;
/** A process that doesn't acknowledge is taken to have started when it lives this long. */
const START_GRACE_MS = 20;
const MAX_LINE_BYTES = 48 * 1024 * 1024;
const CANNOT_START = 'Cannot start action. Check logs for details.';

class ActionLoop {
  #child;
  /** Takes the next line, or undefined when the process has ended. */
  #waiting;
  #ended = false;
  #chunks = [];
  #bytes = 0;

  constructor({ file, root, environment, acknowledges }) {
    const env = { ...environment };
    if (acknowledges) Object.assign(env, { OW_WAIT_FOR_ACK: '1', __OW_WAIT_FOR_ACK: '1' });
    this.#child = spawn(file, [], { cwd: root, env, stdio: ['pipe', 'inherit', 'inherit', 'pipe'] });
    this.#child.on('error', (error) => this.#end(error));
    this.#child.on('exit', () => this.#end());
    // it may end between two lines; its exit says so
    this.#child.stdin.on('error', () => {});
    this.#child.stdio[3].on('data', (chunk) => this.#receive(chunk));
    this.#child.stdio[3].on('error', () => {});
  }

  /** The next line, or undefined when the process has ended. */
  nextLine() {
    if (this.#ended) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  /** Resolves false when the process ends within the grace. */
  survivesStart() {
    return new Promise((resolve) => {
      // a runtime that was held up hears of timers first, and of an end that came before them a turn later
      const timer = setTimeout(() => setImmediate(() => resolve(!this.#ended)), START_GRACE_MS);
      this.#child.once('exit', () => {
        clearTimeout(timer);
        resolve(false);
      });
      this.#child.once('error', () => resolve(false));
    });
  }

  hasEnded() {
    return this.#ended;
  }

  async run(message) {
    if (this.#ended) return { status: 500, text: '{"error":"command exited"}' };
    const answer = this.nextLine();
    this.#child.stdin.write(`${JSON.stringify(message)}\n`);
    const line = await answer;
    if (line === undefined) return { status: 400, text: '{"error":"command exited"}' };
    if (isObjectOrArray(line)) return { status: 200, text: line };
    return { status: 502, text: '{"error":"The action did not return a dictionary or array."}' };
  }

  #receive(chunk) {
    let rest = chunk;
    for (let at = rest.indexOf(NEWLINE); at !== -1; at = rest.indexOf(NEWLINE)) {
      this.#chunks.push(rest.subarray(0, at));
      const line = Buffer.concat(this.#chunks).toString('utf8');
      this.#chunks = [];
      this.#bytes = 0;
      this.#deliver(line);
      rest = rest.subarray(at + 1);
    }
    if (rest.length === 0) return;
    this.#chunks.push(rest);
    this.#bytes += rest.length;
    if (this.#bytes > MAX_LINE_BYTES) this.#break('The action wrote a result without an end.');
  }

  #deliver(line) {
    const take = this.#waiting;
    this.#waiting = undefined;
    // a second answer would be taken for that of the next call
    if (take === undefined) this.#break('The action wrote a result that nothing waited for.');
    else take(line);
  }

  #break(reason) {
    if (this.#ended) return;
    logError(reason);
    this.#child.kill('SIGKILL');
    this.#end();
  }

  #end(error) {
    if (this.#ended) return;
    this.#ended = true;
    if (error !== undefined) logError(error.message);
    this.#waiting?.(undefined);
    this.#waiting = undefined;
  }
}

function isObjectOrArray(line) {
  try {
    const value = JSON.parse(line);
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}

/** Starts the process. Rejects with an error that has the client's `answer` when it doesn't stay. */
async function openActionLoop(start) {
  const loop = new ActionLoop(start);
  const started = start.acknowledges ? isAck(await loop.nextLine()) : await loop.survivesStart();
  if (started) return loop;
  const error = new Error('The action did not start.');
  error.stack = error.message;
  throw Object.assign(error, { answer: CANNOT_START });
}

function isAck(line) {
  try {
    return JSON.parse(line ?? 'null')?.ok === true;
  } catch {
    return false;
  }
}

module.exports = { openActionLoop };
