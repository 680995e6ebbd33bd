import { RequestError } from '../../http/request-error.ts';
import type { Entitlement } from './entitlement.ts';

/** Throws what the client gets when it may not. */
export function requireAllowed(entitlement: Entitlement): void {
  if (!entitlement.allowed) throw new RequestError(entitlement.status, entitlement.message);
}
