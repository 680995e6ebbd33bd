import type { Timer, Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { Turns } from '../../controller/entities/turns.ts';
import { requireRoom, type FeedRoom } from '../require-room.ts';
import { namespaceOfKey, triggerKey } from '../trigger-key.ts';
import { SeenMessages } from './seen-messages.ts';
import { WebhookStore, type WebhookArtifacts } from './webhook-store.ts';
import { addTallies, noDeliveries, type Webhook, type WebhookTally } from './webhook.ts';

export interface WebhooksDeps {
  readonly artifacts: WebhookArtifacts;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What came in is written this much later: a flood of requests is no flood of writes. */
const WRITE_AFTER_MS = 2000;

/** All webhooks of the platform, and what was sent to them. */
export class Webhooks {
  readonly #deps: WebhooksDeps;
  readonly #store: WebhookStore;
  readonly #turns = new Turns();
  readonly #unwritten = new Map<string, WebhookTally>();
  readonly #seen = new SeenMessages();
  #timer: Timer | undefined;

  private constructor(deps: WebhooksDeps) {
    this.#deps = deps;
    this.#store = new WebhookStore(deps.artifacts, deps.clock);
  }

  static open(deps: WebhooksDeps): Webhooks {
    return new Webhooks(deps);
  }

  /** Writes what is counted. */
  async close(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    await this.#write();
  }

  /** The webhook of an address. */
  byToken(token: string): Promise<Webhook | undefined> {
    return this.#store.byToken(token);
  }

  /** The webhook of a trigger, with all that came in so far. */
  async read(key: string): Promise<Webhook | undefined> {
    const webhook = (await this.#store.get(key))?.webhook;
    return webhook && this.#counted(key, webhook);
  }

  /** Writes what `change` makes of the webhook, and returns it; what it throws is thrown. */
  change(key: string, change: (old: Webhook | undefined) => Webhook): Promise<Webhook> {
    return this.#turns.alone(key, async () => {
      const found = await this.#store.get(key);
      const tally = this.#unwritten.get(key);
      const webhook = change(found && this.#counted(key, found.webhook));
      await this.#store.put(webhook, found?.revision);
      if (this.#unwritten.get(key) === tally) this.#unwritten.delete(key);
      return webhook;
    });
  }

  /** Like {@link change}, for a webhook that may be new. Throws {@link FeedError} when its namespace may have no more. */
  create(key: string, room: FeedRoom, make: (old: Webhook | undefined) => Webhook): Promise<Webhook> {
    const namespace = namespaceOfKey(key);
    // One after another, so that together they find no more room than there is.
    return this.#turns.alone(namespace, async () => {
      if (!(await this.#store.get(key))) {
        requireRoom(namespace, await this.#store.count(namespace), room);
      }
      return this.change(key, make);
    });
  }

  delete(key: string): Promise<void> {
    return this.#turns.alone(key, async () => {
      this.#unwritten.delete(key);
      await this.#store.delete(key);
    });
  }

  /** False when that message was taken before: it is not to be fired again. */
  take({ namespace, settings, trigger }: Webhook, messageId: string): boolean {
    const nowMs = this.#deps.clock.now();
    // A time stamp may lie in the future by as much as in the past.
    const untilMs = nowMs + 2 * settings.replayWindow * 1000;
    return this.#seen.take({ namespace, trigger, messageId }, nowMs, untilMs);
  }

  /** It was not fired after all: the sender may send it again. */
  giveBack({ namespace, trigger }: Webhook, messageId: string): void {
    this.#seen.forget({ namespace, trigger, messageId });
  }

  /** Counts one request; `refusedWhy` says why it was refused. */
  count({ namespace, trigger }: Webhook, refusedWhy: string | undefined): void {
    const key = triggerKey({ namespace, name: trigger });
    const at = this.#deps.clock.now();
    const one: WebhookTally =
      refusedWhy === undefined
        ? { accepted: 1, refused: 0, lastAccepted: at }
        : { accepted: 0, refused: 1, lastRefused: { at, why: refusedWhy } };
    this.#unwritten.set(key, addTallies(this.#unwritten.get(key) ?? noDeliveries, one));
    this.#timer ??= this.#deps.clock.after(WRITE_AFTER_MS, () => {
      this.#timer = undefined;
      void this.#write();
    });
  }

  #counted(key: string, webhook: Webhook): Webhook {
    const unwritten = this.#unwritten.get(key);
    return unwritten ? { ...webhook, tally: addTallies(webhook.tally, unwritten) } : webhook;
  }

  async #write(): Promise<void> {
    // As they are now: what comes in meanwhile waits for the next time.
    for (const key of Array.from(this.#unwritten.keys())) {
      try {
        await this.#turns.alone(key, () => this.#writeTally(key));
      } catch (error) {
        this.#deps.logger.warn({ err: error, webhook: key }, 'What came to a webhook could not be written');
      }
    }
  }

  async #writeTally(key: string): Promise<void> {
    const tally = this.#unwritten.get(key);
    const found = await this.#store.get(key);
    if (!tally) return;
    // Whatever comes in from here on is counted anew.
    this.#unwritten.delete(key);
    if (!found) return;
    const { revision, webhook } = found;
    await this.#store.put({ ...webhook, tally: addTallies(webhook.tally, tally) }, revision);
  }
}
