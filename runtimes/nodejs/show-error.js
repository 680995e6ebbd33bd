'use strict';
/** What the logs say of an error of the action: its stack as its author knows it, and a hint where the network is missing. */
const os = require('node:os');
const path = require('node:path');

const RUNTIMES = path.dirname(__dirname) + path.sep;
const NETWORK_CODES = ['EAI_AGAIN', 'ENOTFOUND', 'ENETUNREACH', 'EHOSTUNREACH'];
const MAX_CAUSES = 20;

/** A stack without the runtime's own frames, and without those of Node on either side of them. */
function ownStack(stack) {
  const kept = [];
  let withinRuntime = false;
  for (const line of stack.split('\n')) {
    if (/^\s+at /.test(line) && line.includes(RUNTIMES)) {
      while (isNodes(kept.at(-1) ?? '')) kept.pop();
      withinRuntime = true;
    } else if (!withinRuntime || !isNodes(line)) {
      kept.push(line);
      withinRuntime = false;
    }
  }
  return kept.join('\n');
}

function isNodes(line) {
  return /^\s+at (.*\()?node:/.test(line);
}

/** The stacks of an error and of what caused it, in Node's order. */
function traceOf(error) {
  const traces = [];
  for (let one = error; one?.stack && traces.length < MAX_CAUSES; one = one.cause) {
    traces.push(`${traces.length === 0 ? '' : 'caused by: '}${ownStack(`${one.stack}`)}`);
  }
  return traces.join('\n');
}

function isNetworkError(error, depth = 0) {
  if (typeof error !== 'object' || error === null || depth > MAX_CAUSES) return false;
  if (NETWORK_CODES.includes(error.code)) return true;
  const several = Array.isArray(error.errors) ? error.errors : [];
  return [error.cause, ...several].some((one) => isNetworkError(one, depth + 1));
}

/** The line that says how to get the internet, after an error that only its absence explains. */
function networkHint(error) {
  if (!isNetworkError(error)) return undefined;
  const interfaces = Object.values(os.networkInterfaces()).flat();
  if (interfaces.some(({ internal }) => !internal)) return undefined;
  const name = (process.env.__OW_ACTION_NAME ?? '').split('/').slice(2).join('/') || 'NAME';
  return `This action has no internet access; grant it with: wsk action update ${name} -a internet true`;
}

module.exports = { ownStack, traceOf, networkHint };
