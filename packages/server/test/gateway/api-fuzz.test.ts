import type { Json, JsonObject } from '@vibrissa/protocol';
import { fuzz, fuzzSeconds, fuzzSeed, mutate, pick, type Random } from '@vibrissa/testkit/fuzzing';
import { describe, expect, it } from 'vitest';

import { gatewayAtHand } from './gateway-at-hand.ts';

const timeout = fuzzSeconds * 1000 + 60_000;
const url = 'http://here/api/v1/web/guest/default/echo.http';
const whole = JSON.stringify({
  swagger: '2.0',
  info: { title: 'T', version: '1' },
  basePath: '/b',
  paths: {
    '/a': { get: { operationId: 'a', 'x-openwhisk': { url } } },
    '/a/{id}': { parameters: [{ name: 'id' }], post: { operationId: 'b', security: [{ k: [] }] } },
  },
  securityDefinitions: { k: { type: 'apiKey', in: 'header', name: 'x-api-key' } },
  'x-gateway-rate-limit': [{ unit: 'minute', units: 1, rate: 100 }],
  'x-ibm-configuration': {
    cors: { enabled: true },
    assembly: {
      execute: [
        {
          'operation-switch': {
            case: [
              {
                operations: ['b'],
                execute: [
                  { invoke: { 'target-url': `${url}$(request.path)`, verb: 'keep' } },
                  { 'set-variable': { actions: [{ set: 'message.headers.X', value: 'v' }] } },
                ],
              },
            ],
          },
        },
      ],
    },
  },
});
const endpoint = JSON.stringify({
  namespace: '_',
  gatewayBasePath: '/b',
  gatewayPath: '/a/{id}',
  gatewayMethod: 'GET',
  apiName: 'n',
  pathParameters: [{ name: 'id' }],
  action: {
    name: 'p/a',
    namespace: '_',
    backendMethod: 'GET',
    backendUrl: url,
    authkey: 'a:b',
    secureKey: 's',
  },
});
const words = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ',',
  '/',
  '//',
  '{x}',
  '"__proto__":',
  '%00',
  '%zz',
  '\\u0000',
  'null',
  '1e999',
];
const values: readonly Json[] = [
  null,
  true,
  -1,
  0,
  1.5,
  '',
  '/',
  '{',
  [],
  {},
  [[]],
  [{}],
  '\u0000',
  'x'.repeat(3000),
];

/** Puts something else in the place of any value of the document. */
function replaceAny(value: Json, random: Random): Json {
  const members = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  if (members.length === 0 || random() < 0.15) return pick(random, values);
  const [name, inner] = pick(random, members);
  const replaced = replaceAny(inner, random);
  return Array.isArray(value)
    ? value.map((item, index) => (String(index) === name ? replaced : item))
    : Object.fromEntries(members.map(([key, item]) => [key, key === name ? replaced : item]));
}

function broken(text: string, random: Random): Json {
  if (random() < 0.5) return mutate(Buffer.from(text), words, random).toString('utf8');
  return replaceAny(JSON.parse(text) as Json, random);
}

const requests = ['/b', '/b/a', '/b/a/1', '/b/a/%2f', '/b/a/..', '//', '/b/a/1?x=1'];

describe(`fuzzing the gateway (SOAK_SEED=${fuzzSeed})`, () => {
  it(
    'any request to create an API is done or refused with a reason, and what was taken can be served',
    async () => {
      const before = Object.getOwnPropertyNames(Object.prototype).join();
      await fuzz('createApi', async (random) => {
        const gateway = gatewayAtHand();
        const apidoc: Json =
          random() < 0.6 ? { namespace: '_', swagger: broken(whole, random) } : broken(endpoint, random);
        const params: JsonObject = { apidoc, responsetype: random() < 0.9 ? 'http' : pick(random, values) };
        const made = await gateway.manage('createApi', params);
        if (Object.hasOwn(made, 'error')) {
          expect(made['error']).toMatch(/\S/);
          expect(await gateway.parts.apis.list('guest')).toEqual([]);
        } else {
          expect(await gateway.parts.apis.served('guest')).toHaveLength(1);
          for (const place of requests) {
            const [status] = await gateway.ask(
              pick(random, ['GET', 'POST', 'OPTIONS', 'X']),
              `/api/guest${place}`,
            );
            expect([200, 401, 404, 405]).toContain(status);
          }
        }
        expect(Object.getOwnPropertyNames(Object.prototype).join()).toBe(before);
      });
    },
    timeout,
  );

  it(
    'any address below the gateway is served or refused',
    async () => {
      const gateway = gatewayAtHand();
      await gateway.manage('createApi', { apidoc: { namespace: '_', swagger: whole } });
      await fuzz('gateway addresses', async (random) => {
        const place = mutate(Buffer.from('guest/b/a/1?q=%20'), words, random);
        const [status] = await gateway.ask('GET', `/api/${place.toString('latin1')}`);
        expect([200, 400, 401, 404, 405, 429]).toContain(status);
      });
    },
    timeout,
  );
});
