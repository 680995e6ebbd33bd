'use strict';
/**
 * What a promise was rejected with, as JSON: errors keep name, message, stack and their own members, cycles are cut.
 * Kept like that of the package `serialize-error`, with which OpenWhisk's Node runtime answers.
 */

const { ownStack } = require('./show-error.js');

const MAX_DEPTH = 100;

function serializeError(reason) {
  // `reject()` says that something failed, and nothing about it
  if (!reason) return {};
  if (typeof reason === 'function') return `[Function: ${reason.name || 'anonymous'}]`;
  if (typeof reason !== 'object') return typeof reason === 'bigint' ? `${reason}` : reason;
  return copy(reason, []);
}

function copy(value, above) {
  const target = Array.isArray(value) ? [] : {};
  const path = [...above, value];
  for (const [key, member] of Object.entries(value)) {
    if (typeof member === 'function') continue;
    if (typeof member === 'bigint') target[key] = `${member}`;
    else if (typeof member !== 'object' || member === null) target[key] = member;
    else if (Buffer.isBuffer(member)) target[key] = '[object Buffer]';
    else if (path.includes(member) || path.length >= MAX_DEPTH) target[key] = '[Circular]';
    else target[key] = copy(member, path);
  }
  for (const key of ['name', 'message', 'stack', 'code']) {
    if (typeof value[key] === 'string') target[key] = value[key];
  }
  if (typeof target.stack === 'string') target.stack = ownStack(target.stack);
  // not enumerable where `new Error` has set it; without it `fetch failed` is all that is told
  const { cause } = value;
  if (cause instanceof Error && !path.includes(cause) && path.length < MAX_DEPTH) {
    target.cause = copy(cause, path);
  }
  return target;
}

module.exports = { serializeError };
