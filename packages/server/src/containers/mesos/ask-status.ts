import { TOKEN_HEADER } from '@vibrissa/protocol';

import type { Clock } from '../../base/clock.ts';
import { askRuntime, type RuntimeAddress } from './ask-runtime.ts';

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

/**
 * Asks a runtime of ours what it is doing; undefined when it doesn't say within two seconds, or nobody there proves to be
 * it: such a one isn't shown the token. Never rejects.
 */
export async function askStatus(address: RuntimeAddress, clock: Clock): Promise<RuntimeStatus | undefined> {
  const { host, port, token } = address;
  const request = `POST /status HTTP/1.1\r\nHost: ${host}:${port}\r\n${TOKEN_HEADER}: ${token}\r\nContent-Length: 0\r\n\r\n`;
  const answer = await askRuntime(address, { request, clock, patienceMs: PATIENCE_MS });
  return answer?.status === 200 ? read(answer.body) : undefined;
}
