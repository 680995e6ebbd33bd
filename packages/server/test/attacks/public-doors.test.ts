import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  ask,
  cleanUp,
  runVibrissa,
  startPlatform,
  type PlatformProcess,
  type Reply,
} from '../platform/platform-process.ts';

const MANAGE = 'GET /api/v1/web/whisk.system/apimgmt/getApi.http';

let platform: PlatformProcess;
let mallory: string;

beforeAll(async () => {
  platform = await startPlatform();
  const { stdout } = await runVibrissa([
    'admin',
    'user',
    'create',
    'mallory',
    '--data-dir',
    platform.dataDir,
  ]);
  mallory = stdout.trim();
});

afterAll(cleanUp);

function as(key: string, line: Parameters<typeof ask>[1], body?: object): Promise<Reply> {
  return ask({ port: platform.port, key }, line, body);
}

it('strangers and busy tenants leave the management of APIs to everybody else', async () => {
  const flood = (key: string): Promise<Reply[]> =>
    Promise.all(Array.from({ length: 200 }, () => as(key, MANAGE)));
  const [strangers, tenants] = [await flood('nobody:at-all'), await flood(mallory)];
  expect(strangers.every(({ status }) => status === 502 || status === 429)).toBe(true);
  expect(strangers.some(({ status }) => status === 429)).toBe(true);
  expect(tenants.some(({ status }) => status === 429)).toBe(true);
  expect((await as(platform.key, MANAGE)).status).toBe(200);
});

it('a web action of a binding whose package was withdrawn does not tell strangers whose it was', async () => {
  const code = 'function main() { return { body: "ok" }; }';
  const annotations = [{ key: 'web-export', value: true }];
  const packages = '/api/v1/namespaces/_/packages';
  await as(platform.key, `PUT ${packages}/tools`, { publish: true });
  await as(platform.key, 'PUT /api/v1/namespaces/_/actions/tools/hello', {
    exec: { kind: 'nodejs:20', code },
    annotations,
  });
  await as(mallory, `PUT ${packages}/mine`, { binding: { namespace: 'guest', name: 'tools' } });
  await as(platform.key, `PUT ${packages}/tools?overwrite=true`, { publish: false });
  const { status, text } = await as('nobody:at-all', 'GET /api/v1/web/mallory/mine/hello.http');
  expect(status).toBe(403);
  expect(text).toContain("not authorized to access 'mallory/mine/hello'");
  expect(text).not.toContain('guest');
});
