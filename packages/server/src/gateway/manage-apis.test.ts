import type { JsonObject } from '@vibrissa/protocol';
import { anIdentity, ManualClock, SeededIds } from '@vibrissa/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../base/logger.ts';
import { MemoryArtifactStore } from '../store/memory/memory-artifact-store.ts';
import { apiManagement } from './manage-apis.ts';
import { openGateway, type PlatformGateway } from './platform-gateway.ts';

let gateway: PlatformGateway;

beforeEach(() => {
  gateway = openGateway({
    artifacts: new MemoryArtifactStore(),
    clock: new ManualClock(),
    ids: new SeededIds(),
    logger: silentLogger,
    publicUrl: (host) => `https://${host ?? 'whisk.example'}`,
  });
});

const system = anIdentity({ namespace: { name: 'whisk.system', uuid: 'system' } });

/** As the web route calls it, for a caller whose credentials were right. */
async function web(action: string, params: JsonObject, user: string | undefined = 'guest'): Promise<unknown> {
  const found = apiManagement(gateway).find(({ name }) => name === `whisk.system/apimgmt/${action}`);
  const own = { __ow_method: 'post', __ow_headers: {}, ...(user !== '' && { __ow_user: user }) };
  return found?.run({ identity: system, params: { ...own, ...params } });
}

function failure(error: string): unknown {
  return { error: { statusCode: 502, headers: { 'Content-Type': 'application/json' }, body: { error } } };
}

const action = {
  name: 'hello',
  namespace: '_',
  backendMethod: 'POST',
  backendUrl: 'https://host:1/api/v1/web/_/default/hello.http',
  authkey: 'a:b',
};
const apidoc = {
  namespace: '_',
  gatewayBasePath: '/base',
  gatewayPath: '/a',
  gatewayMethod: 'GET',
  id: 'API:_:/base',
  action,
};

function without(name: string, source: JsonObject = apidoc): JsonObject {
  return Object.fromEntries(Object.entries(source).filter(([key]) => key !== name));
}

const swagger = { basePath: '/s', info: { title: 'S' }, paths: {} };

describe('createApi', () => {
  it('writes the endpoint as clients expect it, with the names of the caller', async () => {
    const target = 'https://host:1/api/v1/web/guest/default/hello';
    expect(await web('createApi', { apidoc: { ...apidoc, action: { ...action, secureKey: 's3' } } })).toEqual(
      {
        statusCode: 200,
        headers: { 'Content-Type': 'application/json' },
        body: {
          namespace: 'Not Used',
          gwApiActivated: true,
          tenantId: 'Not Used',
          gwApiUrl: 'https://whisk.example/api/guest/base',
          apidoc: {
            swagger: '2.0',
            info: { title: '/base', version: '1.0.0' },
            basePath: '/base',
            paths: {
              '/a': {
                get: {
                  operationId: 'getA',
                  'x-openwhisk': { url: `${target}.json`, namespace: 'guest', package: '', action: 'hello' },
                  responses: { default: { description: 'Default response' } },
                },
              },
            },
            'x-ibm-configuration': {
              assembly: {
                execute: [
                  {
                    'operation-switch': {
                      case: [
                        {
                          operations: ['getA'],
                          execute: [
                            { invoke: { 'target-url': `${target}.json`, verb: 'keep' } },
                            {
                              'set-variable': {
                                actions: [{ set: 'message.headers.X-Require-Whisk-Auth', value: 's3' }],
                              },
                            },
                          ],
                        },
                      ],
                    },
                  },
                ],
              },
              cors: { enabled: true },
            },
          },
        },
      },
    );
  });

  it.each<[string, JsonObject, string]>([
    ['no apidoc', {}, 'apidoc is required.'],
    ['a broken text', { apidoc: '{' }, 'apidoc field cannot be parsed. Ensure it is valid JSON.'],
    ['a number', { apidoc: 7 }, 'apidoc field has to be a JSON object or a text with one.'],
    ['no namespace', { apidoc: without('namespace') }, 'apidoc is missing the namespace field'],
    ['no base path', { apidoc: without('gatewayBasePath') }, 'apidoc is missing the gatewayBasePath field'],
    ['no path', { apidoc: without('gatewayPath') }, 'apidoc is missing the gatewayPath field'],
    ['no method', { apidoc: without('gatewayMethod') }, 'apidoc is missing the gatewayMethod field'],
    ['no action', { apidoc: without('action') }, 'apidoc is missing the action field.'],
    ...['backendMethod', 'backendUrl', 'namespace', 'name', 'authkey'].map(
      (field): [string, JsonObject, string] => [
        `no ${field}`,
        { apidoc: { ...apidoc, action: without(field, action) } },
        `action is missing the ${field} field.`,
      ],
    ),
    [
      'an endpoint and a document',
      { apidoc: { ...apidoc, swagger } },
      'swagger and gatewayBasePath are mutually exclusive and cannot be specified together.',
    ],
    [
      'a broken document',
      { apidoc: { namespace: '_', swagger: '{' } },
      'swagger field cannot be parsed. Ensure it is valid JSON.',
    ],
    ...['basePath', 'paths', 'info'].map((field): [string, JsonObject, string] => [
      `a document without ${field}`,
      { apidoc: { namespace: '_', swagger: without(field, swagger) } },
      `swagger is missing the ${field} field.`,
    ]),
    [
      'a document that is too deep',
      { apidoc: { namespace: '_', swagger: `{"a":${'['.repeat(200)}${']'.repeat(200)}}` } },
      'swagger is nested deeper than 100 levels.',
    ],
    [
      'a method that none is',
      { apidoc: { ...apidoc, gatewayMethod: '__proto__' } },
      "'__proto__' is not a valid API verb.  Valid values are: GET, PUT, POST, DELETE, PATCH, HEAD, OPTIONS",
    ],
    [
      'a response type that none is',
      { apidoc, responsetype: 'xml' },
      "'xml' is no response type. Use one of html, http, json, svg, text.",
    ],
    [
      'a backend that is no web action',
      { apidoc: { ...apidoc, action: { ...action, backendUrl: 'https://host/x' } } },
      "action.backendUrl is not the URL of a web action: 'https://host/x'. It looks like https://HOST/api/v1/web/NAMESPACE/PACKAGE/ACTION.http",
    ],
    [
      'an API that is named and does not exist',
      { apidoc: { ...apidoc, gatewayBasePath: 'club' } },
      "API creation failure: API 'club' does not exist.",
    ],
    [
      'a parameter in the base path',
      { apidoc: { ...apidoc, gatewayBasePath: '/a/{b}' } },
      'API creation failure: The base path (/a/{b}) cannot have parameters. Only the relative path supports path parameters.',
    ],
    [
      'a parameter and the response type json',
      { apidoc: { ...apidoc, gatewayPath: '/{b}', pathParameters: [{ name: 'b' }] } },
      "API creation failure: The action must use a response type of '.http' in order to receive the path parameters.",
    ],
  ])('refuses %s', async (_what, params, message) => {
    expect(await web('createApi', params)).toEqual(failure(message));
    expect(await gateway.apis.list('guest')).toEqual([]);
  });

  it('refuses who shows no credentials, and who writes another name into the arguments', async () => {
    expect(await web('createApi', { apidoc }, '')).toEqual(failure('A valid auth key is required.'));
    const [create] = apiManagement(gateway);
    await create?.run({ identity: anIdentity(), params: { apidoc, __ow_user: 'victim' } });
    expect(await gateway.apis.list('victim')).toEqual([]);
    expect(await gateway.apis.list('guest')).toHaveLength(1);
  });

  it('answers by its name without a response around', async () => {
    const [create] = apiManagement(gateway);
    const run = (params: JsonObject) => create?.run({ identity: anIdentity(), params });
    expect(await run({ apidoc })).toMatchObject({ gwApiUrl: 'https://whisk.example/api/guest/base' });
    expect(await run({})).toEqual({ error: 'apidoc is required.' });
  });

  it('keeps both endpoints of two who come at the same time', async () => {
    const paths = Array.from({ length: 20 }, (_, index) => `/p${index}`);
    await Promise.all(paths.map((gatewayPath) => web('createApi', { apidoc: { ...apidoc, gatewayPath } })));
    const [api] = await gateway.apis.list('guest');
    expect(Object.keys(api?.['paths'] ?? {}).sort()).toEqual(paths.sort());
  });

  it('refuses a namespace whose addresses are the platform’s own', async () => {
    expect(await web('createApi', { apidoc }, 'v1')).toEqual(
      failure("API creation failure: the addresses under /api/v1 belong to the platform's own API."),
    );
  });

  it('names two operations apart whose paths make the same name', async () => {
    for (const gatewayPath of ['/a/b', '/a.b'])
      await web('createApi', { apidoc: { ...apidoc, gatewayPath } });
    const [api] = await gateway.apis.list('guest');
    expect(api?.['paths']).toMatchObject({
      '/a/b': { get: { operationId: 'getAB' } },
      '/a.b': { get: { operationId: 'getAB-2' } },
    });
  });
});

describe('getApi and deleteApi', () => {
  beforeEach(async () => {
    await web('createApi', { apidoc: { ...apidoc, apiName: 'Club' } });
    await web('createApi', { apidoc: { ...apidoc, gatewayMethod: 'post' } });
    await web('createApi', { apidoc: { ...apidoc, gatewayPath: '/b' } });
    await web('createApi', { apidoc: { ...apidoc, gatewayBasePath: '/other' } });
  });

  async function got(params: JsonObject): Promise<string[]> {
    const answer = (await web('getApi', params)) as {
      body: { apis: { id: string; key: string; value: { apidoc: { paths: { [path: string]: object } } } }[] };
    };
    return answer.body.apis.flatMap(({ value }) =>
      Object.entries(value.apidoc.paths).flatMap(([path, item]) =>
        Object.keys(item).map((verb) => `${verb} ${path}`),
      ),
    );
  }

  it('shows all APIs, one by its base path or name, and parts of it', async () => {
    expect(await got({})).toEqual(['get /a', 'post /a', 'get /b', 'get /a']);
    expect(await got({ basepath: '/base' })).toEqual(['get /a', 'post /a', 'get /b']);
    expect(await got({ basepath: 'Club', relpath: '/a' })).toEqual(['get /a', 'post /a']);
    expect(await got({ basepath: 'Club', relpath: '/a', operation: 'POST' })).toEqual(['post /a']);
    expect(await got({ basepath: '/nothing' })).toEqual([]);
    expect(await got({ skip: '1', limit: '1' })).toEqual(['get /a']);
  });

  it('deletes a method, a path, and an API with its last path', async () => {
    expect(await web('deleteApi', { basepath: 'Club', relpath: '/a', operation: 'GET' })).toMatchObject({
      statusCode: 200,
      body: {},
    });
    expect(await got({ basepath: '/base' })).toEqual(['post /a', 'get /b']);
    await web('deleteApi', { basepath: '/base', relpath: '/a' });
    expect(await got({ basepath: '/base' })).toEqual(['get /b']);
    await web('deleteApi', { basepath: '/base', relpath: '/b' });
    expect(await gateway.apis.find('guest', '/base')).toEqual([]);
    await web('deleteApi', { basepath: '/other' });
    expect(await gateway.apis.list('guest')).toEqual([]);
  });

  it.each<[string, string, JsonObject, string]>([
    ['getApi', 'a limit that is no number', { limit: 'many' }, 'limit has to be a whole number.'],
    ['deleteApi', 'no API', {}, 'basepath is required.'],
    [
      'deleteApi',
      'a method without path',
      { basepath: '/base', operation: 'get' },
      'When specifying an operation, the path is required.',
    ],
    [
      'deleteApi',
      'an API that does not exist',
      { basepath: '/no' },
      "API deletion failure: API '/no' does not exist.",
    ],
    [
      'deleteApi',
      'a path that does not exist',
      { basepath: '/base', relpath: '/no' },
      "API deletion failure: path '/no' does not exist in the API",
    ],
    [
      'deleteApi',
      'a method that does not exist',
      { basepath: '/base', relpath: '/a', operation: 'PUT' },
      "API deletion failure: path '/a' with operation 'put' does not exist in the API",
    ],
  ])('%s refuses %s', async (name, _what, params, message) => {
    expect(await web(name, params)).toEqual(failure(message));
  });

  it('show nobody the APIs of others', async () => {
    expect(await web('getApi', {}, 'stranger')).toMatchObject({ body: { apis: [] } });
    expect(await web('deleteApi', { basepath: '/base' }, 'stranger')).toEqual(
      failure("API deletion failure: API '/base' does not exist."),
    );
    expect(await web('getApi', {}, '')).toEqual(failure('Invalid authentication.'));
  });
});
