import openwhisk, { type Client } from 'openwhisk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { cleanUp } from '../platform/platform-process.ts';
import { openWskOnPlatform, type WskOnPlatform } from './wsk-on-platform.ts';

const echo = 'function main(args) { return { statusCode: 200, body: args }; }';

let on: WskOnPlatform;
let ow: Client;

beforeAll(async () => {
  on = await openWskOnPlatform();
  ow = openwhisk({ apihost: on.url, api_key: on.platform.key });
  await on.wsk('action', 'create', 'echo', on.file('echo.js', echo), '--web', 'true');
}, 60_000);
afterAll(cleanUp);

interface Answer {
  readonly gwApiUrl: string;
  readonly apidoc: { readonly paths: { readonly [path: string]: object } };
}

/** Its own type declarations lag behind what it does. */
function routes() {
  return ow.routes as unknown as {
    create(options: object): Promise<Answer>;
    list(options?: object): Promise<{ apis: { value: Answer }[] }>;
    get(options: object): Promise<{ apis: { value: Answer }[] }>;
    delete(options: object): Promise<unknown>;
  };
}

describe('the openwhisk npm client, unmodified', () => {
  it('creates, shows and deletes routes, with and without a gateway token', async () => {
    const made = await routes().create({
      relpath: '/npm',
      operation: 'GET',
      basepath: '/from',
      action: 'echo',
    });
    expect(made.gwApiUrl).toBe(`${on.url}/api/guest/from`);
    expect((await fetch(`${made.gwApiUrl}/npm`)).status).toBe(200);
    const more = { relpath: '/npm/{id}', operation: 'PUT', basepath: '/from', responsetype: 'http' };
    await routes().create({ ...more, action: '/guest/echo', secure_key: 's' });
    const reply = await fetch(`${made.gwApiUrl}/npm/7`, { method: 'PUT' });
    expect(await reply.json()).toMatchObject({
      __ow_path: '/from/npm/7',
      __ow_headers: { 'x-require-whisk-auth': 's' },
    });
    const { apis } = await routes().get({ basepath: '/from' });
    expect(Object.keys(apis[0]?.value.apidoc.paths ?? {})).toEqual(['/npm', '/npm/{id}']);
    await routes().delete({ basepath: '/from', relpath: '/npm', operation: 'GET' });
    expect((await fetch(`${made.gwApiUrl}/npm`)).status).toBe(404);
    const withToken = { apihost: on.url, api_key: on.platform.key, apigw_token: 't', apigw_space_guid: 'g' };
    expect(await openwhisk(withToken as never).routes.list()).toEqual(await routes().list());
    await routes().delete({ name: '/from' });
    expect((await routes().list()).apis).toEqual([]);
  });

  it('keeps every endpoint of several who come at the same time', async () => {
    const relpaths = ['/a', '/b', '/c', '/d', '/e'];
    await Promise.all(
      relpaths.map((relpath) =>
        routes().create({ relpath, operation: 'GET', basepath: '/together', action: 'echo' }),
      ),
    );
    const { apis } = await routes().get({ basepath: '/together' });
    expect(Object.keys(apis[0]?.value.apidoc.paths ?? {}).toSorted()).toEqual(relpaths);
    await routes().delete({ basepath: '/together' });
  });

  it('imports a whole API, and is told where one is wrong', async () => {
    const url = `${on.url}/api/v1/web/guest/default/echo.json`;
    const swagger = {
      swagger: '2.0',
      info: { title: 'Whole', version: '1' },
      basePath: '/whole',
      paths: { '/one': { get: { operationId: 'one', 'x-openwhisk': { url } } } },
    };
    const made = await routes().create({ swagger: JSON.stringify(swagger) });
    expect((await fetch(`${made.gwApiUrl}/one`)).status).toBe(200);
    const wrong = { ...swagger, paths: { '/one': { get: {} } } };
    await expect(routes().create({ swagger: JSON.stringify(wrong) })).rejects.toMatchObject({
      statusCode: 502,
      error: {
        error:
          'API creation failure: The API document is wrong at #/paths/~1one/get/x-openwhisk/url: no action serves this operation.',
      },
    });
    await routes().delete({ name: 'Whole' });
  });
});

describe('wsk api', () => {
  it('lists what it has created, exports it, and imports the export', async () => {
    await on.wsk('api', 'create', '/club', '/books', 'get', 'echo', '-n', 'Club', '--response-type', 'http');
    await on.wsk('api', 'create', 'Club', '/books', 'post', 'echo', '--response-type', 'http');
    const { stdout } = await on.wsk('api', 'list', '-n');
    expect(stdout).toBe(`ok: APIs
Action         Verb  API Name  URL
/guest/echo     get      Club  ${on.url}/api/guest/club/books
/guest/echo    post      Club  ${on.url}/api/guest/club/books
`);
    for (const format of ['json', 'yaml']) {
      const exported = await on.wsk('api', 'get', 'Club', '--format', format);
      const file = on.file(`club.${format}`, exported.stdout);
      expect((await on.wsk('api', 'delete', '/club')).stdout).toBe('ok: deleted API /club\n');
      expect((await fetch(`${on.url}/api/guest/club/books`)).status).toBe(404);
      expect((await on.wsk('api', 'create', '-c', file)).stderr).toBe('');
      expect((await fetch(`${on.url}/api/guest/club/books`)).status).toBe(200);
      expect((await on.wsk('api', 'get', '/club')).stdout).toBe((await on.wsk('api', 'get', 'Club')).stdout);
    }
  });

  it('deletes a method, a path and an API', async () => {
    await on.wsk('api', 'create', '/part', '/a', 'get', 'echo');
    await on.wsk('api', 'create', '/part', '/a', 'put', 'echo');
    const { stdout } = await on.wsk('api', 'delete', '/part', '/a', 'put');
    expect(stdout).toBe('ok: deleted /a PUT from /part\n');
    expect((await fetch(`${on.url}/api/guest/part/a`, { method: 'PUT' })).status).toBe(405);
    expect((await on.wsk('api', 'delete', '/part', '/a')).stdout).toBe('ok: deleted /a from /part\n');
    const gone = await on.wsk('api', 'delete', '/part');
    expect(gone).toEqual({
      exitCode: 246,
      stdout: '',
      stderr:
        "error: Unable to delete API: API deletion failure: API '/part' does not exist.\nSee all APIs with: wsk api list\n",
    });
  });

  it('keeps APIs over a restart', async () => {
    const { stdout } = await on.wsk('api', 'list', '/club');
    await on.platform.kill();
    on = await openWskOnPlatform([], on.platform.dataDir);
    expect((await on.wsk('api', 'list', '/club')).stdout.replaceAll(/:\d+\/api/g, '/api')).toBe(
      stdout.replaceAll(/:\d+\/api/g, '/api'),
    );
    expect((await fetch(`${on.url}/api/guest/club/books`)).status).toBe(200);
  }, 60_000);
});
