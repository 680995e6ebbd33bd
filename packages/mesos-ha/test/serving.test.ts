import { expect, test } from 'vitest';

import { eventually, FrameworkKit } from './framework-kit.ts';

test('a task that was submitted on a follower runs, and its end is told there', async () => {
  const kit = await FrameworkKit.open();
  const [, two, three] = await kit.three();
  const task = await two.framework.submit(kit.counted('web', { ports: [{ name: 'http' }] }));
  const running = await task.running;
  expect(running.endpoint?.ports['http']?.port).toBeGreaterThan(0);
  const elsewhere = await three.framework.task('web')!.running;
  const lines: string[] = [];
  await eventually(async () => {
    for await (const line of elsewhere.logs()) lines.push(line);
    return lines.length > 0;
  });
  expect(lines[0]).toBe('begun');
  expect(three.framework.tasks()).toMatchObject([{ id: 'web', standing: 'running', by: 'two' }]);
  expect(await three.framework.delete('web')).toMatchObject({ kind: 'ended', state: 'TASK_KILLED' });
  expect(await task.ended).toMatchObject({ state: 'TASK_KILLED' });
  await eventually(() => two.framework.tasks().length === 0);
  expect(await kit.begun('web')).toEqual([1]);
});
