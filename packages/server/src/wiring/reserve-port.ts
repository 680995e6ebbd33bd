import { createServer, type AddressInfo } from 'node:net';

/** A port that could be listened on a moment ago, or the system's code for why not. */
export type Reservation =
  { readonly ok: true; readonly port: number } | { readonly ok: false; readonly code: string };

/** Tries to listen, and lets go again. For port 0 it tells which free port the system chose. */
export function tryToListen(host: string, port: number): Promise<Reservation> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) =>
      resolve({ ok: false, code: error.code ?? error.message }),
    );
    probe.listen({ host, port, exclusive: true }, () => {
      const { port: chosen } = probe.address() as AddressInfo;
      probe.close(() => resolve({ ok: true, port: chosen }));
    });
  });
}
