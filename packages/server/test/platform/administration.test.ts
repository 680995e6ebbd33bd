import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ask, cleanUp, runVibrissa, startPlatform, type PlatformProcess } from './platform-process.ts';

let platform: PlatformProcess;
let adminPort: number;
beforeAll(async () => {
  platform = await startPlatform({ args: ['--admin-port', '0'] });
  adminPort = Number(/http:\/\/127\.0\.0\.1:(\d+) and \//.exec(platform.stdout)?.[1]);
});
afterAll(cleanUp);

function admin(...args: string[]) {
  return runVibrissa(['admin', ...args, '--data-dir', platform.dataDir]);
}

function namespacesOf(key: string) {
  return ask({ port: platform.port, key }, 'GET /api/v1/namespaces');
}

describe('the admin listener', () => {
  it('is a socket that only its owner may open', () => {
    const { mode } = statSync(join(platform.dataDir, 'admin.sock'));
    expect(mode & 0o777).toBe(0o600);
  });

  it.each(['/metrics', '/invokers', '/activation'])('serves %s on its socket and its port', async (path) => {
    const socketPath = join(platform.dataDir, 'admin.sock');
    expect((await ask({ socketPath }, `GET ${path}`)).status).toBe(200);
    expect((await ask({ port: adminPort }, `GET ${path}`)).status).toBe(200);
  });

  it('gives the administration over TCP only to who shows the token of the data directory', async () => {
    const operation = { operation: 'user get', subject: 'guest' };
    const line = 'POST /administration';
    expect((await ask({ port: adminPort }, line, operation)).status).toBe(401);
    const token = readFileSync(join(platform.dataDir, 'admin.token'), 'utf8').trim();
    const headers = { authorization: `Bearer ${token}` };
    const reply = await ask({ port: adminPort, headers }, line, operation);
    expect(reply.body).toEqual({ exitCode: 0, lines: [platform.key] });
  });

  it('says on /mesos that the containers are local; over TCP only to who shows the token', async () => {
    const socketPath = join(platform.dataDir, 'admin.sock');
    const reply = await ask({ socketPath }, 'GET /mesos');
    expect(reply.status).toBe(404);
    expect(reply.text).toContain('no Mesos tasks');
    expect((await ask({ port: adminPort }, 'GET /mesos')).status).toBe(401);
    const token = readFileSync(join(platform.dataDir, 'admin.token'), 'utf8').trim();
    const headers = { authorization: `Bearer ${token}` };
    expect((await ask({ port: adminPort, headers }, 'GET /mesos')).status).toBe(404);
    expect((await ask({ port: platform.port }, 'GET /mesos')).text).not.toContain('Mesos');
  });

  it('is not there on the public port', async () => {
    const operation = { operation: 'user get', subject: 'guest' };
    expect((await ask({ port: platform.port }, 'POST /administration', operation)).status).toBe(404);
  });

  it('refuses what is no operation', async () => {
    const socketPath = join(platform.dataDir, 'admin.sock');
    expect((await ask({ socketPath }, 'POST /administration', { operation: 'format disk' })).status).toBe(
      400,
    );
  });
});

describe('administration of a running platform', () => {
  it('creates a user whose key works, and whose block counts at once', async () => {
    const created = await admin('user', 'create', 'alice');
    expect(created).toMatchObject({ code: 0, stderr: '' });
    const key = created.stdout.trim();
    expect((await namespacesOf(key)).body).toEqual(['alice']);
    expect((await admin('user', 'block', 'alice')).stdout).toBe('"alice" blocked successfully\n');
    expect((await namespacesOf(key)).status).toBe(401);
    await admin('user', 'unblock', 'alice');
    expect((await namespacesOf(key)).status).toBe(200);
  });

  it('knows the options of wskadmin, -ns too', async () => {
    const key = `11111111-1111-4111-8111-111111111111:${'x'.repeat(64)}`;
    expect((await admin('user', 'create', 'bobby', '-u', key, '-ns', 'team')).stdout).toBe(`${key}\n`);
    expect((await admin('user', 'whois', key)).stdout).toBe('subject: bobby\nnamespace: team\n');
    expect((await admin('user', 'list', 'team', '-a')).stdout).toBe(`${key}\tbobby\n`);
    expect((await admin('user', 'create', 'bobby', '-ns', 'team')).code).toBe(1);
  });

  it('sets limits that hold for the next request', async () => {
    const key = (await admin('user', 'create', 'carol')).stdout.trim();
    const set = await admin(
      'limits',
      'set',
      'carol',
      '--invocationsPerMinute',
      '0',
      '--maxActionMemory',
      '1 GB',
    );
    expect(set.stdout).toBe('Limits successfully set for "carol"\n');
    expect((await admin('limits', 'get', 'carol')).stdout).toBe(
      'invocationsPerMinute = 0\nmaxActionMemory = 1024\n',
    );
    const limits = await ask({ port: platform.port, key }, 'GET /api/v1/namespaces/_/limits');
    expect(limits.body).toMatchObject({ invocationsPerMinute: 0 });
  });

  it('rotates the master key while it runs', async () => {
    const file = join(platform.dataDir, 'secret.key');
    const old = readFileSync(file, 'utf8');
    const made = await startPlatform();
    writeFileSync(file, readFileSync(join(made.dataDir, 'secret.key'), 'utf8') + old);
    const reload = await admin('keys', 'reload');
    expect(reload.stdout).toMatch(/^[1-9]\d* secrets sealed anew/);
    writeFileSync(file, readFileSync(join(made.dataDir, 'secret.key'), 'utf8'));
    expect((await admin('keys', 'reload')).code).toBe(0);
    expect((await admin('user', 'get', 'guest')).stdout).toBe(`${platform.key}\n`);
  });

  it('has the exit codes of wskadmin', async () => {
    expect((await admin('user', 'create', 'bob')).code).toBe(2);
    expect((await admin('user', 'get', 'nobody')).code).toBe(1);
  });
});

describe('administration of a platform that is stopped', () => {
  it('refuses a directory that is none, instead of making one', async () => {
    const dataDir = join(platform.dataDir, 'typo');
    const exit = await runVibrissa(['admin', 'user', 'get', 'guest', '--data-dir', dataDir]);
    expect(exit.code).toBe(1);
    expect(exit.stderr).toContain(`There is no data directory ${dataDir}.`);
    expect(statSync(dataDir, { throwIfNoEntry: false })).toBeUndefined();
  });

  it('works on the store itself', async () => {
    const stopped = await startPlatform();
    const { key, dataDir } = stopped;
    await stopped.stop();
    const at = (...args: string[]) => runVibrissa(['admin', ...args, '--data-dir', dataDir]);
    expect((await at('user', 'get', 'guest')).stdout).toBe(`${key}\n`);
    const dave = (await at('user', 'create', 'dave5')).stdout.trim();
    const again = await startPlatform({ dataDir });
    expect((await ask({ port: again.port, key: dave }, 'GET /api/v1/namespaces')).body).toEqual(['dave5']);
  });
});
