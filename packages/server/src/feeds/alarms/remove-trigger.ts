import type { RuleWrites } from '../../controller/rules/rule-writes.ts';
import type { TriggerWrites } from '../../controller/triggers/trigger-writes.ts';
import { RequestError } from '../../http/request-error.ts';
import type { ArtifactStore } from '../../store/artifact-store.ts';
import type { Alarm } from './alarm.ts';

export interface RemoveTriggerDeps {
  readonly artifacts: Pick<ArtifactStore, 'get'>;
  readonly triggers: Pick<TriggerWrites, 'delete'>;
  readonly rules: Pick<RuleWrites, 'delete'>;
}

/** Somebody else may be first. */
async function unlessGone(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof RequestError) || error.status !== 404) throw error;
  }
}

/** Deletes the trigger of an alarm that has fired its only time, with its rules if the owner wants that. */
export async function removeTrigger(deps: RemoveTriggerDeps, alarm: Alarm): Promise<void> {
  const { namespace, schedule, trigger: name } = alarm;
  const trigger = await deps.artifacts.get('trigger', namespace, name);
  if (!trigger) return;
  const withRules = schedule.sort === 'once' && schedule.deleteAfterFire === 'rules';
  for (const path of withRules ? Object.keys(trigger.entity.rules) : []) {
    const [ruleNamespace = '', rule = ''] = path.split('/');
    await unlessGone(deps.rules.delete({ namespace: ruleNamespace, name: rule }));
  }
  await unlessGone(deps.triggers.delete({ namespace, name }));
}
