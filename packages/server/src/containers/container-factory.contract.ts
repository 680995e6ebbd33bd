import { request } from 'node:http';
import { TOKEN_HEADER } from '@vibrissa/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Container, ContainerMemo } from './container.ts';
import type { ContainerFactory, ContainerSpec } from './container-factory.ts';

/** A factory on trial. */
export interface FactoryOnTrial {
  readonly factory: ContainerFactory;
  /** A kind whose runtime takes Node.js code. */
  readonly kind: string;
  /** Of one whose containers outlive it: another life of it on the same containers. The first one was closed. */
  readonly reopen?: () => Promise<ContainerFactory>;
  /** Removes what the factory needed, after it was closed. */
  readonly cleanUp: () => Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly body: string;
}

function post(container: Container, path: string, value: object): Promise<Reply> {
  const body = JSON.stringify({ value });
  const { address } = container;
  const token = 'token' in address && address.token !== undefined ? { [TOKEN_HEADER]: address.token } : {};
  const headers = { 'Content-Length': Buffer.byteLength(body), ...token };
  return new Promise((resolve, reject) => {
    const outgoing = request({ ...address, path, method: 'POST', headers }, (reply) => {
      let text = '';
      reply.on('data', (piece) => (text += String(piece)));
      reply.on('end', () => resolve({ status: reply.statusCode ?? 0, body: text }));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function init(container: Container, code: string): Promise<Reply> {
  return post(container, '/init', { name: 'trial', main: 'main', binary: false, code, env: {} });
}

const counting = 'let count = 0; function main() { return { count: ++count } }';
const memo: ContainerMemo = { key: 'guest/hello@1', action: 'guest/hello', capacity: 1 };

/** Collects what a container writes, and tells when a text has come. */
function listen(container: Container) {
  const texts = { stdout: '', stderr: '' };
  let look = () => {};
  container.logs.listen((stream, bytes) => {
    texts[stream] += bytes.toString();
    look();
  });
  const until = async (stream: 'stdout' | 'stderr', text: string) => {
    // Files elsewhere say nothing by themselves.
    while (container.logs.catchUp && !texts[stream].includes(text)) await container.logs.catchUp();
    return new Promise<void>((resolve) => {
      look = () => texts[stream].includes(text) && resolve();
      look();
    });
  };
  return { texts, until };
}

/** What every container factory promises; each adapter's test calls this. */
export function containerFactoryContract(name: string, open: () => Promise<FactoryOnTrial>): void {
  describe(`${name} keeps the promises of a container factory`, () => {
    let trial: FactoryOnTrial;
    let count = 0;

    beforeEach(async () => {
      trial = await open();
    });

    afterEach(async () => {
      await trial.factory.close();
      await trial.cleanUp();
    });

    const spec = (over: Partial<ContainerSpec> = {}): ContainerSpec => ({
      name: `wsk0_${count++}_guest_trial`,
      kind: trial.kind,
      memoryMb: 256,
      cpuShares: 256,
      env: {},
      ...over,
    });

    test('a container initialises and runs an action', async () => {
      const container = await trial.factory.create(spec());
      const ready = await init(container, 'function main(args) { return { hello: args.name } }');
      expect(ready.status).toBe(200);
      const run = await post(container, '/run', { name: 'Ada' });
      expect(run).toEqual({ status: 200, body: '{"hello":"Ada"}' });
    });

    test('both log streams arrive, also what came before anybody listened', async () => {
      const container = await trial.factory.create(spec());
      await init(container, 'function main() { console.log("to out"); console.error("to err"); return {} }');
      await post(container, '/run', {});
      const { texts, until } = listen(container);
      await until('stdout', 'to out\n');
      await until('stderr', 'to err\n');
      expect(texts.stdout).not.toContain('to err');
    });

    test('the environment of the specification reaches the runtime', async () => {
      const container = await trial.factory.create(spec({ env: { __OW_TRIAL: 'on' } }));
      await init(container, 'function main() { return { is: process.env.__OW_TRIAL } }');
      expect((await post(container, '/run', {})).body).toBe('{"is":"on"}');
    });

    test('a container that ends by itself says how', async () => {
      const container = await trial.factory.create(spec());
      await init(container, 'function main() { process.exit(7) }');
      await post(container, '/run', {}).catch(() => undefined);
      expect(await container.died).toMatchObject({ outOfMemory: false, exitCode: 7 });
    });

    test('destroying a container ends it, and a second time changes nothing', async () => {
      const container = await trial.factory.create(spec());
      await Promise.all([container.destroy(), container.destroy()]);
      await container.destroy();
      expect((await container.died).outOfMemory).toBe(false);
      await expect(post(container, '/run', {})).rejects.toThrow();
    });

    test('a container that hangs is destroyed all the same', async () => {
      const container = await trial.factory.create(spec());
      await init(container, 'function main() { console.log("hanging"); for (;;); }');
      const { until } = listen(container);
      const run = post(container, '/run', {}).catch(() => 'lost');
      await until('stdout', 'hanging');
      await container.destroy();
      expect(await run).toBe('lost');
    });

    test('a suspended container does not run before it is resumed', async () => {
      const container = await trial.factory.create(spec());
      if (!container.suspend || !container.resume) return;
      await init(container, 'function main() { return { awake: true } }');
      await container.suspend();
      await container.suspend();
      let answered = false;
      const run = post(container, '/run', {}).then((reply) => {
        answered = true;
        return reply;
      });
      for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
      expect(answered).toBe(false);
      await container.resume();
      await container.resume();
      expect((await run).body).toBe('{"awake":true}');
    });

    test('a suspended container can be destroyed', async () => {
      const container = await trial.factory.create(spec());
      await container.suspend?.();
      await container.destroy();
      expect(await container.died).toBeDefined();
    });

    test('containers with the same action share nothing', async () => {
      const [one, other] = await Promise.all([trial.factory.create(spec()), trial.factory.create(spec())]);
      expect(one.id).not.toBe(other.id);
      await Promise.all([init(one, counting), init(other, counting)]);
      await post(one, '/run', {});
      expect((await post(other, '/run', {})).body).toBe('{"count":1}');
    });

    test('what is no longer wanted is not made', async () => {
      const abort = new AbortController();
      const making = trial.factory.create(spec(), abort.signal);
      abort.abort();
      await expect(making).rejects.toThrow();
      // What was begun may be there, and is no reason to fail.
      await trial.factory.removeLeftovers();
    });

    test('it says why it cannot run an unknown kind', () => {
      const support = trial.factory.supports('cobol:85', undefined);
      expect(support.ok).toBe(false);
      expect(support.ok ? '' : support.reason).toMatch(/cobol:85/);
    });

    test('closing it destroys every container, or leaves every one where a later life finds it', async () => {
      const containers = await Promise.all([trial.factory.create(spec()), trial.factory.create(spec())]);
      await trial.factory.close();
      for (const container of containers) {
        if (trial.factory.recover) expect((await post(container, '/run', {})).status).toBe(403);
        else expect(await container.died).toBeDefined();
      }
    });

    test('a later life gets what is idle, with what it has become, and nothing else', async () => {
      const { factory, reopen } = trial;
      if (!factory.recover) return;
      const cell = await factory.create(spec());
      const used = await factory.create(spec());
      const busy = await factory.create(spec());
      const unknown = await factory.create(spec());
      await Promise.all([used.remember?.(memo), busy.remember?.(memo)]);
      await Promise.all([init(used, counting), init(unknown, counting)]);
      await post(used, '/run', {});
      await init(busy, 'function main() { console.log("busy"); return new Promise(() => {}) }');
      const { until } = listen(busy);
      const running = post(busy, '/run', {}).catch(() => 'lost');
      await until('stdout', 'busy');
      await factory.close();

      const later = await reopen?.();
      const recovered = (await later?.recover?.()) ?? [];
      const found = new Map(recovered.map((one) => [one.container.id, one]));
      expect([...found.keys()].toSorted()).toEqual([cell.id, used.id].toSorted());
      expect(found.get(cell.id)?.memo).toBeUndefined();
      expect(found.get(used.id)).toMatchObject({ memo, spec: { kind: trial.kind, memoryMb: 256 } });
      expect(await later?.removeLeftovers()).toBe(2);
      expect(await running).toBe('lost');

      const again = found.get(used.id)?.container as Container;
      expect((await post(again, '/run', {})).body).toBe('{"count":2}');
      const fresh = found.get(cell.id)?.container as Container;
      expect((await init(fresh, counting)).status).toBe(200);
      await Promise.all(recovered.map(({ container }) => container.destroy()));
      expect(await again.died).toBeDefined();
      await later?.close();
    });

    test('nothing runs in a factory that was closed', async () => {
      await trial.factory.close();
      await expect(trial.factory.create(spec())).rejects.toThrow();
    });
  });
}
