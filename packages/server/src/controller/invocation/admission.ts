import { errorTexts, type NamespaceLimits, type SystemLimits } from '@vibrissa/protocol';
import type { InvokeOutcome } from './invoke-outcome.ts';
import { definesFinal, type Payload, type PreparedParameters } from './merge-parameters.ts';

export type Refusal = Extract<InvokeOutcome, { outcome: 'refused' }>;

/** What OpenWhisk's bus allows a message beyond the largest payload. */
const MESSAGE_OVERHEAD_BYTES = 6068;

export const unavailable: Refusal = { outcome: 'refused', status: 503, message: errorTexts.unavailable };

/** The largest arguments of a namespace, in bytes. */
export function payloadLimit(system: SystemLimits, namespace: NamespaceLimits): number {
  const own = namespace.maxPayloadSize;
  return own === undefined || own > system.payloadMaxBytes ? system.payloadMaxBytes : own;
}

/** The bytes of a text in UTF-8 when they are more than allowed; otherwise undefined. Most texts need no counting. */
function bytesAbove(text: string, allowed: number): number | undefined {
  // No UTF-16 unit takes more than three bytes.
  if (text.length * 3 <= allowed) return undefined;
  const bytes = Buffer.byteLength(text);
  return bytes > allowed ? bytes : undefined;
}

/** Why a request with this payload is refused, if it is. */
export function refusePayload(
  prepared: PreparedParameters,
  payload: Payload | undefined,
  allowedBytes: number,
): Refusal | undefined {
  if (!payload) return undefined;
  const tooLarge = bytesAbove(payload.json, allowedBytes);
  if (tooLarge !== undefined) {
    return { outcome: 'refused', status: 413, message: errorTexts.payloadTooLarge(tooLarge, allowedBytes) };
  }
  if (definesFinal(prepared, payload)) {
    return { outcome: 'refused', status: 400, message: errorTexts.reservedParameters };
  }
  return undefined;
}

/** Why the effective arguments, bound parameters included, can't be carried, if they can't. */
export function refuseContent(content: string | undefined, allowedBytes: number): Refusal | undefined {
  if (content === undefined) return undefined;
  if (bytesAbove(content, allowedBytes + MESSAGE_OVERHEAD_BYTES) === undefined) return undefined;
  return { outcome: 'refused', status: 413, message: errorTexts.contentTooLarge };
}
