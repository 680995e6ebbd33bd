import { MesosSimulator } from '@vibrissa/mesos-simulator';
import openwhisk, { type Activation, type Client } from 'openwhisk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { cleanUp, startPlatform } from '../platform/platform-process.ts';

const code =
  'function main({ name = "stranger" }) { console.log("met " + name); return { greeting: "Hello, " + name }; }';

let ow: Client;
let simulator: MesosSimulator | undefined;

/** A platform on this machine, or on a cluster that is started for it. */
async function openPlatform(containers: string): Promise<void> {
  const args = ['--set', 'limits.actions.invokes.perMinute=1000', '--containers', containers];
  if (containers === 'mesos') {
    simulator = await MesosSimulator.open({ agents: 2 });
    args.push('--mesos-master', simulator.url);
  }
  const platform = await startPlatform({ args });
  ow = openwhisk({ apihost: `http://127.0.0.1:${platform.port}`, api_key: platform.key });
}

async function closePlatform(): Promise<void> {
  await cleanUp();
  await simulator?.stop();
  simulator = undefined;
}

/** The record of a non-blocking invocation, as soon as it is there. */
async function recordOf(activationId: string): Promise<Activation<{ [name: string]: unknown }>> {
  for (;;) {
    try {
      return await ow.activations.get({ name: activationId });
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode !== 404) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** What it has printed, without the times. */
async function linesOf(activationId: string): Promise<string[]> {
  const { logs } = (await ow.activations.logs({ name: activationId })) as unknown as { logs: string[] };
  return logs.map((line) => line.slice(31));
}

describe.each(['sandbox', 'mesos'])(
  'the openwhisk npm client, unmodified, with containers: %s',
  (containers) => {
    beforeAll(() => openPlatform(containers));
    afterAll(closePlatform);

    it('lists the namespace of its key and what is in it', async () => {
      expect(await ow.namespaces.list()).toEqual(['guest']);
      await ow.actions.create({ name: 'inside', action: code });
      const found = (await ow.namespaces.get('_' as never)) as unknown as {
        [kind: string]: { name: string }[];
      };
      expect(found['actions']?.map(({ name }) => name)).toContain('inside');
      expect(found).toMatchObject({ packages: [], triggers: [], rules: [] });
    });

    it('creates an action with parameters, annotations and limits, and gets it back', async () => {
      await ow.actions.create({
        name: 'full',
        action: code,
        kind: 'nodejs:20',
        params: { name: 'you', deep: { a: [1] } },
        annotations: { description: 'greets' },
        limits: { memory: 128, timeout: 5000 },
        version: '1.2.3',
      } as never);
      const action = await ow.actions.get('full');
      expect(action).toMatchObject({
        name: 'full',
        namespace: 'guest',
        version: '1.2.3',
        exec: { kind: 'nodejs:20', code, binary: false },
        limits: { memory: 128, timeout: 5000, logs: 10, concurrency: 1 },
        parameters: [
          { key: 'name', value: 'you' },
          { key: 'deep', value: { a: [1] } },
        ],
      });
      expect(action.annotations?.at(0)).toEqual({ key: 'description', value: 'greets' });
      const withoutCode = await ow.actions.get({ name: 'full', code: false } as never);
      expect(withoutCode.exec).not.toHaveProperty('code');
    });

    it('refuses to create what exists, updates it, and raises its version', async () => {
      await ow.actions.create({ name: 'twice', action: code });
      await expect(ow.actions.create({ name: 'twice', action: code })).rejects.toMatchObject({
        statusCode: 409,
      });
      expect(
        await ow.actions.update({ name: 'twice', action: code, params: { name: 'again' } }),
      ).toMatchObject({
        version: '0.0.2',
      });
    });

    it('invokes blocking and gets the record, or only the result', async () => {
      await ow.actions.create({ name: 'greet', action: code });
      const record = await ow.actions.invoke({ name: 'greet', blocking: true, params: { name: 'Ada' } });
      expect(record).toMatchObject({ response: { success: true, result: { greeting: 'Hello, Ada' } } });
      const result: unknown = await ow.actions.invoke({
        name: '/guest/greet',
        blocking: true,
        result: true,
        params: { name: 'Ada' },
      });
      expect(result).toEqual({ greeting: 'Hello, Ada' });
    });

    it('reports an application error with its record', async () => {
      await ow.actions.create({ name: 'fails', action: 'function main() { return { error: "no luck" }; }' });
      await expect(ow.actions.invoke({ name: 'fails', blocking: true })).rejects.toMatchObject({
        statusCode: 502,
        error: { response: { success: false, result: { error: 'no luck' } } },
      });
    });

    it('invokes without waiting, and finds record, result and logs of the activation', async () => {
      await ow.actions.create({ name: 'later', action: code });
      const { activationId } = await ow.actions.invoke({ name: 'later', params: { name: 'Bo' } });
      expect((await recordOf(activationId)).response?.result).toEqual({ greeting: 'Hello, Bo' });
      expect(await ow.activations.result({ name: activationId })).toMatchObject({
        status: 'success',
        result: { greeting: 'Hello, Bo' },
      });
      // Where they are fetched from elsewhere, they follow the record.
      await expect.poll(() => linesOf(activationId)).toEqual(['stdout: met Bo']);
    });

    it('lists activations by name, with limit, skip, since, documents and count', async () => {
      await ow.actions.create({ name: 'listed', action: code });
      const ids: string[] = [];
      for (const name of ['a', 'b', 'c']) {
        const { activationId } = await ow.actions.invoke({
          name: 'listed',
          blocking: true,
          params: { name },
        });
        ids.push(activationId);
      }
      const listed = await ow.activations.list({ name: 'listed' } as never);
      expect(listed.map(({ activationId }) => activationId).sort()).toEqual([...ids].sort());
      expect(await ow.activations.list({ name: 'listed', limit: 1, skip: 1 } as never)).toHaveLength(1);
      const [whole] = await ow.activations.list({ name: 'listed', limit: 1, docs: true } as never);
      expect(whole).toHaveProperty('response.result.greeting');
      expect(await ow.activations.list({ name: 'listed', since: Date.now() + 60_000 })).toEqual([]);
      expect(await ow.activations.list({ name: 'listed', count: true } as never)).toEqual({ activations: 3 });
    });

    it('deletes an action, which is gone then', async () => {
      await ow.actions.create({ name: 'gone', action: code });
      await ow.actions.delete('gone');
      await expect(ow.actions.get('gone')).rejects.toMatchObject({ statusCode: 404 });
      await expect(ow.actions.invoke({ name: 'gone', blocking: true })).rejects.toMatchObject({
        statusCode: 404,
      });
    });

    it('runs inside an action and reaches the platform from there', async () => {
      const inside = `const http = require('http');
      exports.main = () => new Promise((resolve, reject) => {
        const auth = 'Basic ' + Buffer.from(process.env.__OW_API_KEY).toString('base64');
        http.get(process.env.__OW_API_HOST + '/api/v1/namespaces', { headers: { Authorization: auth } }, (answer) => {
          let text = '';
          answer.on('data', (part) => (text += part)).on('end', () => resolve({ namespaces: JSON.parse(text) }));
        }).on('error', reject);
      });`;
      await ow.actions.create({ name: 'self', action: inside, annotations: { 'provide-api-key': true } });
      const result: unknown = await ow.actions.invoke({ name: 'self', blocking: true, result: true });
      expect(result).toEqual({ namespaces: ['guest'] });
    });
  },
);
