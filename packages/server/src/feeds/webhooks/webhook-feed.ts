import { effectiveLimits, type JsonObject, type SystemLimits } from '@vibrissa/protocol';
import type { Clock } from '../../base/clock.ts';
import type { Ids } from '../../base/ids.ts';
import type { BuiltInAction } from '../../controller/invocation/built-in-action.ts';
import { feedAction } from '../feed-action.ts';
import type { FeedCall, FeedCallDeps } from '../feed-call.ts';
import { FeedError } from '../feed-error.ts';
import { activeSince, disabledSince, showStatus } from '../status.ts';
import { triggerKey } from '../trigger-key.ts';
import { readWebhookSettings, webhookParameters } from './read-webhook.ts';
import { noDeliveries, type Webhook } from './webhook.ts';
import type { Webhooks } from './webhooks.ts';

export interface WebhookFeedDeps extends FeedCallDeps {
  readonly webhooks: Pick<Webhooks, 'read' | 'create' | 'change' | 'delete'>;
  readonly limits: SystemLimits;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'key'>;
  /** Where the API is reached, without a slash at its end. */
  readonly apiUrl: string;
}

/** Where webhooks are served, before their tokens. */
export const HOOKS_PATH = '/api/v1/hooks/';

function owned(call: FeedCall, webhook: Webhook | undefined): Webhook {
  if (webhook && call.ownerUuids.includes(webhook.namespaceUuid)) return webhook;
  const { name, namespace } = call.trigger;
  throw new FeedError(`could not find a webhook of trigger /${namespace}/${name}`);
}

function show({ namespace, settings, status, tally, trigger }: Webhook, url: string): JsonObject {
  const { headers, perMinute, replayWindow, secret, signature } = settings;
  const { accepted, lastAccepted, lastRefused, refused } = tally;
  return {
    config: {
      name: trigger,
      namespace,
      url,
      signed: secret !== undefined,
      ...(secret !== undefined && { signature, replayWindow }),
      headers: [...headers],
      perMinute,
    },
    status: showStatus(status),
    deliveries: {
      accepted,
      refused,
      ...(lastAccepted !== undefined && { lastAccepted: new Date(lastAccepted).toISOString() }),
      ...(lastRefused && {
        lastRefused: { at: new Date(lastRefused.at).toISOString(), why: lastRefused.why },
      }),
    },
  };
}

/** The feed of `/whisk.system/webhooks`. */
export function webhookFeed(deps: WebhookFeedDeps): BuiltInAction {
  const { apiUrl, clock, ids, limits, webhooks } = deps;
  const urlOf = ({ token }: Webhook): string => `${apiUrl}${HOOKS_PATH}${token}`;
  const answer = (webhook: Webhook): JsonObject => ({ status: 'success', url: urlOf(webhook) });
  const change = async (call: FeedCall, change: (old: Webhook) => Webhook): Promise<JsonObject> =>
    answer(await webhooks.change(triggerKey(call.trigger), (old) => change(owned(call, old))));
  return feedAction('whisk.system/webhooks/webhook', deps, {
    CREATE: async (call) => {
      const { owner, params, trigger } = call;
      const fresh: Webhook = {
        namespace: trigger.namespace,
        trigger: trigger.name,
        namespaceUuid: owner.namespace.uuid,
        token: ids.key(),
        settings: readWebhookSettings(params),
        status: activeSince(clock.now()),
        tally: noDeliveries,
      };
      // An address that was given away stays: the senders know it.
      const make = (old: Webhook | undefined): Webhook =>
        old && call.ownerUuids.includes(old.namespaceUuid) ? { ...fresh, token: old.token } : fresh;
      const { maxWebhooks: max } = effectiveLimits(limits, owner.limits);
      const room = { max, noun: 'webhooks', flag: '--maxWebhooks' } as const;
      return answer(await webhooks.create(triggerKey(trigger), room, make));
    },
    READ: async (call) => {
      const webhook = owned(call, await webhooks.read(triggerKey(call.trigger)));
      return show(webhook, urlOf(webhook));
    },
    UPDATE: async (call) => {
      if (!webhookParameters.some((name) => Object.hasOwn(call.params, name))) {
        throw new FeedError(
          `no updatable parameters were specified: there are ${webhookParameters.join(', ')}`,
        );
      }
      return change(call, (old) => ({ ...old, settings: readWebhookSettings(call.params, old.settings) }));
    },
    DELETE: async (call) => {
      owned(call, await webhooks.read(triggerKey(call.trigger)));
      await webhooks.delete(triggerKey(call.trigger));
      return { status: 'success' };
    },
    PAUSE: (call) =>
      change(call, (old) => ({
        ...old,
        status: disabledSince(clock.now(), { kind: 'USER', message: 'Paused by its owner' }),
      })),
    UNPAUSE: (call) => change(call, (old) => ({ ...old, status: activeSince(clock.now()) })),
  });
}
