import { expect, test } from 'vitest';

import { Client } from './client.ts';
import { Stage } from './stage.ts';
import { until } from './until.ts';

test('submits and deletes that are made without pause while leader after leader dies take effect once each (#83)', async () => {
  const stage = await Stage.withInstances({}, { withinMs: 5000 });
  const clients = ['one', 'two'].map((name) => new Client(stage, name));
  const end = new AbortController();
  const work = Promise.all(clients.map((client) => client.work(end.signal)));
  for (const isAbrupt of [true, false]) {
    const leader = await stage.leader();
    const settled = clients.map(({ deleted }) => deleted.size);
    if (isAbrupt) await leader.kill();
    else leader.signal('SIGTERM');
    await leader.exited;
    await stage.start(leader.machine, { withinMs: 5000 });
    await stage.isWhole();
    const goesOn = async () => clients.every(({ deleted }, index) => deleted.size > settled[index]! + 1);
    await until('the clients get on', goesOn);
  }
  end.abort();
  await work;
  expect(clients.flatMap(({ lies }) => lies)).toEqual([]);
  await stage.runsOnly(clients.flatMap(({ wanted }) => [...wanted]));
  await stage.sees(await stage.leader(), ({ tasks }) =>
    tasks.every(({ standing }) => standing === 'running'),
  );
  expect(await stage.violations()).toEqual([]);
});
