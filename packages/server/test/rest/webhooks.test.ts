import { createHmac } from 'node:crypto';

import { defaultSystemLimits, type JsonObject } from '@vibrissa/protocol';
import { anIdentity } from '@vibrissa/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../src/base/logger.ts';
import { webhookFeed } from '../../src/feeds/webhooks/webhook-feed.ts';
import { Webhooks } from '../../src/feeds/webhooks/webhooks.ts';
import { guest, openRest, type RestFixture } from './rest-fixture.ts';

const secret = 'a well-kept secret';

let rest: RestFixture;
let keys = 0;

beforeEach(async () => {
  rest = await openRest();
  await rest.call('PUT', '_/actions/hello', { body: { exec: { kind: 'nodejs:20', code: 'code' } } });
  await rest.call('PUT', '_/triggers/hook', { body: {} });
  await rest.call('PUT', '_/rules/r', { body: { trigger: '/_/hook', action: '/_/hello' } });
});

afterEach(() => rest.close());

/** Invokes the feed as its owner. */
function feed(lifecycleEvent: string, params: JsonObject = {}): Promise<JsonObject> {
  const { artifacts, auth, clock } = rest;
  const key = (): string => String((keys += 1)).padStart(64, 'k');
  const webhooks = Webhooks.open({ artifacts, clock, logger: silentLogger });
  const apiUrl = `http://127.0.0.1:${rest.port}`;
  const action = webhookFeed({
    artifacts,
    auth,
    clock,
    ids: { key },
    limits: defaultSystemLimits,
    webhooks,
    apiUrl,
  });
  const authKey = `${guest.uuid}:${guest.key}`;
  return action.run({
    identity: anIdentity(),
    params: { lifecycleEvent, triggerName: '/_/hook', authKey, ...params },
  });
}

async function make(params: JsonObject = {}): Promise<string> {
  const made = await feed('CREATE', params);
  expect(made).toMatchObject({ status: 'success' });
  return made['url'] as string;
}

interface Sent {
  readonly status: number;
  readonly body: { readonly activationId?: string; readonly error?: string };
}

async function send(url: string, body: string, headers: { [name: string]: string } = {}): Promise<Sent> {
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
  return { status: response.status, body: (await response.json()) as Sent['body'] };
}

function github(body: string, key = secret): { [name: string]: string } {
  return { 'x-hub-signature-256': `sha256=${createHmac('sha256', key).update(body).digest('hex')}` };
}

function stamped(body: string, over: { at?: number; id?: string } = {}): { [name: string]: string } {
  const { at = rest.clock.now(), id = 'msg_1' } = over;
  const stamp = String(Math.floor(at / 1000));
  const signature = createHmac('sha256', secret).update(`${id}.${stamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': stamp, 'webhook-signature': `v1,${signature}` };
}

/** What the rule's action was given, each time. */
function given(): unknown[] {
  return rest.invocations.requests.map(({ payload }) => payload?.value);
}

describe('a webhook without a secret', () => {
  it('fires its trigger with what is posted, and the headers that its owner wants', async () => {
    const url = await make({ headers: ['X-Event'] });
    const sent = await send(url, '{"a":1}', { 'x-event': 'push', 'x-other': 'no' });
    expect(sent).toMatchObject({ status: 202, body: { activationId: expect.any(String) as string } });
    expect(given()).toEqual([{ a: 1, __ow_headers: { 'x-event': 'push' } }]);
  });

  it('accepts an event that no rule waits for', async () => {
    const url = await make();
    await rest.call('POST', '_/rules/r', { body: { status: 'inactive' }, unchecked: true });
    expect(await send(url, '{}')).toEqual({ status: 202, body: {} });
  });

  it('refuses JSON that is none, also when it is nested a million times', async () => {
    const url = await make();
    for (const body of ['{', '['.repeat(1_000_000)]) {
      expect((await send(url, body)).status).toBe(400);
    }
    expect(given()).toEqual([]);
  });

  it('refuses bodies that are too large, and compressed ones', async () => {
    const url = await make();
    expect((await send(url, JSON.stringify({ a: 'x'.repeat(1_048_576) }))).status).toBe(413);
    expect(await send(url, 'zip', { 'content-encoding': 'gzip' })).toMatchObject({
      status: 415,
      body: { error: 'Compressed bodies are not taken: send it without Content-Encoding.' },
    });
  });
});

describe('a signed webhook', () => {
  it("takes GitHub's signature, and refuses a wrong one, another body's and none", async () => {
    const url = await make({ secret });
    expect((await send(url, '{"a":1}', github('{"a":1}'))).status).toBe(202);
    const wrong = 'X-Hub-Signature-256 is not the HMAC-SHA256 of the body under the secret.';
    for (const headers of [
      github('{"a":1}', 'another secret'),
      github('{"a":2}'),
      { 'x-hub-signature-256': 'sha256=' },
      { 'x-hub-signature-256': `sha1=${'0'.repeat(40)}` },
    ]) {
      expect(await send(url, '{"a":1}', headers)).toMatchObject({ status: 401, body: { error: wrong } });
    }
    const none = 'A signature is needed: X-Hub-Signature-256 or Webhook-Signature.';
    expect(await send(url, '{"a":1}')).toMatchObject({ status: 401, body: { error: none } });
    expect(given().length).toBe(1);
  });

  it('fires once for a message that is sent again', async () => {
    const url = await make({ secret, signature: 'timestamped' });
    const headers = stamped('{}');
    expect((await send(url, '{}', headers)).body.activationId).toBeDefined();
    expect(await send(url, '{}', headers)).toEqual({ status: 202, body: {} });
    expect(given().length).toBe(1);
  });

  it('refuses a message whose time stamp is too old, or changed', async () => {
    const url = await make({ secret, replayWindow: 60 });
    const headers = stamped('{}');
    await rest.clock.advance(62_000);
    expect(await send(url, '{}', headers)).toMatchObject({
      status: 401,
      body: { error: 'Webhook-Timestamp is off by more than 60 seconds.' },
    });
    const now = String(Math.floor(rest.clock.now() / 1000));
    expect((await send(url, '{}', { ...headers, 'webhook-timestamp': now })).status).toBe(401);
    expect((await send(url, '{}', { ...stamped('{}'), 'webhook-timestamp': 'now' })).status).toBe(401);
    expect(given()).toEqual([]);
  });

  it('lets a message that was throttled be sent again', async () => {
    const url = await make({ secret });
    const headers = stamped('{}');
    await rest.limit('guest', { firesPerMinute: 0 });
    expect((await send(url, '{}', headers)).status).toBe(429);
    await rest.limit('guest', { firesPerMinute: 10 });
    await rest.clock.advance(60_000);
    expect((await send(url, '{}', headers)).body.activationId).toBeDefined();
  });

  it('that wants time stamps takes no signature without one', async () => {
    const url = await make({ secret, signature: 'timestamped' });
    expect((await send(url, '{}', github('{}'))).status).toBe(401);
  });
});

describe('an address', () => {
  it('is nowhere when it is guessed, misspelt or deleted', async () => {
    const url = await make();
    const error = 'There is no webhook at this address.';
    for (const wrong of [`${url}x`, url.slice(0, -1), url.replace(/k{9}/, '%00%0d%0ax'), `${url}/`]) {
      expect(await send(wrong, '{}')).toMatchObject({ status: 404, body: { error } });
    }
    expect(await feed('DELETE')).toEqual({ status: 'success' });
    expect(await send(url, '{}')).toMatchObject({ status: 404, body: { error } });
  });

  it('takes POST only', async () => {
    const url = await make();
    const reply = await fetch(url);
    expect([reply.status, reply.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('takes so many requests a minute as its owner says', async () => {
    const url = await make({ perMinute: 2 });
    const statuses = [];
    for (let request = 0; request < 4; request++) statuses.push((await send(url, '{}')).status);
    expect(statuses).toEqual([202, 202, 429, 429]);
  });

  it('stays the same when the webhook is made again, and answers 404 while it is paused', async () => {
    const url = await make();
    expect(await make({ secret })).toBe(url);
    await feed('PAUSE');
    expect(await send(url, '{}')).toMatchObject({ status: 404, body: { error: 'This webhook is paused.' } });
    await feed('UNPAUSE');
    expect((await send(url, '{}', github('{}'))).status).toBe(202);
  });

  it('leads nowhere when the trigger is gone', async () => {
    const url = await make();
    await rest.call('DELETE', '_/triggers/hook');
    expect(await send(url, '{}')).toMatchObject({
      status: 404,
      body: { error: 'The trigger of this webhook does not exist any more.' },
    });
  });
});

it('its owner sees what came in, and never the secret', async () => {
  const url = await make({ secret });
  await send(url, '{}', github('{}'));
  await send(url, '{}');
  await rest.clock.advance(2000);
  const shown = await feed('READ');
  expect(shown).toMatchObject({
    config: { name: 'hook', namespace: 'guest', url, signed: true, signature: 'any', replayWindow: 300 },
    status: { active: true },
    deliveries: { accepted: 1, refused: 1, lastRefused: { why: expect.any(String) as string } },
  });
  expect(JSON.stringify(shown)).not.toContain(secret);
});

it.each<[JsonObject, string]>([
  [{ secret: 'short' }, 'the secret parameter must be a text of 8 to 1024 characters'],
  [{ secret, signature: 'md5' }, 'the signature parameter must be one of any, github, timestamped'],
  [{ signature: 'github' }, 'the signature parameter needs a secret parameter'],
  [{ replayWindow: 0 }, 'the replayWindow parameter must be an integer from 1 to 3600'],
  [{ perMinute: 'x' }, 'the perMinute parameter must be an integer from 1 to 60000'],
  [{ headers: ['a b'] }, 'the headers parameter: entry 1 is not the name of a header'],
  [{ headers: 'x-a,Cookie' }, 'the headers parameter: cookie holds credentials, which no action gets'],
  [{ headers: 5 }, 'the headers parameter must be a list of at most 50 names of headers'],
])('%j is refused and says why', async (params, error) => {
  expect(await feed('CREATE', params)).toEqual({ error });
});

it('a header that every object seems to have is none, and stops no delivery', async () => {
  const url = await make({ headers: ['constructor', '__proto__', 'x-kept'] });
  expect((await send(url, '{}', { 'x-kept': 'yes' })).status).toBe(202);
});

it('a secret of which nothing is left once it is read as base64 is refused', async () => {
  const refused = await feed('CREATE', { secret: 'whsec_!!!!!!!!!!!!' });
  expect(refused).toEqual({
    error: 'the secret parameter begins with whsec_: at least 8 bytes in base64 must follow',
  });
  await make({ secret: `whsec_${Buffer.alloc(24, 7).toString('base64')}` });
});
