import { afterAll, afterEach, describe, expect, it } from 'vitest';

import { cleanUp, guestOf, startPlatform, type PlatformProcess } from './platform-process.ts';
import { tellActions, untilTold, witness, witnessCode } from './witness.ts';

afterEach(cleanUp);
afterAll(cleanUp);

const late = `${witnessCode}
async function main({ begun, until, ms = 0, n = 0 }) {
  if (begun) await tell(begun);
  if (until) await hear(until);
  await pause(ms);
  return { ms, n: n + 1 };
}`;
const sequencePath = 'PUT /api/v1/namespaces/_/actions/three?overwrite=true';
const three = { exec: { kind: 'sequence', components: ['/_/late', '/_/late', '/_/late'] } };
const conductor = `function main({ n = 0 }) { return n < 3 ? { action: 'late', params: { n, ms: 200 } } : { n }; }`;

async function prepare(platform: PlatformProcess) {
  const guest = guestOf(platform);
  await guest.create('late', late, witness);
  await guest.create('loop', conductor, { annotations: [{ key: 'conductor', value: true }] });
  expect((await guest.call(sequencePath, three)).status).toBe(200);
  return guest;
}

/** Waits until so many activations have a record. */
async function untilRecorded({ list }: ReturnType<typeof guestOf>, count: number): Promise<void> {
  while ((await list()).length < count) await new Promise((resolve) => setTimeout(resolve, 20));
}

const manyAtOnce = ['--set', 'limits.actions.invokes.concurrent=1000'];

describe('after kill -9 in the middle of sequences and compositions', () => {
  it('each that was answered 202 has exactly one record, and none claims a success that was not', async () => {
    const args = [...manyAtOnce, '--set', 'activation.maxBlockingWait=300'];
    const platform = await startPlatform({ args });
    const guest = await prepare(platform);
    const waited = guest.invoke('three', { ms: 400 });
    const ids = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        index % 3 === 0 ? guest.start('loop') : guest.start('three', { ms: index % 3 === 1 ? 1 : 300 }),
      ),
    );
    const reply = await waited;
    expect(reply.status).toBe(202);
    ids.push((reply.body as { activationId: string }).activationId);
    // However long the others take: this one is under way when the kill comes.
    ids.push(await guest.start('three', { begun: 'begun', ms: 50_000 }));
    await untilTold(guest, 'begun');
    await untilRecorded(guest, 6);
    await platform.kill();

    const again = await startPlatform({ dataDir: platform.dataDir, args });
    const after = guestOf(again);
    const statuses = new Set<string>();
    for (const id of ids) {
      const { response } = await after.record(id);
      statuses.add(response.status);
      if (response.status === 'success') expect(response.result).toMatchObject({ n: 3 });
      else expect(JSON.stringify(response.result)).toMatch(/stopped/);
    }
    expect(statuses).toContain('whisk internal error');
    const listed = (await after.list()).map(({ activationId }) => activationId);
    for (const id of ids) expect(listed.filter((one) => one === id)).toHaveLength(1);
  });
});

describe('a stop', () => {
  it('ends a sequence between two components with a record, answers its client, and does not hang', async () => {
    const platform = await startPlatform({ args: ['--set', 'shutdown.grace=20000'] });
    const guest = await prepare(platform);
    const reply = guest.invoke('three', { begun: 'one', until: 'go' });
    const id = await guest.start('three', { begun: 'two', until: 'go' });
    await untilTold(guest, 'one', 'two');
    platform.signal('SIGTERM');
    await platform.says('Stopping:');
    await tellActions(platform, 'go');
    expect(await platform.exited).toEqual({ code: 0, signal: null });
    const { status, text } = await reply;
    expect(status).toBe(500);
    expect(text).toContain('The platform stopped before this sequence finished.');

    const again = guestOf(await startPlatform({ dataDir: platform.dataDir }));
    const record = await again.record(id);
    expect(record.response.status).toBe('whisk internal error');
    expect(record.logs).toHaveLength(1);
    expect((await again.record(record.logs[0] as string)).response.status).toBe('success');
  });

  it('gives a sequence whose component outlives the grace its record', async () => {
    const platform = await startPlatform({ args: ['--set', 'shutdown.grace=200'] });
    const guest = await prepare(platform);
    const id = await guest.start('three', { begun: 'begun', ms: 50_000 });
    await untilTold(guest, 'begun');
    expect(await platform.stop()).toEqual({ code: 0, signal: null });
    const again = guestOf(await startPlatform({ dataDir: platform.dataDir }));
    const record = await again.record(id);
    expect(record.response.status).toBe('whisk internal error');
    expect(JSON.stringify(record.response.result)).toMatch(/stopped/);
  });
});
