import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { cleanUp } from '../platform/platform-process.ts';
import { untilTold, witness, witnessCode } from '../platform/witness.ts';
import { openFaultPlatform, recordWith, roomy, type FaultPlatform, type Record } from './fault-platform.ts';

const actions = '/api/v1/namespaces/_/actions';
const activations = '/api/v1/namespaces/_/activations';

let platform: FaultPlatform;
beforeAll(async () => {
  platform = await openFaultPlatform({
    args: ['--set', 'concurrencyLimit.max=20', '--set', 'log.level=debug'],
  });
});
afterAll(cleanUp);

describe('a warm container', () => {
  it('never crosses namespaces, however alike the actions are', async () => {
    const alice = platform.as(await platform.user('alice'));
    const bertha = platform.as(await platform.user('bertha'));
    const code = `const seen = []; function main({ who }) { seen.push(who); require('fs').appendFileSync('/tmp/seen', who);
      return { seen, file: require('fs').readFileSync('/tmp/seen', 'utf8') }; }`;
    const exec = { kind: 'nodejs:default', code };
    for (const call of [alice, bertha])
      expect((await call(`PUT ${actions}/same`, { exec })).status).toBe(200);
    for (let n = 1; n <= 4; n++) {
      for (const [call, who] of [
        [alice, 'a'],
        [bertha, 'b'],
      ] as const) {
        const { body } = await call(`POST ${actions}/same?blocking=true&result=true`, { who });
        const { seen, file } = body as { seen: string[]; file: string };
        expect(new Set(seen)).toEqual(new Set([who]));
        expect(new Set(file)).toEqual(new Set(who));
      }
    }
  });

  it('shows neither activations nor actions of another namespace', async () => {
    const carla = platform.as(await platform.user('carla'));
    const record = await platform.run('function main() { return {}; }');
    expect((await carla(`GET ${activations}/${record.activationId}`)).status).toBe(404);
    expect((await carla(`GET /api/v1/namespaces/guest/activations/${record.activationId}`)).status).toBe(403);
    expect(
      (await carla(`POST /api/v1/namespaces/guest/actions/${record.name}?blocking=true`, {})).status,
    ).toBe(403);
  });
});

describe('many calls in one container', () => {
  it('run at the same time where its action allows it, each with its own result', async () => {
    const code = `let now = 0, most = 0; const id = Math.random();
      async function main({ n }) {
        now++;
        most = Math.max(most, now);
        for (let looks = 0; n >= 0 && most < 10 && looks < 1000; looks++) await new Promise((r) => setTimeout(r, 10));
        now--;
        return { n, id, most };
      }`;
    await platform.create('shared', code, { limits: { concurrency: 10, logs: 0 } });
    await platform.runAgain('shared', { n: -1 });
    const records = await Promise.all(
      Array.from({ length: 10 }, (_, n) => platform.runAgain('shared', { n })),
    );
    const results = records.map(({ response }) => response.result as { n: number; id: number; most: number });
    expect(results.map(({ n }) => n)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(new Set(results.map(({ id }) => id)).size).toBe(1);
    expect(Math.max(...results.map(({ most }) => most))).toBe(10);
  });

  it('that hits its time limit takes no other’s result away for good', async () => {
    const code = `async function main({ hang, n }) { if (hang) return new Promise(() => {}); await new Promise((r) => setTimeout(r, 100)); return { n }; }`;
    await platform.create('mixed', code, { limits: { concurrency: 5, logs: 0, timeout: 5000 } });
    await platform.runAgain('mixed', { n: -1 });
    const [hung, ...others] = await Promise.all([
      platform.runAgain('mixed', { hang: true }),
      ...[0, 1, 2].map((n) => platform.runAgain('mixed', { n })),
    ]);
    expect(hung.response.result['error']).toMatch(/exceeded its time limits of 5000/);
    expect(others.map(({ response }) => response.result['n'])).toEqual([0, 1, 2]);
    expect((await platform.runAgain('mixed', { n: 9 })).response.result).toEqual({ n: 9 });
  });
});

describe('a client that goes away', () => {
  /** Sends a request and breaks the connection when it is time, as a killed client does. */
  const abandon = (text: string, time: () => Promise<unknown>) =>
    new Promise<void>((resolve, reject) => {
      const socket = connect(platform.process.port, '127.0.0.1', () => {
        socket.write(text);
        time().then(() => socket.resetAndDestroy(), reject);
      });
      socket.on('error', () => {});
      socket.on('close', () => resolve());
    });
  const soon = (ms: number) => () => sleep(ms);
  const requestOf = (name: string, body: string, length = body.length) =>
    [
      `POST ${actions}/${name}?blocking=true HTTP/1.1`,
      'Host: localhost',
      `Authorization: Basic ${Buffer.from(platform.process.key).toString('base64')}`,
      'Content-Type: application/json',
      `Content-Length: ${length}`,
      '',
      body,
    ].join('\r\n');

  const recordsOf = async (name: string) =>
    (await platform.call(`GET ${activations}?name=${name}&docs=true`)).body as Record[];

  it('in the middle of a blocking call: the activation ends and is recorded', async () => {
    const code = `${witnessCode} async function main() { await tell('begun'); await pause(300); return { done: 1 }; }`;
    await platform.create('abandoned', code, witness);
    await abandon(requestOf('abandoned', '{}'), () => untilTold(platform, 'begun'));
    for (;;) {
      const [record] = await recordsOf('abandoned');
      if (record !== undefined) {
        expect(record.response).toMatchObject({ status: 'success', result: { done: 1 } });
        break;
      }
      await sleep(20);
    }
    expect(await recordsOf('abandoned')).toHaveLength(1);
  });

  it('in the middle of its body: nothing runs', async () => {
    await platform.create('never', 'function main() { return {}; }');
    await abandon(requestOf('never', '{"a":', 100), soon(100));
    await platform.runAgain('never');
    expect(await recordsOf('never')).toHaveLength(1);
  });

  it('in the middle of its body, sent in chunks: it is no error of the platform', async () => {
    const head = requestOf('never', '', 0).replace(/Content-Length: 0/, 'Transfer-Encoding: chunked');
    await abandon(`${head}5\r\n{"a":\r\n`, soon(50));
    await abandon(requestOf('new', '{"exec":', 100).replace(/^POST/, 'PUT'), soon(50));
    await platform.runAgain('never');
    expect(platform.process.stderr).not.toContain('a request failed unexpectedly');
  });

  it('a hundred times: slots, connections and containers are free again', async () => {
    await platform.create(
      'brief',
      'function main() { return new Promise((r) => setTimeout(() => r({}), 20)); }',
    );
    await Promise.all(
      Array.from({ length: 100 }, (_, n) => abandon(requestOf('brief', '{}'), soon(5 + (n % 30)))),
    );
    for (;;) {
      const { body } = await platform.call('GET /activation/count');
      if (body === 0) break;
      await sleep(50);
    }
    expect((await platform.runAgain('brief')).response.success).toBe(true);
  });
});

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

describe('secrets', () => {
  it('stand neither in the log nor in the data directory: keys, parameters, arguments', async () => {
    const secrets = ['parameter-secret-4711', 'argument-secret-0815', 'init-secret-1234'];
    const key = await platform.user('dorothy');
    const dorothy = platform.as(key);
    const body = {
      exec: {
        kind: 'nodejs:default',
        code: 'function main() { return { authorised: !!process.env.__OW_API_KEY }; }',
      },
      parameters: [
        { key: 'p', value: secrets[0] },
        { key: 'ENV', value: secrets[2], init: true },
      ],
      annotations: [{ key: 'provide-api-key', value: true }],
    };
    expect((await dorothy(`PUT ${actions}/secretive`, body)).status).toBe(200);
    const args = { a: secrets[1] };
    expect((await dorothy(`POST ${actions}/secretive?blocking=true`, args)).body).toMatchObject({
      response: { result: { authorised: true } },
    });
    const { activationId } = (await dorothy(`POST ${actions}/secretive`, args)).body as {
      activationId: string;
    };
    await recordWith({ call: dorothy }, activationId, () => true);
    await dorothy(`POST ${actions}/secretive?blocking=true`, { ...args, broken: '\u0000' });
    await platform.call(`GET ${actions}/nothing`);
    expect(await platform.process.stop()).toEqual({ code: 0, signal: null });
    const { dataDir, stdout, stderr } = platform.process;
    const guestKey = platform.process.key.split(':')[1]!;
    const words = [...secrets, key.split(':')[1]!];
    for (const file of filesBelow(dataDir)) {
      const bytes = readFileSync(file);
      const found = words.filter((word) => bytes.includes(word));
      expect(found, file).toEqual([]);
      if (!file.endsWith('auth.guest')) expect(bytes.includes(guestKey), file).toBe(false);
    }
    for (const word of [...words, guestKey, Buffer.from(key).toString('base64')]) {
      expect(stderr.includes(word)).toBe(false);
    }
    expect(words.filter((word) => stdout.includes(word))).toEqual([]);
    platform = await openFaultPlatform({ dataDir, args: roomy });
  });
});
