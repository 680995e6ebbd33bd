import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SwaggerCheck } from './check-against-swagger.ts';
import { openRest, type RestFixture } from './rest-fixture.ts';

interface Operation {
  readonly operationId: string;
  readonly responses: { readonly [status: string]: { readonly schema?: { readonly $ref?: string } } };
}
interface Swagger {
  readonly swagger: string;
  readonly basePath: string;
  readonly paths: { readonly [path: string]: { readonly [verb: string]: Operation } };
  readonly definitions: {
    readonly [name: string]: {
      readonly properties?: { readonly [member: string]: { readonly enum?: readonly unknown[] } };
      readonly required?: readonly string[];
    };
  };
}

let rest: RestFixture;
let swagger: Swagger;
beforeAll(async () => {
  rest = await openRest();
  swagger = (await rest.call('GET', '/api/v1/api-docs', { unchecked: true })).json as Swagger;
});
afterAll(() => rest.close());

function members(name: string): string {
  const { properties, required } = swagger.definitions[name] ?? {};
  return Object.keys(properties ?? {})
    .map((member) => (required?.includes(member) ? `${member}*` : member))
    .sort()
    .join(' ');
}

function sorted(text: string): string {
  return text.split(' ').sort().join(' ');
}

describe('the Swagger document', () => {
  it.each([
    ['KeyValue', 'key value'],
    ['Action', 'namespace* name* version* publish* exec* limits* annotations parameters updated'],
    ['ActionExec', 'kind code image main binary components'],
    ['ActionMeta', 'namespace* name* version* publish* exec* limits* annotations updated'],
    ['ActionExecMeta', 'binary'],
    ['ActionLimits', 'timeout memory logs concurrency instances'],
    ['Rule', 'namespace* name* version* publish* trigger* action* status annotations updated'],
    ['RuleMeta', 'namespace* name* version* publish* trigger* action* annotations updated'],
    ['Trigger', 'namespace* name* version* publish* annotations parameters limits rules updated'],
    ['TriggerMeta', 'namespace* name* version* publish* annotations updated'],
    ['Package', 'namespace* name* version* publish* annotations parameters binding actions feeds updated'],
    [
      'ActivationBrief',
      'namespace* name* version* publish* activationId* start* annotations end duration cause statusCode',
    ],
    [
      'Activation',
      'namespace* name* version* publish* activationId* start* annotations end duration cause statusCode subject* response* logs*',
    ],
    ['ActivationResult', 'status result success size'],
    ['ActivationLogs', 'logs'],
    ['ActivationId', 'activationId*'],
    ['ErrorMessage', 'error* code'],
    [
      'UserLimits',
      'invocationsPerMinute concurrentInvocations firesPerMinute allowedKinds storeActivations maxParameterSize minActionMemory maxActionMemory minActionTimeout maxActionTimeout minActionLogs maxActionLogs minActionConcurrency maxActionConcurrency maxActionInstances',
    ],
  ])('gives %s exactly the members that OpenWhisk’s has', (name, expected) => {
    expect(members(name)).toBe(sorted(expected));
  });

  it.each([
    ['get /namespaces', '200 401 500'],
    ['get /namespaces/{namespace}/actions', '200 401 500'],
    ['get /namespaces/{namespace}/actions/{name}', '200 401 403 404 500'],
    ['put /namespaces/{namespace}/actions/{name}', '200 400 401 403 409 413 500'],
    ['delete /namespaces/{namespace}/actions/{name}', '200 400 401 403 404 409 500'],
    ['post /namespaces/{namespace}/actions/{name}', '200 202 401 403 404 408 429 500 502'],
    ['post /namespaces/{namespace}/actions/{packageName}/{name}', '200 202 401 403 404 408 429 500 502'],
    ['get /namespaces/{namespace}/activations', '200 401 500'],
    ['get /namespaces/{namespace}/activations/{activationid}', '200 401 404 500'],
    ['get /namespaces/{namespace}/activations/{activationid}/logs', '200 401 404 500'],
    ['get /namespaces/{namespace}/activations/{activationid}/result', '200 401 404 500'],
    ['get /namespaces/{namespace}/packages', '200 401 403 500'],
    ['get /namespaces/{namespace}/packages/{name}', '200 401 403 404 409 500'],
    ['put /namespaces/{namespace}/packages/{name}', '200 400 401 403 409 413 500'],
    ['delete /namespaces/{namespace}/packages/{name}', '200 401 404 409 500'],
    ['get /namespaces/{namespace}/rules', '200 401 500'],
    ['get /namespaces/{namespace}/triggers', '200 401 500'],
    ['get /namespaces/{namespace}/limits', '200 401 500'],
  ])('declares for %s exactly %s', (operation, statuses) => {
    const [verb = '', path = ''] = operation.split(' ');
    expect(Object.keys(swagger.paths[path]?.[verb]?.responses ?? {}).join(' ')).toBe(statuses);
  });

  it('is of version 2.0, refers to its definitions, and lists the kinds that clients know', () => {
    expect(swagger).toMatchObject({ swagger: '2.0', basePath: '/api/v1' });
    expect(JSON.stringify(swagger)).toContain('"#/definitions/ActionMeta"');
    for (const name of ['ActionMeta', 'ActionExecMeta', 'RuleMeta', 'TriggerMeta', 'Action', 'EntityBrief']) {
      expect(swagger.definitions).toHaveProperty(name);
    }
    const kinds = swagger.definitions.ActionExec?.properties?.kind?.enum ?? [];
    expect(kinds).toHaveLength(25);
    expect(kinds).toEqual(
      expect.arrayContaining(['blackbox', 'sequence', 'nodejs:20', 'nodejs:default', 'rust:1.34']),
    );
    expect(swagger.definitions.ActivationBrief?.properties?.statusCode?.enum).toEqual([0, 1, 2]);
  });

  it('names each operation once, and defines all that it refers to', () => {
    const ids = Object.values(swagger.paths).flatMap((item) =>
      Object.values(item).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
    const references = JSON.stringify(swagger).match(/#\/definitions\/\w+/g) ?? [];
    for (const reference of references) {
      expect(swagger.definitions).toHaveProperty(reference.slice('#/definitions/'.length));
    }
  });
});

describe('the check of answers', () => {
  it('refuses members and statuses that the document doesn’t have', async () => {
    const openApi = (await rest.call('GET', '/api/v1/openapi.json', { unchecked: true })).text;
    const check = new SwaggerCheck(JSON.stringify(swagger), openApi);
    const exchange = {
      method: 'GET',
      url: '/api/v1/namespaces/_/activations',
      contentType: 'application/json',
    };
    const brief = {
      namespace: 'n',
      name: 'a',
      version: '0.0.1',
      publish: false,
      activationId: 'i',
      start: 1,
    };
    const send = (status: number, body: unknown) => () =>
      check.check({ ...exchange, status, body: JSON.stringify(body) });
    expect(send(200, [brief])).not.toThrow();
    expect(send(200, [{ ...brief, extra: 1 }])).toThrow('must NOT have additional properties');
    expect(send(200, [{ ...brief, start: 'x' }])).toThrow('must be integer');
    expect(send(200, [{ ...brief, start: undefined }])).toThrow('required');
    expect(send(201, [brief])).toThrow('does not declare');
    expect(send(503, { error: 'x', more: 1 })).toThrow('must NOT have additional properties');
    expect(() => check.check({ ...exchange, status: 200, body: '[]', contentType: 'text/plain' })).toThrow(
      'text/plain',
    );
  });
});

describe('the OpenAPI document', () => {
  it('is of version 3.1 and resolves within itself', async () => {
    const { json, text } = await rest.call('GET', '/api/v1/openapi.json', { unchecked: true });
    expect(json).toMatchObject({ openapi: '3.1.0', servers: [{ url: '/api/v1' }] });
    expect(text).not.toContain('#/definitions/');
    const schemas = (json as { components: { schemas: object } }).components.schemas;
    for (const reference of text.match(/#\/components\/schemas\/\w+/g) ?? []) {
      expect(schemas).toHaveProperty(reference.slice('#/components/schemas/'.length));
    }
  });
});

describe('the pages', () => {
  it('show the documents without a network', async () => {
    const docs = await rest.call('GET', '/api/v1/docs', { unchecked: true, as: 'nobody' });
    expect(docs.status).toBe(308);
    expect(docs.headers.get('location')).toBe('docs/index.html?url=/api/v1/api-docs');
    const page = await rest.call('GET', '/api/v1/docs/index.html?url=/api/v1/api-docs', {
      unchecked: true,
      as: 'nobody',
    });
    expect(page.text).toContain('<title>Swagger UI</title>');
    expect(page.text).not.toMatch(/https?:\/\//);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect((await rest.call('GET', '/docs', { unchecked: true })).headers.get('location')).toBe(
      'docs/index.html?url=/api-docs',
    );
    expect((await rest.call('GET', '/api-docs', { unchecked: true })).json).toMatchObject({
      swagger: '2.0',
      basePath: '/',
    });
  });

  it('say what the server is, with limits in bytes', async () => {
    expect((await rest.call('GET', '/', { unchecked: true, as: 'nobody' })).json).toEqual({
      description: 'OpenWhisk',
      support: { github: 'https://github.com/apache/openwhisk/issues', slack: 'http://slack.openwhisk.org' },
      api_paths: ['/api/v1'],
      limits: {
        actions_per_minute: 100_000,
        triggers_per_minute: 60,
        concurrent_actions: 30,
        sequence_length: 50,
        default_min_action_duration: 100,
        default_max_action_duration: 300_000,
        default_min_action_memory: 134_217_728,
        default_max_action_memory: 536_870_912,
        default_min_action_logs: 0,
        default_max_action_logs: 10_485_760,
        min_action_duration: 100,
        max_action_duration: 300_000,
        min_action_memory: 134_217_728,
        max_action_memory: 536_870_912,
        min_action_logs: 0,
        max_action_logs: 10_485_760,
      },
      runtimes: expect.objectContaining({
        nodejs: [
          {
            kind: 'nodejs:20',
            image: 'openwhisk/action-nodejs-v20:nightly',
            deprecated: false,
            default: true,
            attached: true,
            requireMain: false,
          },
          {
            kind: 'nodejs:18',
            image: 'action-nodejs-v18',
            deprecated: false,
            default: false,
            attached: false,
            requireMain: false,
          },
          {
            kind: 'nodejs:16',
            image: 'action-nodejs-v16',
            deprecated: true,
            default: false,
            attached: false,
            requireMain: false,
          },
        ],
        java: [
          {
            kind: 'java:8',
            image: 'java8action',
            deprecated: false,
            default: true,
            attached: false,
            requireMain: true,
          },
        ],
      }) as unknown,
    });
    for (const path of ['/api/v1', '/api/v1/']) {
      expect((await rest.call('GET', path, { unchecked: true, as: 'nobody' })).json).toEqual({
        description: 'OpenWhisk API',
        api_version: '1.0.0',
        api_version_path: 'v1',
        build: '2026-01-01',
        buildno: '7',
        swagger_paths: { ui: '/docs', 'api-docs': '/api-docs' },
        not_available: expect.arrayContaining(['images']) as unknown,
      });
    }
    expect((await rest.call('GET', '/ping', { unchecked: true, as: 'nobody' })).text).toBe('pong');
    expect((await rest.call('GET', '/api/v1/namespaces')).json).toEqual(['guest']);
    expect((await rest.call('GET', '/api/v1/namespaces/')).json).toEqual(['guest']);
  });
});
