import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openRest, type RestFixture } from './rest-fixture.ts';

let rest: RestFixture;

beforeAll(async () => {
  rest = await openRest({ limits: { firesPerMinute: 1_000_000 } });
  await rest.call('PUT', '_/actions/hello', { body: { exec: { kind: 'nodejs:20', code: 'x' } } });
  await rest.call('PUT', '_/triggers/event', { body: {} });
  await rest.call('PUT', '_/rules/rule', { body: { trigger: '/_/event', action: '/_/hello' } });
});
afterAll(() => rest.close());

const name = fc.oneof(
  fc.constantFrom(
    '/_/event',
    '/_/hello',
    'guest/event',
    '/whisk.system/a/b',
    '_',
    '/',
    '//',
    '__proto__',
    '/_/__proto__',
  ),
  fc.string({ unit: fc.constantFrom('/', '_', 'a', ' ', '\0', '\u{1F42D}'), maxLength: 12 }),
);
const anything = fc.jsonValue({ maxDepth: 3 });
const nearName = fc.oneof(name, fc.record({ path: name, name }), anything);
const keyed = fc.oneof(
  fc.array(
    fc.record({ key: fc.oneof(fc.constantFrom('feed', '__proto__', ''), fc.string()), value: anything }),
  ),
  anything,
);
const body = fc.oneof(
  anything,
  fc.record(
    {
      trigger: nearName,
      action: nearName,
      status: fc.oneof(fc.constantFrom('active', 'inactive', 'activating'), anything),
      parameters: keyed,
      annotations: keyed,
      version: fc.oneof(fc.constantFrom('1', '1.2.3', '0.0.0', '1.2.3.4', '-1'), anything),
      publish: fc.oneof(fc.boolean(), anything),
      limits: anything,
    },
    { requiredKeys: [] },
  ),
);
const request = fc.constantFrom(
  ['PUT', '_/triggers/event?overwrite=true'],
  ['PUT', '_/triggers/fresh'],
  ['PUT', '_/rules/rule?overwrite=true'],
  ['PUT', '_/rules/fresh'],
  ['POST', '_/rules/rule'],
  ['POST', '_/triggers/event'],
);

it('whatever a body says, triggers and rules answer it or say what is wrong, and stay readable', async () => {
  await fc.assert(
    fc.asyncProperty(request, body, async ([method, path], value) => {
      const reply = await rest.call(method as string, path as string, { body: value, unchecked: true });
      expect([200, 202, 204, 400, 403, 404, 409], reply.text).toContain(reply.status);
      // These answers are checked against the schemas.
      for (const kept of ['triggers/event', 'rules/rule']) {
        expect((await rest.call('GET', `_/${kept}`)).status).toBe(200);
      }
    }),
    { numRuns: 300 },
  );
}, 120_000);
