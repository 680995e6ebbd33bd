import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { ownPort } from './own-port.ts';

it('a port is given to nobody else, in this process or in another one', async () => {
  const ports = [await ownPort(), await ownPort()];
  expect(new Set(ports).size).toBe(2);
  const program = `
    const socket = require('node:dgram').createSocket('udp4');
    socket.once('error', (error) => console.log(error.code));
    socket.bind({ address: '127.0.0.1', port: ${ports[0]}, exclusive: true }, () => socket.close());`;
  expect(execFileSync(process.execPath, ['-e', program], { encoding: 'utf8' })).toBe('EADDRINUSE\n');
});
