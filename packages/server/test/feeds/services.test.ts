import { createHmac } from 'node:crypto';

import openwhisk, { type Client } from 'openwhisk';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cleanUp, startPlatform, type PlatformProcess } from '../platform/platform-process.ts';
import { OutsideWorld, wayOut, type Answer, type Received } from './outside-world.ts';

let platform: PlatformProcess;
let world: OutsideWorld;
let ow: Client;

beforeAll(async () => {
  const way = wayOut();
  world = await OutsideWorld.open(way.host);
  const limits = ['--set', 'limits.actions.invokes.perMinute=1000'];
  platform = await startPlatform({ args: [...limits, ...way.args(world.host)] });
  ow = openwhisk({ apihost: `http://127.0.0.1:${platform.port}`, api_key: platform.key });
});

beforeEach(() => {
  world.received.length = 0;
  world.messages.length = 0;
  world.answer = () => ({ status: 200, body: 'ok' });
});

afterAll(async () => {
  world.close();
  await cleanUp();
});

interface Ended {
  readonly success: boolean;
  readonly result: { readonly [name: string]: unknown };
  readonly activationId: string;
}

/** An invocation, waited for, whether it ends well or not. */
async function run(name: string, params: object): Promise<Ended> {
  const response = await fetch(
    `http://127.0.0.1:${platform.port}/api/v1/namespaces/whisk.system/actions/${name}?blocking=true`,
    {
      method: 'POST',
      body: JSON.stringify(params),
      headers: {
        'content-type': 'application/json',
        authorization: `Basic ${Buffer.from(platform.key).toString('base64')}`,
      },
    },
  );
  const record = (await response.json()) as {
    activationId: string;
    response: Omit<Ended, 'activationId'>;
  };
  return { ...record.response, activationId: record.activationId };
}

describe('/whisk.system/slack/post', () => {
  const message = () => ({
    url: `http://${world.host}/services/X/Y`,
    channel: '#general',
    username: 'ada',
    text: 'Grüße',
  });

  it('posts to an incoming webhook what Slack expects, and logs no secret', async () => {
    const attachments = [{ text: 'more' }];
    const given = { ...message(), icon_emoji: ':cat:', as_user: true, attachments };
    const { activationId, success, result } = await run('slack/post', given);
    expect({ success, result }).toEqual({ success: true, result: {} });
    const { logs } = await ow.activations.get({ name: activationId });
    expect(logs?.join('\n')).toContain('Grüße successfully sent');
    expect(logs?.join('\n')).not.toContain('/services/');
    const [{ method, url, body }] = world.received as [Received];
    expect([method, url]).toEqual(['POST', '/services/X/Y']);
    expect(JSON.parse(new URLSearchParams(body).get('payload')!)).toEqual({
      channel: '#general',
      username: 'ada',
      text: 'Grüße',
      icon_emoji: ':cat:',
      as_user: true,
      attachments,
    });
  });

  it('posts to a method of the Web API with a token, and believes its ok', async () => {
    world.answer = () => ({ status: 200, body: { ok: true } });
    const given = { ...message(), username: undefined, token: 'xoxb-1' };
    expect((await run('slack/post', given)).success).toBe(true);
    const [{ headers, body }] = world.received as [Received];
    expect(headers.authorization).toBe('Bearer xoxb-1');
    expect(JSON.parse(body)).toEqual({
      channel: '#general',
      username: 'Simple Message Bot',
      text: 'Grüße',
    });
    world.answer = () => ({ status: 200, body: { ok: false, error: 'channel_not_found' } });
    const refused = await run('slack/post', given);
    expect(refused.result.error).toContain('channel_not_found');
  });

  it.each([
    [404, 'slack: the message was refused with 404: no_team'],
    [0, 'slack: the message cannot be sent: '],
  ])('fails where Slack answers %i', async (status, error) => {
    world.answer = () => ({ status, body: 'no_team' });
    const { success, result } = await run('slack/post', message());
    expect(success).toBe(false);
    expect(result.error).toContain(error);
  });

  it.each([
    [{ text: '' }, 'No text provided'],
    [{ url: null }, 'No Webhook URL provided'],
    [{ channel: null }, 'No channel provided'],
    [{ text: { a: 1 } }, '"text" must be a text'],
    [{ channel: ['#a'] }, '"channel" must be the name'],
    [{ url: 'file:///etc/passwd' }, '"url" must be an address'],
    [{ url: 'http://[' }, '"url" must be an address'],
    [{ token: 'a\r\nx-evil: 1' }, '"token" must be a token'],
    [{ attachments: '{}' }, '"attachments" must be a list'],
  ])('refuses %j', async (over, error) => {
    const { success, result } = await run('slack/post', { ...message(), ...over });
    expect(success).toBe(false);
    expect(result.error).toContain(error);
    expect(world.received).toEqual([]);
  });
});

describe('/whisk.system/websocket/send', () => {
  it.each([
    ['a short text', 'Grüße'],
    ['a text of 300 bytes', 'x'.repeat(300)],
    ['a text of 200 kB', 'y'.repeat(200_000)],
  ])('sends %s in one masked frame and returns it', async (_, payload) => {
    const { success, result } = await run('websocket/send', { uri: `ws://${world.host}/socket`, payload });
    expect({ success, result }).toEqual({ success: true, result: { payload } });
    expect(world.messages).toEqual([{ isMasked: true, text: payload }]);
  });

  it('sends what is no text as JSON', async () => {
    const payload = { a: [1] };
    const { result } = await run('websocket/send', { uri: `ws://${world.host}/socket`, payload });
    expect(result).toEqual({ payload });
    expect(world.messages[0]?.text).toBe('{"a":[1]}');
  });

  it.each([
    [{ payload: 'x' }, 'You must specify a uri parameter.'],
    [{ uri: 'ws://a/' }, 'You must specify a payload parameter.'],
    [{ uri: 'http://a/', payload: 'x' }, 'websocket: "uri" must be an address'],
    [{ uri: { a: 1 }, payload: 'x' }, 'websocket: "uri" must be an address'],
    [{ uri: 'ws://127.0.0.1:1', payload: 'x' }, 'websocket: 127.0.0.1:1 did not get the message: '],
  ])('refuses %j', async (params, error) => {
    const { success, result } = await run('websocket/send', params);
    expect(success).toBe(false);
    expect(result.error).toContain(error);
  });

  it.each([
    ['/absent', 'it answered 404, and not 101: it serves no websocket there'],
    ['/liar', 'its Sec-WebSocket-Accept is wrong: it serves no websocket there'],
  ])('says why %s is no websocket', async (path, why) => {
    const uri = `ws://${world.host}${path}`;
    const { success, result } = await run('websocket/send', { uri, payload: 'x' });
    expect(success).toBe(false);
    expect(result.error).toBe(`websocket: ${world.host} did not get the message: ${why}`);
    expect(world.messages).toEqual([]);
  });
});

interface Hook {
  readonly id: number;
  events: string[];
  config: { url: string; secret: string; content_type: string };
}

/** As much of GitHub's API as has to do with the hooks of one repository. */
class GitHub {
  hooks: Hook[] = [];
  refuseWith: number | undefined;

  answer = ({ method, url, headers, body }: Received): Answer => {
    const { pathname, searchParams } = new URL(url, 'http://github');
    if (headers.authorization !== 'Bearer right')
      return { status: 401, body: { message: 'Bad credentials' } };
    const [, id] = /^[/]repos[/]grace[/]demo[/]hooks(?:[/](\d+))?$/.exec(pathname) ?? [undefined, 'none'];
    if (id === 'none') return { status: 404, body: { message: 'Not Found' } };
    if (method === 'GET') {
      const from = (Number(searchParams.get('page')) - 1) * 100;
      return { status: 200, body: this.hooks.slice(from, from + 100) };
    }
    if (this.refuseWith !== undefined)
      return { status: this.refuseWith, body: { message: 'Validation Failed' } };
    if (method === 'DELETE') {
      this.hooks = this.hooks.filter((hook) => hook.id !== Number(id));
      return { status: 204, body: '' };
    }
    const content = JSON.parse(body) as Pick<Hook, 'events' | 'config'>;
    if (method === 'POST') this.hooks.push({ id: 1000 + this.hooks.length, ...content });
    else
      Object.assign(
        this.hooks.find((hook) => hook.id === Number(id))!,
        content,
      );
    return { status: method === 'POST' ? 201 : 200, body: this.hooks.at(-1) };
  };

  /** Posts an event as GitHub does; the address is this machine's in a test. */
  deliver({ config }: Hook, event: string, body: string, secret = config.secret): Promise<Response> {
    const signature = createHmac('sha256', secret).update(body).digest('hex');
    return fetch(`http://127.0.0.1:${platform.port}${new URL(config.url).pathname}`, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        'x-github-event': event,
        'x-hub-signature-256': `sha256=${signature}`,
      },
    });
  }
}

describe('/whisk.system/github/webhook', () => {
  let github: GitHub;
  const trigger = 'pushed';
  const feed = (lifecycleEvent: string, params: object = {}) =>
    run('github/webhook', {
      username: 'grace',
      repository: 'demo',
      accessToken: 'right',
      apiUrl: `http://${world.host}`,
      lifecycleEvent,
      triggerName: `/guest/${trigger}`,
      authKey: platform.key,
      ...params,
    });
  const webhook = () =>
    run('webhooks/webhook', {
      lifecycleEvent: 'READ',
      triggerName: `/guest/${trigger}`,
      authKey: platform.key,
    });

  beforeAll(async () => {
    await ow.triggers.update({ name: trigger });
    await ow.actions.update({
      name: 'on-push',
      action: 'function main(params) { return params; }',
      kind: 'nodejs:20',
    } as never);
    await ow.rules.update({ name: 'on-push-rule', trigger, action: 'on-push' });
  });

  beforeEach(() => {
    github = new GitHub();
    world.answer = github.answer;
  });

  it('makes a hook whose signed deliveries run the action, changes it, and takes it away', async () => {
    // So many that the hook of this trigger stands on another page.
    const others = Array.from({ length: 120 }, (_, id) => ({
      id,
      events: ['push'],
      config: { url: 'https://example.com/', secret: '', content_type: 'json' },
    }));
    github.hooks.push(...others);
    const made = await feed('CREATE', { events: 'push, pull-request' });
    expect(made.result).toMatchObject({ status: 'success', repository: 'grace/demo', hook: 1120 });
    const hook = github.hooks.at(-1)!;
    expect(hook).toMatchObject({
      name: 'web',
      active: true,
      events: ['push', 'pull_request'],
      config: { content_type: 'json' },
    });
    expect(hook.config.url).not.toContain(platform.key.slice(0, 8));

    expect((await github.deliver(hook, 'push', '{"ref":"main"}', 'a wrong secret')).status).toBe(401);
    expect((await github.deliver(hook, 'push', '{"ref":"main"}')).status).toBe(202);
    let records: unknown[] = [];
    while (records.length === 0)
      records = await ow.activations.list({ name: 'on-push', docs: true } as never);
    expect(records[0]).toMatchObject({
      response: { result: { ref: 'main', __ow_headers: { 'x-github-event': 'push' } } },
    });

    expect((await feed('UPDATE', { events: ['issues'] })).success).toBe(true);
    expect(hook.events).toEqual(['issues']);
    expect((await feed('READ')).result).toMatchObject({
      config: { signed: true },
      deliveries: { accepted: 1 },
    });
    expect((await feed('CREATE', { events: ['star'] })).success).toBe(true);
    expect(github.hooks).toHaveLength(121);
    expect((await github.deliver(hook, 'star', '{}')).status).toBe(202);

    expect((await feed('DELETE')).success).toBe(true);
    expect(github.hooks).toEqual(others);
    expect((await github.deliver(hook, 'push', '{}')).status).toBe(404);
    expect((await feed('DELETE', { accessToken: null })).success).toBe(true);
  });

  it('is made and ended by a trigger of the npm client, through a binding with the token', async () => {
    const parameters = [
      { key: 'accessToken', value: 'right' },
      { key: 'repository', value: 'grace/demo' },
      { key: 'apiUrl', value: `http://${world.host}` },
      { key: 'endpoint', value: 'whisk.example.com' },
    ];
    await ow.packages.update({
      name: 'mygit',
      package: { binding: { namespace: 'whisk.system', name: 'github' }, parameters },
    } as never);
    const feedOf = { name: 'mygit/webhook', trigger };
    await ow.feeds.create({ ...feedOf, params: { events: 'push' } } as never);
    expect(github.hooks[0]?.config.url).toMatch(/^https:[/][/]whisk[.]example[.]com[/]api[/]v1[/]hooks[/]/);
    await ow.feeds.delete(feedOf as never);
    expect(github.hooks).toEqual([]);
  });

  it('ends also without the token, and says which hook stays at GitHub', async () => {
    const { result: made } = await feed('CREATE', { events: 'push' });
    const { success, result } = await feed('DELETE', { accessToken: null, repository: null });
    expect(success).toBe(true);
    expect(result.note).toContain(made.url);
    expect((await github.deliver(github.hooks[0]!, 'push', '{}')).status).toBe(404);
  });

  it('leaves nothing behind where GitHub refuses the hook', async () => {
    github.refuseWith = 422;
    const { result } = await feed('CREATE', { events: 'nonsense' });
    expect(result.error).toBe('GitHub answered 422 (Validation Failed)');
    expect((await webhook()).result.error).toContain('could not find a webhook');
  });

  it('keeps all as it was where the token is wrong', async () => {
    await feed('CREATE', { events: 'push' });
    const hook = structuredClone(github.hooks[0]!);
    for (const event of ['CREATE', 'UPDATE', 'DELETE']) {
      const { result } = await feed(event, { events: 'star', accessToken: 'wrong' });
      expect(result.error).toContain('GitHub answered 401 (Bad credentials): does grace/demo exist');
    }
    expect(github.hooks).toEqual([hook]);
    expect((await github.deliver(hook, 'push', '{}')).status).toBe(202);
    await feed('DELETE');
  });

  it.each([
    [{ repository: null }, 'no repository parameter was provided'],
    [{ repository: 'a/b/c' }, 'the repository parameter must be'],
    [{ repository: '../..' }, 'the repository parameter must be'],
    [{ username: null }, 'no username parameter was provided'],
    [{ username: '__proto__/..' }, 'the repository parameter must be'],
    [{ accessToken: '' }, 'no accessToken parameter was provided: bind it'],
    [{ accessToken: 'a\nb' }, 'must be a token of GitHub'],
    [{ events: '' }, 'no events parameter was provided'],
    [{ events: [{}] }, 'the events parameter must be'],
    [{ apiUrl: 'https://[' }, 'the apiUrl parameter must be an address'],
    [{ endpoint: 7 }, 'the endpoint parameter must be an address'],
    [{ triggerName: null }, 'no trigger name parameter was provided'],
    [{ authKey: null }, 'no authKey parameter was provided'],
    [{ authKey: 'wrong:key' }, 'The supplied authentication is invalid'],
    [{ triggerName: '/whisk.system/x' }, 'Trigger authentication request failed.'],
    [{ lifecycleEvent: 'EXPLODE' }, 'unsupported lifecycleEvent'],
    [{ repository: 'absent' }, 'GitHub answered 404 (Not Found): does grace/absent exist'],
  ])('refuses %j', async (over, error) => {
    const { success, result } = await feed('CREATE', { events: 'push', ...over });
    expect(success).toBe(false);
    expect(result.error).toContain(error);
    expect(github.hooks).toEqual([]);
  });
});
