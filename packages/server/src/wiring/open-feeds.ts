import type { SystemLimits } from '@vibrissa/protocol';
import type { BuiltInAction } from '../controller/invocation/built-in-action.ts';
import type { Firing } from '../controller/invocation/firing.ts';
import type { RuleWrites } from '../controller/rules/rule-writes.ts';
import type { TriggerWrites } from '../controller/triggers/trigger-writes.ts';
import { alarmFeeds } from '../feeds/alarms/alarm-feeds.ts';
import { Alarms } from '../feeds/alarms/alarms.ts';
import { Deliveries } from '../feeds/webhooks/deliver.ts';
import { webhookFeed } from '../feeds/webhooks/webhook-feed.ts';
import { Webhooks } from '../feeds/webhooks/webhooks.ts';
import { apiUrlOf } from './api-url.ts';
import type { Foundation } from './foundation.ts';
import type { OpenStores } from './open-stores.ts';

interface FeedsDeps extends Foundation {
  readonly stores: Pick<OpenStores, 'artifacts' | 'auth'>;
  readonly limits: SystemLimits;
  readonly fires: Firing;
  readonly triggers: Pick<TriggerWrites, 'delete'>;
  readonly rules: Pick<RuleWrites, 'delete'>;
}

/** What the platform's own feeds consist of. */
export interface OpenFeeds {
  /** To be registered as actions. */
  readonly actions: readonly BuiltInAction[];
  readonly deliveries: Deliveries;
  /** From here on alarms go off. */
  start(): Promise<void>;
  /** Nothing fires any more; resolves when what is under way has ended. */
  close(): Promise<void>;
}

/** The feeds of alarms and webhooks, and what fires for them. */
export function openFeeds(deps: FeedsDeps): OpenFeeds {
  const { clock, config, fires, ids, limits, metrics, rules, stores, trails, triggers } = deps;
  const { artifacts, auth } = stores;
  const logger = deps.logger.child({ component: 'feeds' });
  const common = { artifacts, auth, clock, fires, ids, limits, logger, metrics, trails };
  const alarms = Alarms.open({ ...common, rules, triggers });
  const webhooks = Webhooks.open(common);
  const deliveries = Deliveries.open({ ...common, webhooks });
  const apiUrl = apiUrlOf(config, { here: '127.0.0.1', port: config.http.port });
  return {
    actions: [...alarmFeeds({ ...common, alarms }), webhookFeed({ ...common, webhooks, apiUrl })],
    deliveries,
    start: () => alarms.start(),
    close: async () => {
      await alarms.close();
      await webhooks.close();
    },
  };
}
