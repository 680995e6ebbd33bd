import type { HttpAnswer } from '../http/answer.ts';
import { authenticate } from '../simulator/credentials.ts';
import type { MarathonOptions } from './marathon-options.ts';
import { failure } from './rest/replies.ts';

const challenge = ['WWW-Authenticate', 'Basic realm="Mesosphere"'] as const;

/** Undefined: whoever sends this header may pass. */
export function refusal(
  { credentials, token }: Pick<MarathonOptions, 'credentials' | 'token'>,
  header: string | undefined,
): HttpAnswer | undefined {
  if (credentials === undefined && token === undefined) return undefined;
  if (token !== undefined && header === `token=${token}`) return undefined;
  const users = new Map(Object.entries(credentials ?? {}));
  if (users.size > 0 && authenticate(users, header).kind === 'principal') return undefined;
  return unauthorized();
}

export function unauthorized(): HttpAnswer {
  const answer = failure(401, 'Invalid username or password.');
  return { ...answer, headers: [challenge, ...answer.headers] };
}
