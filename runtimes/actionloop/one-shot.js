'use strict';
/**
 * One process for each call, as OpenWhisk's skeleton runs executables: the arguments as JSON in the first argument and
 * on standard input, the activation in `__OW_*`, the result in the last line of standard output, all else logs.
 */
const { spawn } = require('node:child_process');
const { runEnvironmentExporter } = require('../shared/environment.js');
const { log, logError } = require('../shared/logs.js');

/** Linux takes no longer argument; arguments beyond are on standard input only, as the skeleton does it. */
const MAX_ARGUMENT_BYTES = 131_071;
const MAX_RESULT_BYTES = 48 * 1024 * 1024;
const NEWLINE = 0x0a;
/** What a process left behind in the background may hold the streams open: waited for no longer than this. */
const STREAMS_GRACE_MS = 100;
const NOT_A_DICTIONARY = '{"error":"The action did not return a dictionary or array."}';

function openOneShot({ file, root, environment }) {
  return { run: (message) => runOnce({ file, root, env: runEnvironment(environment, message) }, message) };
}

function runEnvironment(environment, message) {
  const env = { ...environment };
  runEnvironmentExporter(env)(message);
  return env;
}

async function runOnce({ file, root, env }, message) {
  const input = JSON.stringify(message.value ?? {});
  const args = Buffer.byteLength(input) > MAX_ARGUMENT_BYTES ? [] : [input];
  const child = spawn(file, args, { cwd: root, env, stdio: ['pipe', 'pipe', 'pipe'] });
  // it need not read its input
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const lastLine = new LastLine();
  child.stdout.on('data', (chunk) => lastLine.take(chunk));
  child.stderr.on('data', (chunk) => log(2, chunk));
  const failure = await ended(child);
  if (failure !== undefined) {
    logError(failure.message);
    return { status: 502, text: NOT_A_DICTIONARY };
  }
  return resultOf(lastLine.text());
}

/** Resolves with the error that kept the process from starting, or with nothing once it has ended. */
function ended(child) {
  return new Promise((resolve) => {
    child.once('error', resolve);
    child.once('close', () => resolve(undefined));
    child.once('exit', () => {
      setTimeout(() => resolve(undefined), STREAMS_GRACE_MS).unref();
    });
  });
}

function resultOf(line) {
  try {
    const value = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return { status: 200, text: line };
  } catch {
    // a log line like the others, then
  }
  if (line !== '') logError(line);
  return { status: 502, text: NOT_A_DICTIONARY };
}

/** Passes on all lines as they come but the last. */
class LastLine {
  #chunks = [];
  #bytes = 0;

  take(chunk) {
    // a newline at the very end may be followed by nothing: its line may be the last
    const lineStart = chunk.length < 2 ? 0 : chunk.lastIndexOf(NEWLINE, chunk.length - 2) + 1;
    if (lineStart > 0 || this.#endsLine() || this.#bytes > MAX_RESULT_BYTES) this.#passOn();
    if (lineStart > 0) log(1, chunk.subarray(0, lineStart));
    this.#chunks.push(chunk.subarray(lineStart));
    this.#bytes += chunk.length - lineStart;
  }

  text() {
    return Buffer.concat(this.#chunks).toString('utf8').trim();
  }

  #passOn() {
    for (const chunk of this.#chunks) log(1, chunk);
    this.#chunks = [];
    this.#bytes = 0;
  }

  #endsLine() {
    const last = this.#chunks.at(-1);
    return last !== undefined && last[last.length - 1] === NEWLINE;
  }
}

module.exports = { openOneShot };
