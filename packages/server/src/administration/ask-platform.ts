import { request } from 'node:http';

import { Value } from 'typebox/value';

import { answerSchema, type Answer, type Operation } from './operation.ts';
import { ADMINISTRATION_PATH } from './administration-path.ts';

const TIMEOUT_MS = 10_000;

/** Errors that say that nobody listens on the socket. */
const nobody = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTDIR']);

function parse(text: string): Answer {
  const value: unknown = JSON.parse(text);
  if (Value.Check(answerSchema, value)) return value;
  const { error } = value as { error?: unknown };
  throw new Error(typeof error === 'string' ? error : 'The platform gave an answer that is none.');
}

/** Sends an operation to the platform behind the admin socket; undefined when none listens there. */
export function askPlatform(socketPath: string, operation: Operation): Promise<Answer | undefined> {
  const body = JSON.stringify(operation);
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
    const call = request(
      { socketPath, method: 'POST', path: ADMINISTRATION_PATH, headers, timeout: TIMEOUT_MS },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          try {
            resolve(parse(Buffer.concat(parts).toString('utf8')));
          } catch (error) {
            reject(error as Error);
          }
        });
      },
    );
    call.on('timeout', () => call.destroy(new Error('The platform did not answer within 10 s.')));
    call.on('error', (error: NodeJS.ErrnoException) => {
      if (nobody.has(error.code ?? '')) resolve(undefined);
      else reject(error);
    });
    call.end(body);
  });
}
