import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { NONCE_HEADER } from '@vibrissa/protocol';

const NONCE_BYTES = 32;
/** Of a connection that is made, until the proof is there. */
export const PROOF_MS = 1000;
/** An answer that is longer, with its head, is none. */
export const MAX_PROOF_BYTES = 1024;

/** What a runtime is asked on a new connection: any process may hold the port of one that starts or has died. */
export interface Challenge {
  /** A whole request, without anything secret. */
  readonly request: string;
  isMetBy(answer: { readonly status: number; readonly body: string }): boolean;
}

function proofIn(body: string): string | undefined {
  try {
    const { proof } = JSON.parse(body) as { readonly proof?: unknown };
    return typeof proof === 'string' ? proof : undefined;
  } catch {
    return undefined;
  }
}

/** Only the runtime that was started with the token can meet it, and only once: its nonce is new. */
export function challenge({
  host,
  port,
  token,
}: {
  readonly host: string;
  readonly port: number;
  readonly token: string;
}): Challenge {
  const nonce = randomBytes(NONCE_BYTES).toString('base64url');
  const head = `POST /prove HTTP/1.1\r\nHost: ${host}:${port}\r\n${NONCE_HEADER}: ${nonce}\r\n`;
  return {
    request: `${head}Content-Length: 0\r\n\r\n`,
    isMetBy({ status, body }) {
      const proof = status === 200 ? proofIn(body) : undefined;
      if (proof === undefined) return false;
      const expected = createHmac('sha256', token).update(`vibrissa-prove:${nonce}`).digest('base64url');
      const [given, wanted] = [Buffer.from(proof), Buffer.from(expected)];
      return given.length === wanted.length && timingSafeEqual(given, wanted);
    },
  };
}
