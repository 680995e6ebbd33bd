import { Value } from 'typebox/value';

import { answerSchema, type Answer, type Operation } from './operation.ts';
import { ADMINISTRATION_PATH } from './administration-path.ts';
import { askAdmin } from './ask-admin.ts';

function parse(text: string): Answer {
  const value: unknown = JSON.parse(text);
  if (Value.Check(answerSchema, value)) return value;
  const { error } = value as { error?: unknown };
  throw new Error(typeof error === 'string' ? error : 'The platform gave an answer that is none.');
}

/** Sends an operation to the platform behind the admin socket; undefined when none listens there. */
export async function askPlatform(socketPath: string, operation: Operation): Promise<Answer | undefined> {
  const reply = await askAdmin(socketPath, { path: ADMINISTRATION_PATH, body: operation });
  return reply && parse(reply.text);
}
