import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { cleanUp, guestOf, startPlatform, type PlatformProcess } from '../platform/platform-process.ts';
import { tellActions, witness, witnessCode } from '../platform/witness.ts';

let platform: PlatformProcess;
let guest: ReturnType<typeof guestOf>;

beforeAll(async () => {
  const args = [
    '--set',
    'limits.actions.invokes.perMinute=1000',
    '--set',
    'limits.actions.invokes.concurrent=3',
  ];
  platform = await startPlatform({ args });
  guest = guestOf(platform);
});
afterAll(cleanUp);

describe('a tenant who wants too much', () => {
  it('gets no more at once by calling many actions that the platform has not met yet', async () => {
    // Those that have begun end when all have been answered, however long that takes.
    const code = `${witnessCode} async function main() { await hear('all-answered'); return {}; }`;
    const names = Array.from({ length: 20 }, (_, index) => `slow${index}`);
    for (const name of names) await guest.create(name, code, { limits: { memory: 128 }, ...witness });
    const replies = await Promise.all(
      names.map((name) => guest.call(`POST /api/v1/namespaces/_/actions/${name}`)),
    );
    await tellActions(platform, 'all-answered');
    const statuses = replies.map(({ status }) => status);
    expect(statuses.filter((status) => status === 202).length).toBeLessThanOrEqual(3);
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(17);
    for (const { status, body } of replies) {
      if (status === 202) await guest.record((body as { activationId: string }).activationId);
    }
  });

  it('gets no list of whole records that would not fit, but each of them', async () => {
    const code = `function main() {
      for (let i = 0; i < 9; i++) require('fs').writeSync(1, Buffer.alloc(1 << 20, 65));
      return {};
    }`;
    await guest.create('loud', code);
    const ids: string[] = [];
    for (let i = 0; i < 4; i++) {
      const { body } = await guest.invoke('loud');
      ids.push((body as { activationId: string }).activationId);
    }
    await guest.record(ids[3]!);
    const list = '/api/v1/namespaces/_/activations?docs=true&name=loud';
    const all = await guest.call(`GET ${list}`);
    expect(all.status).toBe(413);
    expect(all.body).toMatchObject({
      error: expect.stringContaining("Ask for fewer with 'limit'") as string,
    });
    const one = await guest.call(`GET ${list}&limit=1`);
    expect(one.body).toMatchObject([{ activationId: ids[3] }]);
  });

  it('stops nobody by a flood of line ends', async () => {
    const code = `function main() {
      for (let i = 0; i < 10; i++) require('fs').writeSync(1, Buffer.alloc(1 << 20, 10));
      return { flooded: true };
    }`;
    await guest.create('flood', code);
    const { body } = await guest.invoke('flood');
    const { activationId, response } = body as { activationId: string; response: { result: object } };
    expect(response.result).toEqual({ flooded: true });
    const record = await guest.record(activationId);
    expect(JSON.stringify(record.logs).length).toBeLessThan(45 * 1024 * 1024);
    expect(record.logs.at(-1)).toContain('Logs were truncated');
  });
});
