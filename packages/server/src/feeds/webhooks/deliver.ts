import type { IncomingHttpHeaders } from 'node:http';

import type { Counter, Metrics } from '../../base/metrics.ts';
import type { RequestContext } from '../../base/request-context.ts';
import type { Clock } from '../../base/clock.ts';
import { RateLimit } from '../../controller/entitlement/rate-limit.ts';
import type { FireOutcome, Firing } from '../../controller/invocation/firing.ts';
import type { Payload } from '../../controller/invocation/merge-parameters.ts';
import { RequestError } from '../../http/request-error.ts';
import type { AuthStore } from '../../store/auth-store.ts';
import { ownerOf } from '../owner-of.ts';
import { triggerKey } from '../trigger-key.ts';
import { readDelivery } from './read-delivery.ts';
import { verifySignature } from './verify-signature.ts';
import type { Webhook } from './webhook.ts';
import type { Webhooks } from './webhooks.ts';

/** A request to a webhook's address. */
export interface Delivery {
  readonly token: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What the sender is told. */
export interface DeliveryAnswer {
  readonly status: 202 | 400 | 401 | 404 | 413 | 415 | 429 | 503;
  /** Of the trigger; absent when no rule is active, or when it was fired before. */
  readonly activationId?: string;
  /** Why it is refused. */
  readonly error?: string;
}

export interface DeliveriesDeps {
  readonly webhooks: Pick<Webhooks, 'byToken' | 'count' | 'take' | 'giveBack'>;
  readonly auth: Pick<AuthStore, 'identityOf' | 'subjectsOf' | 'findIdentity'>;
  readonly fires: Firing;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

const TOKEN = /^[A-Za-z0-9]{64}$/;
const nowhere: DeliveryAnswer = { status: 404, error: 'There is no webhook at this address.' };

function answerOf(outcome: FireOutcome): DeliveryAnswer {
  switch (outcome.outcome) {
    case 'fired':
      return { status: 202, activationId: outcome.activationId };
    case 'idle':
      return { status: 202 };
    case 'missing':
      return { status: 404, error: 'The trigger of this webhook does not exist any more.' };
    case 'refused': {
      const { message: error, status } = outcome;
      return { status: status === 413 || status === 429 ? status : 503, error };
    }
  }
}

function selectHeaders(headers: IncomingHttpHeaders, { settings }: Webhook): IncomingHttpHeaders {
  return Object.fromEntries(
    settings.headers.filter((name) => Object.hasOwn(headers, name)).map((name) => [name, headers[name]]),
  );
}

/** Turns requests to webhooks' addresses into fires of their triggers. */
export class Deliveries {
  readonly #deps: DeliveriesDeps;
  readonly #rate: RateLimit;
  readonly #accepted: Counter;
  readonly #refused: Counter;
  readonly #unknown: Counter;

  private constructor(deps: DeliveriesDeps) {
    this.#deps = deps;
    this.#rate = new RateLimit(deps.clock);
    const counter = (outcome: string) => deps.metrics.counter('counter_webhooks_deliveries_total', outcome);
    this.#accepted = counter('accepted');
    this.#refused = counter('refused');
    this.#unknown = counter('unknown');
  }

  static open(deps: DeliveriesDeps): Deliveries {
    return new Deliveries(deps);
  }

  /** Rejects only when the store can't be read. */
  async deliver(ctx: RequestContext, delivery: Delivery): Promise<DeliveryAnswer> {
    const { webhooks } = this.#deps;
    const webhook = TOKEN.test(delivery.token) ? await webhooks.byToken(delivery.token) : undefined;
    if (!webhook) {
      this.#unknown.add();
      return nowhere;
    }
    const answer = await this.#admit(ctx, webhook, delivery);
    webhooks.count(webhook, answer.error);
    (answer.error === undefined ? this.#accepted : this.#refused).add();
    return answer;
  }

  async #admit(ctx: RequestContext, webhook: Webhook, delivery: Delivery): Promise<DeliveryAnswer> {
    const { clock, webhooks } = this.#deps;
    const { namespace, settings, status, trigger } = webhook;
    const count = this.#rate.count(triggerKey({ namespace, name: trigger }));
    if (count > settings.perMinute) {
      return { status: 429, error: `This webhook takes ${settings.perMinute} requests a minute.` };
    }
    if (!status.active) return { status: 404, error: 'This webhook is paused.' };
    const { body, headers } = delivery;
    const verdict = verifySignature(settings, { headers, body }, clock.now());
    if (!verdict.isRight) return { status: 401, error: verdict.why };
    const encoding = headers['content-encoding'];
    if (encoding !== undefined && encoding !== 'identity') {
      return { status: 415, error: 'Compressed bodies are not taken: send it without Content-Encoding.' };
    }
    const payload = read(delivery);
    if ('status' in payload) return payload;
    const { messageId } = verdict;
    if (messageId === undefined) return this.#fire(ctx, webhook, { delivery, payload });
    if (!webhooks.take(webhook, messageId)) return { status: 202 };
    try {
      const answer = await this.#fire(ctx, webhook, { delivery, payload });
      if (answer.status !== 202) webhooks.giveBack(webhook, messageId);
      return answer;
    } catch (error) {
      webhooks.giveBack(webhook, messageId);
      throw error;
    }
  }

  async #fire(
    ctx: RequestContext,
    webhook: Webhook,
    { delivery, payload }: { readonly delivery: Delivery; readonly payload: Payload },
  ): Promise<DeliveryAnswer> {
    const { namespace, trigger: name } = webhook;
    const identity = await ownerOf(this.#deps.auth, webhook);
    if (!identity) {
      return { status: 404, error: 'The owner of this webhook is gone or blocked.' };
    }
    const headers = selectHeaders(delivery.headers, webhook);
    return answerOf(
      await this.#deps.fires.fire(ctx, { identity, trigger: { namespace, name }, payload, headers }),
    );
  }
}

function read({ body, headers }: Delivery): Payload | DeliveryAnswer {
  try {
    return readDelivery(body, headers['content-type']);
  } catch (error) {
    if (error instanceof RequestError) return { status: 400, error: error.message };
    throw error;
  }
}
