import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { cleanUp, guestOf, runVibrissa, startPlatform, temporaryDirectory } from './platform-process.ts';

afterAll(cleanUp);

const plain = ['--set', 'containers.factory=process'];

describe('without any isolation', () => {
  it('says so loudly, and runs actions for this machine', async () => {
    const platform = await startPlatform({ args: plain });
    expect(platform.stdout).toContain('[ WARN  ] NO ISOLATION');
    const { create, invoke } = guestOf(platform);
    await create('where', 'function main() { return { api: process.env.__OW_API_HOST }; }');
    const { body } = await invoke('where');
    expect(body).toMatchObject({ response: { result: { api: `http://127.0.0.1:${platform.port}` } } });
  });

  it('refuses to listen beyond loopback', async () => {
    const dataDir = join(temporaryDirectory(), 'data');
    const where = ['--port', '0', '--host', '0.0.0.0', '--data-dir', dataDir];
    const exit = await runVibrissa(['start', ...where, ...plain]);
    expect(exit.code).toBe(1);
    expect(exit.stderr).toContain("so the API doesn't listen on 0.0.0.0");
    expect(exit.stderr).toContain('containers.listenWithoutIsolation=true');
  });

  it('listens beyond loopback when it is told to', async () => {
    const told = ['--set', 'containers.listenWithoutIsolation=true', '--host', '0.0.0.0'];
    const platform = await startPlatform({ args: [...plain, ...told] });
    expect(platform.stdout).toContain('not encrypted');
    expect((await guestOf(platform).call('GET /ping')).status).toBe(200);
  });
});
