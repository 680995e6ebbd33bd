import type { CataloguePackage } from './catalogue-definition.ts';

/**
 * RFC 6455 as far as one message needs it: the handshake, one masked text frame, and a close. The server's own close, or
 * the end of its connection, shows that it has read so far; one that does neither is waited for a little and left alone.
 */
const sendCode = `const crypto = require('node:crypto');
const HANDSHAKE_MS = 20000;
const CLOSE_MS = 5000;
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const TEXT = 0x81;
const CLOSE = 0x88;

function frame(head, body) {
  const { length } = body;
  const size = Buffer.alloc(length < 126 ? 1 : length < 65536 ? 3 : 9);
  size[0] = 0x80 | (length < 126 ? length : length < 65536 ? 126 : 127);
  if (size.length === 3) size.writeUInt16BE(length, 1);
  if (size.length === 9) size.writeBigUInt64BE(BigInt(length), 1);
  const mask = crypto.randomBytes(4);
  return Buffer.concat([Buffer.from([head]), size, mask, body.map((byte, index) => byte ^ mask[index % 4])]);
}

function shakeHands(url) {
  const key = crypto.randomBytes(16).toString('base64');
  const accept = crypto.createHash('sha1').update(key + GUID).digest('base64');
  const { request } = require(url.protocol === 'wss:' ? 'node:https' : 'node:http');
  const address = new URL(url.href.replace(/^ws/, 'http'));
  const headers = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': key };
  return new Promise((resolve, reject) => {
    const handshake = request(address, { headers, agent: false });
    const late = new Error('it did not agree to a websocket within ' + HANDSHAKE_MS / 1000 + ' seconds');
    const timer = setTimeout(() => handshake.destroy(late), HANDSHAKE_MS);
    handshake.once('close', () => clearTimeout(timer));
    handshake.on('error', reject);
    handshake.once('response', (response) => {
      reject(new Error('it answered ' + response.statusCode + ', and not 101: it serves no websocket there'));
      handshake.destroy();
    });
    handshake.once('upgrade', (response, socket) => {
      clearTimeout(timer);
      if (response.headers['sec-websocket-accept'] === accept) return resolve(socket);
      socket.destroy();
      reject(new Error('its Sec-WebSocket-Accept is wrong: it serves no websocket there'));
    });
    handshake.end();
  });
}

function send(socket, text) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(), CLOSE_MS);
    socket.once('error', reject);
    socket.once('end', () => socket.end());
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    // What the server says is not asked for, but unread it would hold up the end.
    socket.resume();
    socket.write(frame(TEXT, Buffer.from(text)));
    socket.write(frame(CLOSE, Buffer.from([0x03, 0xe8])));
  });
}

function urlOf(uri) {
  const url = typeof uri === 'string' && URL.canParse(uri) ? new URL(uri) : undefined;
  return url && (url.protocol === 'ws:' || url.protocol === 'wss:') ? url : undefined;
}

async function main({ uri, payload }) {
  const isGiven = (value) => value !== undefined && value !== null && value !== '';
  if (!isGiven(uri)) return { error: 'You must specify a uri parameter.' };
  if (!isGiven(payload)) return { error: 'You must specify a payload parameter.' };
  const url = urlOf(uri);
  if (!url) return { error: 'websocket: "uri" must be an address such as wss://example.com/socket.' };
  try {
    await send(await shakeHands(url), typeof payload === 'string' ? payload : JSON.stringify(payload));
  } catch (error) {
    return { error: 'websocket: ' + url.host + ' did not get the message: ' + (error.message || error.code || error) };
  }
  return { payload };
}
`;

const uri = {
  name: 'uri',
  required: true,
  type: 'string',
  description: 'The address of the websocket server, with ws: or wss:',
} as const;

/** `/whisk.system/websocket`: messages to servers of websockets. */
export const websocketPackage: CataloguePackage = {
  name: 'websocket',
  description: 'Utilities for communicating with WebSockets',
  documented: [uri],
  actions: [
    {
      name: 'send',
      description: 'Send a message to a WebSocket; needs the internet',
      annotations: [{ key: 'internet', value: true }],
      documented: [
        uri,
        { name: 'payload', required: true, description: 'The message; what is no text is sent as JSON' },
      ],
      sampleInput: { uri: 'ws://MyAwesomeService.com/sweet/websocket', payload: 'Hi there, WebSocket!' },
      sampleOutput: { payload: 'Hi there, WebSocket!' },
      code: sendCode,
    },
  ],
};
