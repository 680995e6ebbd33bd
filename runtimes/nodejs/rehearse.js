'use strict';
/**
 * A rehearsal in a container that waits for its action: the first request would run code that was never run, and pay
 * for its compilation, which is more than half of what it takes. It reaches neither user code nor logs nor a client.
 */
const { Duplex } = require('node:stream');
const { attach } = require('../shared/http-server.js');
const { exportInitEnvironment } = require('../shared/environment.js');
const { rehearseLogs } = require('../shared/logs.js');
const { loadText } = require('./load-action.js');

const REQUEST =
  'POST /init HTTP/1.1\r\nContent-Type: application/json\r\nX-Vibrissa-Sentinel: 0\r\nX-Vibrissa-Token: 0\r\nContent-Length: 2\r\n\r\n{}';

function rehearse() {
  const client = new Duplex({ read() {}, write: (_bytes, _encoding, done) => done() });
  const onRequest = async (exchange) => {
    JSON.parse(exchange.body);
    exportInitEnvironment({}, {});
    await loadText({ main: 'main', code: 'function main() {}' });
    rehearseLogs();
    exchange.reply(200, '{"OK":true}');
    client.destroy();
  };
  attach(client, onRequest, { token: '0' });
  client.push(Buffer.from(REQUEST));
}

module.exports = { rehearse };
