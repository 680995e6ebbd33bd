import { createHash } from 'node:crypto';

/** Of one namespace; beyond it the oldest are forgotten. */
const MAX_REMEMBERED = 100_000;

/** A message as its sender names it, and the webhook it came to. */
interface Message {
  readonly namespace: string;
  readonly trigger: string;
  readonly messageId: string;
}

/** Senders choose how long their ids are. */
function digestOf({ trigger, messageId }: Message): string {
  return createHash('sha256').update(`${trigger}/${messageId}`).digest('base64');
}

/**
 * Messages that were accepted, for as long as they could come again. Each namespace has room of its own: whoever sends
 * many to itself makes nobody else's forgotten.
 */
export class SeenMessages {
  /** Until when each is remembered, by namespace and digest; the oldest first. */
  readonly #until = new Map<string, Map<string, number>>();

  /** False when it was seen before; else it is remembered until `untilMs`. Epoch milliseconds. */
  take(message: Message, nowMs: number, untilMs: number): boolean {
    const seen = this.#until.get(message.namespace) ?? new Map<string, number>();
    const digest = digestOf(message);
    if ((seen.get(digest) ?? Number.NEGATIVE_INFINITY) >= nowMs) return false;
    seen.delete(digest);
    seen.set(digest, untilMs);
    this.#until.set(message.namespace, seen);
    for (const [oldest, until] of seen) {
      if (until >= nowMs && seen.size <= MAX_REMEMBERED) break;
      seen.delete(oldest);
    }
    return true;
  }

  forget(message: Message): void {
    const seen = this.#until.get(message.namespace);
    seen?.delete(digestOf(message));
    if (seen?.size === 0) this.#until.delete(message.namespace);
  }
}
