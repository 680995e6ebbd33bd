import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { cleanUp, guestOf, startPlatform, type Activation } from './platform-process.ts';

/** Says which container it ran in, after long enough for others to want one meanwhile. */
const slow = `const container = Math.random();
function main() {
  return new Promise((resolve) => setTimeout(() => resolve({ container }), 150));
}`;

afterAll(cleanUp);

describe('the limit of instances', () => {
  let guest: ReturnType<typeof guestOf>;
  beforeAll(async () => {
    guest = guestOf(await startPlatform());
  });

  const containersOf = async (name: string): Promise<Set<unknown>> => {
    const replies = await Promise.all(Array.from({ length: 8 }, () => guest.invoke(name)));
    return new Set(replies.map(({ body }) => (body as Activation).response.result['container']));
  };

  it('lets calls wait for the containers that the action may have, and shows in document and record', async () => {
    await guest.create('one', slow, { limits: { instances: 1, memory: 128 } });
    const document = await guest.call('GET /api/v1/namespaces/_/actions/one');
    expect(document.body).toMatchObject({ limits: { instances: 1 } });
    expect((await containersOf('one')).size).toBe(1);
    const { text } = await guest.invoke('one');
    expect(text).toContain(
      '{"key":"limits","value":{"concurrency":1,"instances":1,"logs":10,"memory":128,"timeout":60000}}',
    );
  });

  it('of 0 lets nothing run, and says so', async () => {
    await guest.create('none', slow, { limits: { instances: 0 } });
    expect(await guest.invoke('none')).toMatchObject({
      status: 502,
      body: {
        response: { result: { error: 'The action may have no container: its limit of instances is 0.' } },
      },
    });
  });
});
