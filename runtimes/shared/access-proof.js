'use strict';
/**
 * Proves to who connects that this is the container and not another process that got hold of its port, before it shows
 * the access token. Loaded only where there is one: `node:crypto` costs a cold start some milliseconds.
 */
const { createHmac } = require('node:crypto');

const unbind = Function.prototype.bind.bind(Function.prototype.call);
const probe = createHmac('sha256', '');
const update = unbind(probe.update);
const digest = unbind(probe.digest);

/** Answers a function that makes the answer, JSON, to a nonce. */
function openProver(token) {
  return (nonce) =>
    `{"proof":"${digest(update(createHmac('sha256', token), `vibrissa-prove:${nonce}`), 'base64url')}"}`;
}

module.exports = { openProver };
