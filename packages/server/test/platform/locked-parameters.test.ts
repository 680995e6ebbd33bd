import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  ask,
  cleanUp,
  guestOf,
  runVibrissa,
  startPlatform,
  temporaryDirectory,
  type Activation,
  type PlatformProcess,
} from './platform-process.ts';

const key128 = Buffer.alloc(16, 1).toString('base64');
const key256 = Buffer.alloc(32, 2).toString('base64');
const otherKey256 = Buffer.alloc(32, 3).toString('base64');

/** In no file but those that hold keys, in no log, in no document. */
const secret = 'the-secret-that-nobody-may-find';

const settings = {
  off: {},
  aes256: { VIBRISSA_PARAMETER_STORAGE_CURRENT: 'aes-256', VIBRISSA_PARAMETER_STORAGE_AES256: key256 },
};

interface Document {
  readonly parameters: readonly {
    readonly key: string;
    readonly value: string;
    readonly encryption?: string;
  }[];
}

afterAll(cleanUp);

function everyFileOf(directory: string): Buffer[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
}

/** Says how long its arguments are, and shows none of them. */
const measure = `function main(args) {
  const sizes = Object.entries(args).map(([name, value]) => [name, typeof value === 'string' ? value.length : value]);
  return { sizes: Object.fromEntries(sizes), env: (process.env.PASSWORD || '').length };
}`;

const bound = [
  { key: 'password', value: secret },
  { key: 'PASSWORD', value: secret, init: true },
  { key: 'count', value: 7 },
];

const sizeOf = (body: unknown) => (body as Activation).response.result;

describe('parameters that are locked', () => {
  let platform: PlatformProcess;
  let guest: ReturnType<typeof guestOf>;
  beforeAll(async () => {
    platform = await startPlatform({ env: settings.aes256, args: ['--log-level', 'debug'] });
    guest = guestOf(platform);
    await guest.create('measure', measure, {
      parameters: bound,
      annotations: [{ key: 'web-export', value: true }],
    });
  });

  const read = async (path: string) =>
    (await guest.call(`GET /api/v1/namespaces/_/${path}`)).body as Document;

  it('are shown locked, and not locked again when they are put back', async () => {
    const shown = await read('actions/measure');
    expect(shown.parameters).toEqual(
      bound.map((given) => ({ ...given, value: expect.any(String), encryption: 'aes-256' })),
    );
    const { parameters } = shown;
    const put = await guest.call('PUT /api/v1/namespaces/_/actions/measure?overwrite=true', { parameters });
    expect((put.body as Document).parameters).toEqual(parameters);
    expect((await read('actions/measure')).parameters).toEqual(parameters);
  });

  it('reach the action in clear, as arguments and in its environment', async () => {
    const { body } = await guest.invoke('measure');
    expect(sizeOf(body)).toEqual({ sizes: { password: secret.length, count: 7 }, env: secret.length });
  });

  it('give way to the arguments of a call, which stay as they are', async () => {
    const { body } = await guest.invoke('measure', { password: 'mine', count: 'AAAA' });
    expect(sizeOf(body)).toMatchObject({ sizes: { password: 4, count: 4 } });
  });

  it('of a package and its binding are locked and opened like those of an action', async () => {
    const parameters = [
      { key: 'password', value: secret },
      { key: 'other', value: secret },
    ];
    await guest.call('PUT /api/v1/namespaces/_/packages/box', { parameters });
    await guest.create('box/measure', measure, { parameters: [{ key: 'own', value: 12 }] });
    const binding = { binding: { namespace: '_', name: 'box' }, parameters: [{ key: 'other', value: 'x' }] };
    const alias = await guest.call('PUT /api/v1/namespaces/_/packages/alias', binding);
    expect((alias.body as Document).parameters).toMatchObject([{ key: 'other', encryption: 'aes-256' }]);
    const shown = await read('actions/alias/measure');
    expect(shown.parameters.map(({ key, encryption }) => [key, encryption])).toEqual([
      ['password', 'aes-256'],
      ['other', 'aes-256'],
      ['own', 'aes-256'],
    ]);
    const { body } = await guest.invoke('alias/measure');
    expect(sizeOf(body)).toMatchObject({ sizes: { password: secret.length, other: 1, own: 12 } });
  });

  it('reach the parts of a sequence, a conductor, a web action and the action of a rule', async () => {
    const collection = '/api/v1/namespaces/_';
    await guest.call(`PUT ${collection}/actions/both`, {
      exec: { kind: 'sequence', components: ['/_/measure', '/_/measure'] },
    });
    expect((await read('actions/both')).parameters).toEqual([
      { key: '_actions', value: ['/guest/measure', '/guest/measure'] },
    ]);
    expect(sizeOf((await guest.invoke('both')).body)).toMatchObject({ sizes: { password: secret.length } });

    const conduct = `function main({ password, sizes }) {
      return sizes ? { params: { own: password.length, sizes } } : { action: 'measure', params: {}, state: {} };
    }`;
    const annotations = [{ key: 'conductor', value: true }];
    await guest.create('conduct', conduct, { annotations, parameters: bound });
    expect(sizeOf((await guest.invoke('conduct')).body)).toMatchObject({
      own: secret.length,
      sizes: { password: secret.length },
    });

    const web = await ask(platform, 'GET /api/v1/web/guest/default/measure.json?x=1');
    expect(web.body).toMatchObject({ sizes: { password: secret.length, x: 1 } });

    await guest.call(`PUT ${collection}/triggers/t`, { parameters: [{ key: 'count', value: 9 }] });
    expect((await read('triggers/t')).parameters).toEqual([{ key: 'count', value: 9 }]);
    await guest.call(`PUT ${collection}/rules/r`, { trigger: '/_/t', action: '/_/measure' });
    const fired = await guest.call(`POST ${collection}/triggers/t`);
    const { logs } = await guest.record((fired.body as Activation).activationId);
    const { activationId } = JSON.parse(logs[0] ?? '') as Activation;
    expect((await guest.record(activationId)).response.result).toMatchObject({
      sizes: { password: secret.length, count: 9 },
    });
  });

  it('may be as large as those that are not locked', async () => {
    const value = 'x'.repeat(1_000_000);
    await guest.create('large', measure, { parameters: [{ key: 'a', value }] });
    expect(sizeOf((await guest.invoke('large')).body)).toMatchObject({ sizes: { a: 1_000_000 } });
  });

  it('of the platform’s own actions are opened, too', async () => {
    await guest.call('PUT /api/v1/namespaces/_/packages/clock', {
      binding: { namespace: 'whisk.system', name: 'alarms' },
      parameters: [{ key: 'minutes', value: 30 }],
    });
    await guest.call('PUT /api/v1/namespaces/_/triggers/tick', {});
    const event = { lifecycleEvent: 'CREATE', triggerName: '/guest/tick', authKey: platform.key };
    const made = await guest.invoke('clock/interval', event);
    expect(made.status, made.text).toBe(200);
    const seen = await guest.invoke('clock/interval', { ...event, lifecycleEvent: 'READ' });
    expect(seen.text).toContain('"minutes":30');
  });

  it('are nowhere in clear: not in the data directory, not in the log, and accepted calls not either', async () => {
    const ids = await Promise.all([1, 2, 3].map((count) => guest.start('measure', { count })));
    for (const id of ids) {
      expect((await guest.record(id)).response.result).toMatchObject({ sizes: { password: secret.length } });
    }
    const files = everyFileOf(platform.dataDir);
    expect(files.length).toBeGreaterThan(3);
    for (const text of [secret, Buffer.from(secret).toString('base64').slice(0, -4), key256]) {
      expect(files.some((file) => file.includes(text))).toBe(false);
      expect(platform.stdout + platform.stderr).not.toContain(text);
    }
    const { stdout } = await runVibrissa(['config', 'explain'], settings.aes256);
    expect(stdout).toContain('aes-256');
    expect(stdout).not.toContain(key256);
  });
});

describe('after the settings have changed', () => {
  const dataDir = temporaryDirectory();
  const name = 'POST /api/v1/namespaces/_/actions/measure?blocking=true';

  /** Starts with these settings, lets the user do something, and stops. */
  async function during<T>(
    env: { [name: string]: string },
    work: (guest: ReturnType<typeof guestOf>) => Promise<T>,
  ): Promise<T> {
    const platform = await startPlatform({ dataDir, env });
    const found = await work(guestOf(platform));
    await platform.stop();
    return found;
  }

  it('what was locked before opens as long as its key is there, and a missing one is told of', async () => {
    await during(settings.aes256, ({ create }) => create('measure', measure, { parameters: bound }));

    const withFile = join(dataDir, '..', `${dataDir.split('/').at(-1)}.keys`);
    writeFileSync(withFile, `# newest first\n${otherKey256}\n${key256}\n`, { mode: 0o600 });
    const older = {
      VIBRISSA_PARAMETER_STORAGE_CURRENT: 'aes-128',
      VIBRISSA_PARAMETER_STORAGE_AES128: key128,
      VIBRISSA_PARAMETER_STORAGE_AES256_FILE: withFile,
    };
    const opened = await during(older, ({ call }) => call(name));
    expect(sizeOf(opened.body)).toEqual({ sizes: { password: secret.length, count: 7 }, env: secret.length });

    const missing = await during(settings.off, async ({ call, create, invoke }) => {
      await create('plain', measure, { parameters: bound });
      const document = await call('GET /api/v1/namespaces/_/actions/plain');
      expect((document.body as Document).parameters).toEqual(bound);
      expect(sizeOf((await invoke('plain')).body)).toMatchObject({ sizes: { password: secret.length } });
      return call(name);
    });
    expect(missing).toMatchObject({
      status: 500,
      body: {
        response: {
          status: 'whisk internal error',
          result: { error: expect.stringMatching(/has no key for that/) as string },
        },
      },
    });
  });

  it('a wrong key is told of in the record, and another value for the parameter mends it', async () => {
    const wrong = { ...settings.aes256, VIBRISSA_PARAMETER_STORAGE_AES256: otherKey256 };
    await during(wrong, async (guest) => {
      const failed = await guest.call(name);
      expect(failed.status).toBe(500);
      expect(failed.text).toContain("The parameter 'password' is locked with aes-256, and no key");
      const id = await guest.start('measure');
      expect((await guest.record(id)).response.status).toBe('whisk internal error');
      const parameters = [{ key: 'password', value: 'anew' }];
      await guest.call('PUT /api/v1/namespaces/_/actions/measure?overwrite=true', { parameters });
      expect(sizeOf((await guest.call(name)).body)).toMatchObject({ sizes: { password: 4 } });
    });
  });
});

it('a call that was accepted before a kill runs after it, and lay nowhere in clear meanwhile', async () => {
  const args = ['--set', 'containerPool.userMemoryMb=256', '--set', 'containerPool.prewarm=false'];
  const first = await startPlatform({ env: settings.aes256, args });
  const { create, start } = guestOf(first);
  const sleeper = 'function main() { return new Promise(() => {}) }';
  await create('sleeper', sleeper, { limits: { timeout: 3000 } });
  await create('measure', measure, { parameters: bound });
  await start('sleeper');
  const id = await start('measure', { count: 'AAAA' });
  await first.kill();
  expect(everyFileOf(first.dataDir).some((file) => file.includes(secret))).toBe(false);
  const second = await startPlatform({ dataDir: first.dataDir, env: settings.aes256, args });
  expect((await guestOf(second).record(id)).response.result).toEqual({
    sizes: { password: secret.length, count: 4 },
    env: secret.length,
  });
});

describe('wrong settings', () => {
  it.each([
    [{ CONFIG_whisk_parameterStorage_current: 'aes-256' }, /there is no key.*openssl rand -base64 32/s],
    [
      { CONFIG_whisk_parameterStorage_current: 'aes-128', CONFIG_whisk_parameterStorage_aes128: key256 },
      /not a key for aes-128.*openssl rand -base64 16/s,
    ],
    [{ VIBRISSA_PARAMETER_STORAGE_AES256: 'hunter2' }, /Key 1 of parameterStorage.aes256 is not a key/],
    [{ VIBRISSA_PARAMETER_STORAGE_AES256_FILE: '/nowhere/keys' }, /\/nowhere\/keys, does not exist/],
    [
      { VIBRISSA_PARAMETER_STORAGE_AES256: key256, VIBRISSA_PARAMETER_STORAGE_AES256_FILE: '/nowhere/keys' },
      /both set.*Keep one/s,
    ],
  ])('end the start and say how to mend them: %j', async (env, expected) => {
    const args = ['start', '--port', '0', '--data-dir', temporaryDirectory()];
    const { code, stdout, stderr } = await runVibrissa(args, env);
    expect(code).toBe(1);
    expect(stdout + stderr).toMatch(expected);
    expect(stdout + stderr).not.toContain('hunter2');
  });
});
