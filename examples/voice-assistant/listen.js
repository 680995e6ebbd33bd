import { once } from 'node:events';

/** A server on an address and any free port (or the one that is named), and a way to end it. */
export async function listen(server, { host, port = 0 }) {
  server.listen(port, host);
  await once(server, 'listening');
  const taken = server.address().port;
  return {
    port: taken,
    url: `http://${host}:${taken}`,
    close: () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      return closed;
    },
  };
}
