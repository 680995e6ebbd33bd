import type { ArtifactStore } from '../../store/artifact-store.ts';
import type { Alarm } from './alarm.ts';

/** Deletes the trigger of an alarm that has fired its only time, with its rules if the owner wants that. */
export async function removeTrigger(
  artifacts: Pick<ArtifactStore, 'get' | 'delete'>,
  alarm: Alarm,
): Promise<void> {
  if (alarm.schedule.sort !== 'once') return;
  const found = await artifacts.get('trigger', alarm.namespace, alarm.trigger);
  if (!found) return;
  if (alarm.schedule.deleteAfterFire === 'rules') {
    for (const path of Object.keys(found.entity.rules)) {
      const [namespace = '', name = ''] = path.split('/');
      const rule = await artifacts.get('rule', namespace, name);
      if (rule) await artifacts.delete(rule.entity, rule.revision);
    }
  }
  await artifacts.delete(found.entity, found.revision);
}
