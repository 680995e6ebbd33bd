'use strict';
/**
 * What the container's maker tells a runtime through its environment. Taken once and removed, so that user code
 * neither sees nor steers it.
 */

const PRIVATE_NAMES = [
  '__OW_LISTEN_FD',
  '__OW_LISTEN_SOCKET',
  '__OW_PORT',
  '__OW_API_SOCKET',
  '__OW_ACTION_DIR',
];

function takeSettings() {
  const { env } = process;
  const settings = {
    listenFd: env.__OW_LISTEN_FD,
    listenSocket: env.__OW_LISTEN_SOCKET,
    port: env.__OW_PORT,
    apiSocket: env.__OW_API_SOCKET,
    apiHost: env.__OW_API_HOST,
    actionDirectory: env.__OW_ACTION_DIR,
    concurrent: env.__OW_ALLOW_CONCURRENT?.toLowerCase() === 'true',
  };
  for (const name of PRIVATE_NAMES) delete env[name];
  return settings;
}

module.exports = { takeSettings };
