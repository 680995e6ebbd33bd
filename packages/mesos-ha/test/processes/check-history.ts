import type { MasterTask } from '@vibrissa/mesos';

/** What must hold of everything that a master has accepted of one framework, in that order; empty: it does. */
export function checkHistory(launched: readonly MasterTask[], frameworkIds: readonly string[]): string[] {
  const problems: string[] = [];
  const ids = new Set([...frameworkIds, ...launched.map(({ framework_id }) => framework_id.value)]);
  if (ids.size > 1) problems.push(`there was more than one framework id: ${[...ids].join(', ')}`);
  let highest = 0;
  for (const task of launched) {
    const epoch = Number(labelOf(task, 'cluster.epoch'));
    const name = `${task.task_id.value} (of epoch ${epoch}, by ${labelOf(task, 'cluster.member')})`;
    if (!(epoch > 0)) problems.push(`${name} bears no epoch`);
    if (epoch < highest) problems.push(`${name} was accepted after a task of epoch ${highest}`);
    highest = Math.max(highest, epoch);
  }
  const mesosIds = launched.map(({ task_id }) => task_id.value);
  for (const id of new Set(mesosIds)) {
    const times = mesosIds.filter((each) => each === id).length;
    if (times > 1) problems.push(`${id} was accepted ${times} times`);
  }
  return problems;
}

function labelOf({ labels }: MasterTask, name: string): string | undefined {
  return labels?.labels.find(({ key }) => key === name)?.value;
}
