import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openRest, stranger, type CallOptions, type RestFixture } from '../rest/rest-fixture.ts';

const exec = { kind: 'nodejs:20', code: 'function main() {}' };

let rest: RestFixture;
beforeAll(async () => {
  rest = await openRest();
  for (const [path, body, as] of [
    ['_/packages/box', { parameters: [{ key: 'p', value: 1 }] }],
    ['_/actions/box/inside', { exec }],
    ['_/actions/act', { exec }],
    ['_/triggers/event', {}],
    ['_/packages/closed', {}, stranger],
    ['_/packages/open', { publish: true }, stranger],
    ['_/actions/closed/act', { exec }, stranger],
    ['_/actions/open/act', { exec }, stranger],
    ['_/packages/tied', { binding: { namespace: '_', name: 'box' } }],
  ] as const) {
    const { status, text } = await rest.call('PUT', path, { body, ...(as ? { as } : {}) });
    if (status !== 200) throw new Error(text);
  }
});
afterAll(() => rest.close());

async function refusal(method: string, path: string, body?: unknown): Promise<[number, string]> {
  const options: CallOptions = { wide: true, ...(body === undefined ? {} : { body }) };
  const { status, json } = await rest.call(method, path, options);
  return [status, (json as { error: string }).error];
}

const put = async (path: string, body: object): Promise<unknown> =>
  (await rest.call('PUT', `_/${path}?overwrite=true`, { body })).json;

const denied = (names: string) => [
  403,
  `The supplied authentication is not authorized to access '${names}'.`,
];

describe('a trigger', () => {
  it('is shown with these members', async () => {
    const annotations = [{ key: 'feed', value: '/whisk.system/alarms/alarm' }];
    expect(await put('triggers/whole', { annotations, limits: {} })).toEqual({
      namespace: 'guest',
      name: 'whole',
      version: '0.0.1',
      publish: false,
      updated: rest.clock.now(),
      annotations,
      parameters: [],
      limits: {},
    });
    const { json } = await rest.call('GET', '_/triggers?limit=1');
    expect(json).toEqual([
      {
        namespace: 'guest',
        name: 'whole',
        version: '0.0.1',
        publish: false,
        updated: rest.clock.now(),
        annotations,
      },
    ]);
  });

  it('has its annotations replaced, not merged, and its feed looked at when it is made only', async () => {
    const feed = (value: unknown) => ({ annotations: [{ key: 'feed', value }] });
    for (const value of [1, '', '/a/b/c/d', 'a//b', null]) {
      expect(await refusal('PUT', '_/triggers/fed', feed(value))).toEqual([400, 'Feed name is not valid']);
    }
    await put('triggers/fed', feed('mine/feed'));
    const updated = await put('triggers/fed', { annotations: [{ key: 'other', value: 1 }] });
    expect(updated).toHaveProperty('annotations', [{ key: 'other', value: 1 }]);
    expect(await put('triggers/fed', feed(1))).toMatchObject(feed(1));
  });
});

describe('a rule', () => {
  it('takes what the command line sends with it, and shows these members', async () => {
    const body = { name: 'x', status: '', trigger: '/_/event', action: '/_/box/inside' };
    const rule = {
      namespace: 'guest',
      name: 'sent',
      version: '0.0.1',
      publish: false,
      updated: rest.clock.now(),
      annotations: [],
      trigger: { path: 'guest', name: 'event' },
      action: { path: 'guest/box', name: 'inside' },
    };
    expect(await put('rules/sent', body)).toEqual({ ...rule, status: 'active' });
    expect((await rest.call('GET', '_/rules?limit=1')).json).toEqual([rule]);
    const state = { status: 'inactive', trigger: null, action: null };
    const changed = await rest.call('POST', '_/rules/sent', { body: state, unchecked: true });
    expect([changed.status, changed.text]).toEqual([200, 'OK']);
    expect(changed.headers.get('content-type')).toMatch(/^text\/plain/);
  });

  it.each([
    [{}, 'rule requires a valid trigger and a valid action'],
    [{ trigger: '/_/event' }, 'rule requires a valid trigger and a valid action'],
    [{ action: '/_/act' }, 'rule requires a valid trigger and a valid action'],
    [{ trigger: '/_/none', action: '/_/act' }, 'trigger /guest/none does not exist'],
    [{ trigger: '/_/event', action: '/_/none' }, 'action /guest/none does not exist'],
    [{ trigger: '/_/event', action: '/_/box/none' }, 'action /guest/box/none does not exist'],
  ])('of %j is refused', async (body, text) => {
    expect(await refusal('PUT', '_/rules/refused', body)).toEqual([400, text]);
  });

  it('names all that its author may not read, in order', async () => {
    const body = { trigger: '/stranger/t', action: '/stranger/closed/act' };
    expect(await refusal('PUT', '_/rules/foreign', body)).toEqual(denied('stranger/closed/act, stranger/t'));
  });
});

describe('a package', () => {
  it('says in its annotations what it is bound to, whatever the client says', async () => {
    const annotations = [
      { key: 'binding', value: 'mine' },
      { key: 'a', value: 1 },
    ];
    expect(await put('packages/plain', { annotations })).toMatchObject({ binding: {} });
    expect(await put('packages/plain', { annotations })).toHaveProperty('annotations', [
      { key: 'a', value: 1 },
    ]);
    const bound = await put('packages/bound', { annotations, binding: { namespace: '_', name: 'box' } });
    expect(bound).toMatchObject({ binding: { namespace: 'guest', name: 'box' } });
    expect(bound).toHaveProperty('annotations', [
      { key: 'a', value: 1 },
      { key: 'binding', value: { namespace: 'guest', name: 'box' } },
    ]);
    expect((await rest.call('GET', '_/packages?limit=2')).json).toMatchObject([
      { name: 'bound', binding: { namespace: 'guest', name: 'box' } },
      { name: 'plain', binding: false },
    ]);
  });

  it.each([
    ['packages/default', {}, 400, "Package name 'default' is reserved."],
    [
      'packages/b',
      { binding: { namespace: '_', name: 'none' } },
      400,
      'Binding references a package that does not exist.',
    ],
    [
      'packages/b',
      { binding: { namespace: '_', name: 'act' } },
      409,
      'Cannot bind to a resource that is not a package.',
    ],
    [
      'packages/b',
      { binding: { namespace: '_', name: 'tied' } },
      400,
      'Cannot bind to another package binding.',
    ],
    [
      'packages/box?overwrite=true',
      { binding: { namespace: 'stranger', name: 'open' } },
      409,
      'Resource is a package and cannot be converted into a binding.',
    ],
    ['actions/tied/new', { exec }, 400, 'Operation not permitted on package binding.'],
    ['actions/none/new', { exec }, 404, "The requested resource 'guest/none' does not exist."],
  ])('%s of %j is refused with %d', async (path, body, status, text) => {
    expect(await refusal('PUT', `_/${path}`, body)).toEqual([status, text]);
  });

  it('says how much it holds when it shall go', async () => {
    const text = (held: string) =>
      `Package not empty (contains ${held}). Set force param or delete package contents.`;
    expect(await refusal('DELETE', '_/packages/box')).toEqual([409, text('1 entity')]);
    await put('actions/box/more', { exec });
    expect(await refusal('DELETE', '_/packages/box')).toEqual([409, text('2 entities')]);
    expect(await refusal('DELETE', '_/actions/tied/inside')).toEqual([
      400,
      'Operation not permitted on package binding.',
    ]);
  });

  it('of others is closed without a word of whether it is there, unless it is public', async () => {
    for (const [path, name] of [
      ['packages/closed', 'stranger/closed'],
      ['packages/none', 'stranger/none'],
      ['actions/closed/act', 'stranger/closed/act'],
      ['actions/none/act', 'stranger/none/act'],
      ['actions/act', 'stranger/act'],
      ['triggers/t', 'stranger/t'],
      ['rules/r', 'stranger/r'],
    ] as const) {
      expect(await refusal('GET', `stranger/${path}`)).toEqual(denied(name));
      expect(await refusal('DELETE', `stranger/${path}`)).toEqual(denied(name));
    }
    expect(await refusal('PUT', 'stranger/actions/open/mine', { exec })).toEqual(
      denied('stranger/open/mine'),
    );
    expect((await rest.call('GET', 'stranger/actions/open/act')).status).toBe(200);
    expect((await rest.call('GET', 'stranger/packages')).json).toMatchObject([{ name: 'open' }]);
    expect(await refusal('GET', '_/packages/none')).toEqual([
      404,
      "The requested resource 'guest/none' does not exist.",
    ]);
    expect(await refusal('DELETE', '_/packages/none')).toEqual([
      404,
      'The requested resource does not exist.',
    ]);
  });

  it('is not invoked, and the methods that it has are named', async () => {
    expect(await refusal('POST', '_/packages/box')).toEqual([
      405,
      'HTTP method not allowed, supported methods: GET, PUT, DELETE',
    ]);
  });
});

describe('a sequence', () => {
  it('is refused with all components that its author may not read', async () => {
    const components = ['/stranger/closed/act', '/_/act', '/stranger/act', '/stranger/open/act'];
    const body = { exec: { kind: 'sequence', components } };
    expect(await refusal('PUT', '_/actions/chain', body)).toEqual(
      denied('stranger/act, stranger/closed/act'),
    );
  });

  it.each([
    [[], 'No component specified for the sequence.'],
    [['/_/none'], 'Sequence component does not exist.'],
    [['/_/act', '/_/self'], 'Sequence may not refer to itself.'],
    [Array(51).fill('/_/act'), 'Too many actions in the sequence.'],
  ])('of %j is refused', async (components: string[], text) => {
    const body = { exec: { kind: 'sequence', components } };
    expect(await refusal('PUT', '_/actions/self', body)).toEqual([400, text]);
  });
});

describe('a list of activations', () => {
  it.each([
    ['name=a/b/c', "Parameter may be a 'simple' name or 'package-name/simple' name: a/b/c"],
    ['since=x', 'Parameter is not a valid value for epoch seconds: x'],
    ['upto=1.5', 'Parameter is not a valid value for epoch seconds: 1.5'],
    ['count=true&docs=true', "The parameter 'docs' is not permitted with 'count'."],
  ])('for %s is refused', async (query, text) => {
    const [status, error] = await refusal('GET', `_/activations?${query}`);
    expect(status).toBe(400);
    expect(error.endsWith(text)).toBe(true);
  });

  it('without a name to look for is of all', async () => {
    expect((await rest.call('GET', '_/activations?name=%20')).status).toBe(200);
  });
});
