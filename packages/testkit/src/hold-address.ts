import { createSocket, type Socket } from 'node:dgram';

/**
 * A UDP socket that shows the processes of this machine that something is taken; whatever becomes of who holds it, the
 * system gives it back, and it keeps no process alive. Undefined: somebody else has it.
 */
export function holdAddress(address: string, port: number): Promise<Socket | undefined> {
  return new Promise((done) => {
    const socket = createSocket('udp4').unref();
    socket.once('error', () => done(undefined));
    socket.bind({ address, port, exclusive: true }, () => done(socket));
  });
}
