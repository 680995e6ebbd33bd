import { createHash, timingSafeEqual } from 'node:crypto';

import { RequestError } from '../http/request-error.ts';
import type { Call } from '../http/route.ts';

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/**
 * Throws 401 unless the caller shows the administrators' token (`Authorization: Bearer …`). Without a token everybody
 * may: the listener is a socket that only its owner may open.
 */
export function admit({ headers }: Call, token: string | undefined): void {
  if (token === undefined) return;
  if (!timingSafeEqual(digest(headers.authorization ?? ''), digest(`Bearer ${token}`))) {
    throw new RequestError(
      401,
      'The administration needs the token of <data-dir>/admin.token as a bearer token.',
    );
  }
}
