/** Listening Unix sockets that are made here and handed to a sandbox, which is all that holds them afterwards. */
import { renameSync } from 'node:fs';
import { createServer, type Server } from 'node:net';

/**
 * A listening socket under its final name. libuv unlinks the name that it bound when it closes its end, so the socket
 * is bound under another name and renamed: the path stays when only the sandbox holds the socket.
 */
export function listenUnder(name: string): Promise<Server> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path: `${name}.new`, backlog: 511 }, () => {
      renameSync(`${name}.new`, name);
      resolve(server);
    });
  });
}

/** Node has no public name for a server's descriptor. */
export function listeningFd(server: Server): number {
  const fd = (server as { readonly _handle?: { readonly fd?: number } })._handle?.fd;
  if (fd === undefined || fd < 0) throw new Error('this Node hides the descriptor of a listening socket');
  return fd;
}
