import { errorTexts } from '@vibrissa/protocol';
import { allowed, refused, type Entitlement } from './entitlement.ts';

/** One more is allowed while fewer than the limit are in flight. */
export function checkConcurrency(inFlight: number, limit: number): Entitlement {
  return inFlight < limit ? allowed : refused(429, errorTexts.tooManyConcurrent(inFlight, limit));
}
