import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { listen } from '../listen.js';

/** Stands for the place where the assistant publishes its chains: `/echo.api/NAME-chain.pem` of a directory. */
export function serveCertificates(directory, host) {
  const server = createServer((request, response) => {
    const name = /^\/echo\.api\/(\w+-chain\.pem)$/.exec(request.url)?.[1];
    const content =
      name === undefined ? Promise.reject(new Error('no chain')) : readFile(join(directory, name));
    content.then(
      (pem) => response.writeHead(200, { 'content-type': 'application/x-pem-file' }).end(pem),
      () => response.writeHead(404).end(),
    );
  });
  return listen(server, { host });
}
