// Ports of loopback that are free for TCP and UDP, so that every instance can know all seeds before it starts.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

async function hold() {
  const server = createServer();
  await new Promise((resolve) => server.listen({ host: '127.0.0.1', port: 0, exclusive: true }, resolve));
  const { port } = server.address();
  const udp = createSocket('udp4');
  try {
    await new Promise((resolve, reject) => {
      udp.once('error', reject);
      udp.bind({ address: '127.0.0.1', port, exclusive: true }, resolve);
    });
    return { port, server, udp };
  } catch (error) {
    if (error.code !== 'EADDRINUSE') throw error;
    server.close();
    return hold();
  }
}

/** All are held until the last one is found, so that no two are the same. */
export async function freePorts(count) {
  const held = [];
  while (held.length < count) held.push(await hold());
  for (const { server, udp } of held) {
    server.close();
    udp.close();
  }
  return held.map(({ port }) => port);
}
