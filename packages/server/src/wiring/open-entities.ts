import { ActionCache } from '../controller/invocation/action-cache.ts';
import { PackageCache } from '../controller/packages/package-cache.ts';
import { PackageWrites } from '../controller/packages/package-writes.ts';
import { RuleWrites } from '../controller/rules/rule-writes.ts';
import { TriggerWrites } from '../controller/triggers/trigger-writes.ts';
import type { Foundation } from './foundation.ts';
import type { OpenStores } from './open-stores.ts';

/** Users' entities: what is known of them in memory, and who writes those that take turns. */
export interface OpenEntities {
  readonly packages: PackageCache;
  readonly packageWrites: PackageWrites;
  readonly actions: ActionCache;
  readonly triggers: TriggerWrites;
  readonly rules: RuleWrites;
}

export function openEntities({
  clock,
  metrics,
  stores,
}: Pick<Foundation, 'clock' | 'metrics'> & { readonly stores: Pick<OpenStores, 'artifacts'> }): OpenEntities {
  const { artifacts } = stores;
  const packages = PackageCache.open({ artifacts });
  const actions = ActionCache.open({ artifacts, packages, metrics });
  const triggers = TriggerWrites.open({ artifacts, clock });
  const rules = RuleWrites.open({ artifacts, actions, triggers, clock });
  return { packages, packageWrites: PackageWrites.open(), actions, triggers, rules };
}
