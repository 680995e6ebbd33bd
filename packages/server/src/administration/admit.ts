import { isSameSecret } from '../base/is-same-secret.ts';
import { RequestError } from '../http/request-error.ts';
import type { Call } from '../http/route.ts';

/**
 * Throws 401 unless the caller shows the administrators' token (`Authorization: Bearer …`). Without a token everybody
 * may: the listener is a socket that only its owner may open.
 */
export function admit({ headers }: Call, token: string | undefined): void {
  if (token === undefined) return;
  if (!isSameSecret(headers.authorization ?? '', `Bearer ${token}`)) {
    throw new RequestError(
      401,
      'The administration needs the token of <data-dir>/admin.token as a bearer token.',
    );
  }
}
