import { request } from 'node:http';

import { TOKEN_HEADER } from '@vibrissa/protocol';

import type { Clock } from '../../base/clock.ts';

/** What a runtime of ours says of itself. */
export interface RuntimeStatus {
  readonly initialised: boolean;
  /** Runs and inits in flight. */
  readonly running: number;
}

const PATIENCE_MS = 2000;

function read(text: string): RuntimeStatus | undefined {
  try {
    const { initialised, running } = JSON.parse(text) as { readonly [Name in keyof RuntimeStatus]?: unknown };
    return typeof initialised === 'boolean' && typeof running === 'number'
      ? { initialised, running }
      : undefined;
  } catch {
    return undefined;
  }
}

/** Asks a runtime of ours what it is doing; undefined when it doesn't say within two seconds. Never rejects. */
export function askStatus(
  address: { readonly host: string; readonly port: number; readonly token: string },
  clock: Clock,
): Promise<RuntimeStatus | undefined> {
  const { host, port, token } = address;
  return new Promise((resolve) => {
    const headers = { [TOKEN_HEADER]: token, 'Content-Length': 0 };
    const call = request({ host, port, method: 'POST', path: '/status', headers, agent: false }, (reply) => {
      let text = '';
      reply.setEncoding('utf8');
      reply.on('data', (piece: string) => (text += piece));
      reply.on('error', () => {});
      reply.on('end', () => resolve(reply.statusCode === 200 ? read(text) : undefined));
    });
    const late = clock.after(PATIENCE_MS, () => call.destroy());
    call.on('error', () => {});
    call.on('close', () => {
      late.cancel();
      resolve(undefined);
    });
    call.end();
  });
}
