import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

import { ask, cleanUp, guestOf, runVibrissa, startPlatform, temporaryDirectory } from './platform-process.ts';

afterEach(cleanUp);

describe('the first start', () => {
  it('makes namespace guest with a key that only the owner reads, and prints the line to paste', async () => {
    const platform = await startPlatform();
    const file = join(platform.dataDir, 'auth.guest');
    expect(readFileSync(file, 'utf8')).toMatch(
      /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}:[A-Za-z0-9]{64}\n$/,
    );
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(platform.dataDir).mode & 0o777).toBe(0o700);
    const auth = `"$(cat '${file}')"`;
    expect(platform.stdout).toContain(
      `wsk property set --apihost 'http://127.0.0.1:${platform.port}' --auth ${auth}\n`,
    );
    expect(execFileSync('sh', ['-c', `printf %s ${auth}`], { encoding: 'utf8' })).toBe(platform.key);
    expect(platform.stdout).not.toContain(platform.key);
    expect(platform.stdout).toContain('[  OK   ] Node.js');
    expect(await ask(platform, 'GET /ping')).toMatchObject({ status: 200, text: 'pong' });
    const reply = await ask({ port: platform.port, key: platform.key }, 'GET /api/v1/namespaces');
    expect(reply.body).toEqual(['guest']);
  });

  it('never writes the key to the log', async () => {
    const platform = await startPlatform({ args: ['--log-level', 'debug'] });
    await ask({ port: platform.port, key: platform.key }, 'GET /api/v1/namespaces');
    await platform.stop();
    const [, secret = ''] = readFileSync(join(platform.dataDir, 'auth.guest'), 'utf8').trim().split(':');
    expect(secret).toHaveLength(64);
    expect(platform.stderr).toContain('"route":"/api/v1/namespaces"');
    expect(platform.stderr).not.toContain(secret);
    expect(platform.stdout).not.toContain(secret);
  });

  it('takes the key for guest from the settings', async () => {
    const key = `23bc46b1-71f6-4ed5-8c54-816aa4f8c502:${'K'.repeat(64)}`;
    const platform = await startPlatform({ env: { CONFIG_whisk_users_guest: key } });
    expect(platform.key).toBe(key);
  });

  it('keeps key and namespace over a restart', async () => {
    const first = await startPlatform();
    const { key, dataDir } = first;
    expect(await first.stop()).toEqual({ code: 0, signal: null });
    const second = await startPlatform({ dataDir });
    expect(second.key).toBe(key);
    expect((await ask({ port: second.port, key }, 'GET /api/v1/namespaces')).status).toBe(200);
  });

  it('works in a directory whose name is longer than a socket path may be', async () => {
    const dataDir = join(temporaryDirectory(), 'long-'.repeat(30));
    const platform = await startPlatform({ dataDir });
    expect(statSync(join(dataDir, 'admin.sock')).isSocket()).toBe(true);
    const list = await runVibrissa(['admin', 'user', 'list', 'guest', '--data-dir', dataDir]);
    expect(list).toMatchObject({ code: 0, stdout: `${platform.key}\tguest\n` });
    const { create, invoke } = guestOf(platform);
    await create(
      'ping',
      `async function main() {
        const reply = await fetch(process.env.__OW_API_HOST + '/ping');
        return { text: await reply.text() };
      }`,
    );
    expect((await invoke('ping')).body).toMatchObject({ response: { result: { text: 'pong' } } });
    expect((await platform.stop()).code).toBe(0);
  });
});

describe('a second start', () => {
  it('on the same data directory says who has it, and leaves the first one alone', async () => {
    const first = await startPlatform();
    const second = await runVibrissa(['start', '--port', '0', '--data-dir', first.dataDir]);
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(`The data directory ${first.dataDir} is in use by process ${first.pid}`);
    expect(second.stderr).toContain('--data-dir');
    expect((await ask(first, 'GET /ping')).status).toBe(200);
    expect((await ask({ socketPath: join(first.dataDir, 'admin.sock') }, 'GET /ping')).status).toBe(200);
  });

  it('on the same port says so, and touches no data directory', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    const dataDir = join(temporaryDirectory(), 'data');
    const second = await runVibrissa(['start', '--port', String(port), '--data-dir', dataDir]);
    taken.close();
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(`error: Port ${port} of 127.0.0.1 is taken`);
    expect(second.stdout).not.toContain('is taken');
    expect(statSync(dataDir, { throwIfNoEntry: false })).toBeUndefined();
  });

  it('after kill -9 finds the directory free', async () => {
    const first = await startPlatform();
    await first.kill();
    const second = await startPlatform({ dataDir: first.dataDir });
    expect((await ask(second, 'GET /ping')).status).toBe(200);
  });
});

describe('a data directory of a newer version', () => {
  it('is refused, and left as it is', async () => {
    const first = await startPlatform();
    const { dataDir } = first;
    await first.stop();
    const file = join(dataDir, 'format.json');
    const format = JSON.parse(readFileSync(file, 'utf8')) as { format: number };
    const newer = JSON.stringify({ ...format, format: format.format + 1 });
    writeFileSync(file, newer);
    const exit = await runVibrissa(['start', '--port', '0', '--data-dir', dataDir]);
    expect(exit.code).toBe(1);
    expect(exit.stderr).toContain('Start the newer version that wrote it');
    expect(readFileSync(file, 'utf8')).toBe(newer);
  });
});

describe('the doctor', () => {
  it('finds this machine fit, and makes no data directory', async () => {
    const dataDir = join(temporaryDirectory(), 'data');
    const exit = await runVibrissa(['doctor', '--port', '0', '--data-dir', dataDir]);
    expect(exit.code).toBe(0);
    expect(exit.stdout).toContain('0 failures');
    expect(statSync(dataDir, { throwIfNoEntry: false })).toBeUndefined();
  });

  it('does not take the port of the platform that runs for an obstacle', async () => {
    const platform = await startPlatform();
    const port = String(platform.port);
    const exit = await runVibrissa(['doctor', '--port', port, '--data-dir', platform.dataDir]);
    expect(exit.stdout).toContain(`A platform runs on ${platform.dataDir}`);
    expect(exit.stdout).toContain('0 failures');
    expect(exit.code).toBe(0);
  });

  it('names what would keep the platform from starting, with its mend', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    const file = join(temporaryDirectory(), 'file');
    writeFileSync(file, '');
    const exit = await runVibrissa(['doctor', '--port', String(port), '--data-dir', file]);
    taken.close();
    expect(exit.code).toBe(1);
    expect(exit.stdout).toContain(`[FAILURE] Port ${port} of 127.0.0.1 is taken`);
    expect(exit.stdout).toContain(`[FAILURE] The data directory ${file} is a file, not a directory.`);
    expect(exit.stdout).toContain('2 failures, ');
  });
});

describe('a data directory that can be none', () => {
  it.each(['/proc/self/vibrissa', '/sys/vibrissa'])('is refused at once: %s', async (dataDir) => {
    const start = await runVibrissa(['start', '--port', '0', '--data-dir', dataDir]);
    expect(start.code).toBe(1);
    expect(start.stderr).toContain(`The data directory ${dataDir} lies in a file system of the kernel`);
  });

  it('is refused with what lies there instead', async () => {
    const file = join(temporaryDirectory(), 'file');
    writeFileSync(file, '');
    const start = await runVibrissa(['start', '--port', '0', '--data-dir', join(file, 'below')]);
    expect(start.stderr).toContain(`can't be made: ${file} is a file`);
    const admin = await runVibrissa(['admin', 'user', 'list', 'guest', '--data-dir', file]);
    expect(admin.stderr).toContain(`The data directory ${file} can't be used: it is a file.`);
  });
});

describe('what is wrong with the settings', () => {
  it.each([
    [['--port', 'http'], 'http.port (from --port) must be a port number'],
    [['--set', 'limits.actions.invokes.perMinuet=1'], 'Did you mean limits.actions.invokes.perMinute?'],
    [['--tls-cert', 'cert.pem'], '--tls-key'],
    [['--config', '/nonexistent/v.yaml'], '/nonexistent/v.yaml does not exist'],
  ])('ends the start with code 2 and its mend: %j', async (args, expected) => {
    const exit = await runVibrissa(['start', '--data-dir', temporaryDirectory(), ...args]);
    expect(exit.code).toBe(2);
    expect(exit.stderr).toContain(expected);
    expect(exit.stdout).toBe('');
  });
});
