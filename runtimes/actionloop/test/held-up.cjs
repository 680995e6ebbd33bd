'use strict';
/**
 * Loaded into the runtime before its own code: it stands still whenever it has set a timer, until the processes that it
 * had started by then have ended and the timer is overdue, as on a machine that has much else to do.
 */
const childProcess = require('node:child_process');
const { readFileSync } = require('node:fs');

const started = [];
const { spawn } = childProcess;
childProcess.spawn = (...args) => {
  const child = spawn(...args);
  started.push(child.pid);
  return child;
};

function hasEnded(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));
const later = globalThis.setTimeout;
globalThis.setTimeout = (run, ms, ...args) => {
  const timer = later(run, ms, ...args);
  const overdueAt = performance.now() + ms + 1;
  const pids = started.splice(0);
  while (!pids.every(hasEnded) || performance.now() < overdueAt) Atomics.wait(sleeper, 0, 0, 1);
  return timer;
};
