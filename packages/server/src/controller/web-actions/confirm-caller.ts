import { timingSafeEqual } from 'node:crypto';

import type { Json } from '@vibrissa/protocol';

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/**
 * May this caller run a web action that is annotated `require-whisk-auth`? A text or number has to be in the header
 * `X-Require-Whisk-Auth`, `true` asks for valid credentials, and what is none of these lets nobody in.
 */
export function confirmCaller(
  required: Json | undefined,
  caller: { readonly secret: string | string[] | undefined; readonly hasCredentials: boolean },
): boolean {
  if (required === undefined) return true;
  if (required === true) return caller.hasCredentials;
  if (typeof required !== 'string' && typeof required !== 'number') return false;
  return typeof caller.secret === 'string' && isSame(caller.secret, String(required));
}
