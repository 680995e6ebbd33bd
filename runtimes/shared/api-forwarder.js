'use strict';
/**
 * A sandbox without a network reaches the platform's API through here: what connects to the loopback address in
 * `__OW_API_HOST` is piped to the platform's Unix socket.
 */
const net = require('node:net');

/** Resolves once connections are taken, or can't be (which is logged: actions that don't call the API still work). */
function forwardApi({ apiSocket, apiHost }, logError) {
  const address = /^https?:\/\/(127\.0\.0\.1):(\d+)/.exec(apiHost ?? '');
  if (address === null) return Promise.resolve();
  return new Promise((resolve) => {
    const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (inbound) => {
      const outbound = net.connect({ path: apiSocket, allowHalfOpen: true });
      join(inbound, outbound);
      join(outbound, inbound);
    });
    server.on('error', (error) => {
      logError(`The platform's API can't be reached from this container: ${error.message}`);
      resolve();
    });
    server.listen({ host: address[1], port: Number(address[2]) }, resolve);
    server.unref();
  });
}

function join(from, to) {
  from.pipe(to);
  from.on('error', () => to.destroy());
  from.on('close', () => {
    if (!from.readableEnded) to.destroy();
  });
}

module.exports = { forwardApi };
