import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { cleanUp, guestOf, startPlatform, type PlatformProcess } from '../platform/platform-process.ts';

let platform: PlatformProcess;
beforeAll(async () => {
  const settings = ['containers.factory=process', 'limits.actions.invokes.perMinute=1000'];
  platform = await startPlatform({ args: settings.flatMap((setting) => ['--set', setting]) });
  const annotations = (over: object = {}) =>
    Object.entries({ 'web-export': true, ...over }).map(([key, value]) => ({ key, value }));
  const { create } = guestOf(platform);
  await create('echo', 'function main(args) { return { body: args }; }', { annotations: annotations() });
  await create('raw', 'function main(args) { return { body: args }; }', {
    annotations: annotations({ 'raw-http': true }),
  });
  await create('as', 'function main({ answer }) { return JSON.parse(answer); }', {
    annotations: annotations(),
  });
  await create('open', 'function main() { return { body: "in" }; }', {
    annotations: annotations({ 'require-whisk-auth': false }),
  });
});
afterAll(cleanUp);

const web = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`http://127.0.0.1:${platform.port}/api/v1/web/guest/default/${path}`, init);

/** What an action's answer becomes under an extension. */
async function answered(extension: string, answer: unknown, init: RequestInit = {}) {
  const reply = await web(`as.${extension}?answer=${encodeURIComponent(JSON.stringify(answer))}`, init);
  return { reply, status: reply.status, type: reply.headers.get('content-type'), text: await reply.text() };
}

const errorOf = (text: string) => (JSON.parse(text) as { error: string }).error;

describe('a web action gets', () => {
  it('its method, headers, path and query, and the body above the query', async () => {
    const reply = await web('echo/a/b%20c?q=1&both=query', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-own': 'yes' },
      body: '{"both":"body"}',
    });
    const args = await reply.json();
    expect(args).toMatchObject({
      __ow_method: 'post',
      __ow_path: expect.stringMatching(/^\/a\/b/),
      q: '1',
      both: 'body',
      __ow_headers: { 'x-own': 'yes', 'content-type': 'application/json' },
    });
    expect(args).not.toHaveProperty('__ow_user');
    expect(await (await web('echo')).json()).toHaveProperty('__ow_path', '');
  });

  it.each([
    ['application/json', '[1,2]', [1, 2]],
    ['application/vnd.a+json', '"text"', 'text'],
    ['text/plain', 'plain', 'plain'],
    ['image/png', 'bytes', Buffer.from('bytes').toString('base64')],
  ])('of %s %s as its body what it means', async (type, body, expected) => {
    const reply = await web('echo', { method: 'POST', headers: { 'content-type': type }, body });
    expect(await reply.json()).toHaveProperty('__ow_body', expected);
  });

  it.each([
    ['application/json', '{"a":1}', Buffer.from('{"a":1}').toString('base64')],
    ['application/x-www-form-urlencoded', 'a=1', 'a=1'],
    ['text/plain', 'plain', 'plain'],
  ])('raw of %s %s its body as it came', async (type, body, expected) => {
    const reply = await web('raw?x=1&x=2', { method: 'POST', headers: { 'content-type': type }, body });
    expect(await reply.json()).toMatchObject({ __ow_body: expected, __ow_query: 'x=1&x=2' });
  });
});

describe('its answer', () => {
  it.each([
    ['http', { body: '<b>' }, 200, 'text/html; charset=UTF-8', '<b>'],
    ['http', { statusCode: 444, body: 'odd' }, 444, 'text/html; charset=UTF-8', 'odd'],
    ['http', { statusCode: '201', body: [1] }, 201, 'application/json', '[1]'],
    ['http', {}, 204, null, ''],
    ['http', { error: { statusCode: 403, body: 'no' } }, 403, 'text/html; charset=UTF-8', 'no'],
    ['json', { a: 1 }, 200, 'application/json', '{\n  "a": 1\n}'],
    ['html', { html: '<i>' }, 200, 'text/html; charset=UTF-8', '<i>'],
    ['svg', { body: '<svg/>' }, 200, 'image/svg+xml', '<svg/>'],
    ['text', { text: 7 }, 200, 'text/plain; charset=UTF-8', '7'],
  ])('as .%s of %j is %d', async (extension, answer, status, type, text) => {
    expect(await answered(extension, answer)).toMatchObject({ status, type, text });
  });

  it.each([
    ['http', { statusCode: 1.5 }, 400, "Response is not valid 'message/http'."],
    ['http', { headers: { a: {} } }, 400, "Response is not valid 'message/http'."],
    [
      'http',
      { body: {}, headers: { 'content-type': 'text/html' } },
      400,
      'Response type in header did not match generated content type.',
    ],
    [
      'http',
      { body: 'x', headers: { 'content-type': 'none' } },
      400,
      'Response did not specify a known content-type.',
    ],
    [
      'http',
      { body: [], headers: { 'content-type': 'none' } },
      400,
      'Response type in header did not match generated content type.',
    ],
    ['html', { text: 'x' }, 400, "Response is not valid 'text/html'."],
    ['svg', { html: 'x' }, 400, "Response is not valid 'image/svg+xml'."],
    ['text', { html: 'x' }, 404, 'Response does not include requested property.'],
  ])(
    'as .%s of %j is refused with %d, in four lines that name the activation',
    async (extension, answer, status, error) => {
      const refused = await answered(extension, answer);
      expect([refused.status, errorOf(refused.text)]).toEqual([status, error]);
      expect(refused.text.split('\n')).toHaveLength(4);
      expect(refused.reply.headers.get('x-openwhisk-activation-id')).toMatch(/^[0-9a-f]{32}$/);
    },
  );

  it('that its client does not take is 406', async () => {
    const refused = await answered('http', { body: 'text' }, { headers: { accept: 'application/json' } });
    expect(refused.status).toBe(406);
    expect(errorOf(refused.text)).toMatch(/^Resource representation is only available with these types:\n/);
  });
});

describe('nobody gets in', () => {
  it.each(['echo.xyz', 'none', 'ec$ho', ''])('at %j', async (path) => {
    expect((await web(path)).status).toBe(404);
  });

  it('with what is reserved, and everybody where authentication is said to be off', async () => {
    for (const name of ['__ow_user', '__ow_body', '__ow_headers']) {
      const reply = await web(`echo?${name}=x`);
      expect([reply.status, errorOf(await reply.text())]).toEqual([
        400,
        'Request defines parameters that are not allowed (e.g., reserved properties).',
      ]);
    }
    expect(await (await web('open')).text()).toBe('in');
  });
});

it('OPTIONS answers for the action, and repeats the headers that were asked for', async () => {
  const reply = await web('echo', {
    method: 'OPTIONS',
    headers: { 'access-control-request-headers': 'x-one, x-two' },
  });
  expect([reply.status, await reply.text()]).toEqual([200, '']);
  expect(reply.headers.get('access-control-allow-headers')).toBe('x-one, x-two');
  expect(reply.headers.get('access-control-allow-methods')).toBe(
    'OPTIONS, GET, DELETE, POST, PUT, HEAD, PATCH',
  );
  expect(reply.headers.has('x-openwhisk-activation-id')).toBe(false);
});
