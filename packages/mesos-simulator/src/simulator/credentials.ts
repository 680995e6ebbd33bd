import { timingSafeEqual } from 'node:crypto';

import { textAnswer } from '../http/answer.ts';

/** Secrets by principal; empty: nobody has to say who they are. */
export type Credentials = ReadonlyMap<string, string>;

export type Authenticated =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'principal'; readonly principal: string }
  | { readonly kind: 'refused' };

export const unauthorized = textAnswer(401, '401 Unauthorized.', [
  ['WWW-Authenticate', 'Basic realm="mesos-master-scheduler"'],
]);

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Reads an `Authorization` header. */
export function authenticate(credentials: Credentials, header: string | undefined): Authenticated {
  if (credentials.size === 0) return { kind: 'anonymous' };
  const [scheme, token = ''] = (header ?? '').split(' ');
  if (scheme?.toLowerCase() !== 'basic') return { kind: 'refused' };
  const text = Buffer.from(token, 'base64').toString();
  const colon = text.indexOf(':');
  const principal = text.slice(0, Math.max(0, colon));
  const secret = credentials.get(principal);
  return secret !== undefined && isSame(secret, text.slice(colon + 1))
    ? { kind: 'principal', principal }
    : { kind: 'refused' };
}
