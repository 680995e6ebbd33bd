import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openRest, type CallOptions, type RestFixture } from '../rest/rest-fixture.ts';

const code = 'function main() {}';
const exec = { kind: 'nodejs:20', code };

let rest: RestFixture;
beforeAll(async () => {
  rest = await openRest({ limits: { concurrencyLimit: { min: 1, std: 1, max: 5 } } });
  await rest.call('PUT', '_/packages/box', { body: {} });
  await rest.call('PUT', '_/actions/known', { body: { exec } });
});
afterAll(() => rest.close());

interface Document {
  readonly version: string;
  readonly exec: object;
  readonly limits: object;
  readonly parameters: object[];
  readonly annotations: { readonly key: string; readonly value: unknown }[];
}

async function put(name: string, body: object, options: CallOptions = {}): Promise<Document> {
  const reply = await rest.call('PUT', `_/actions/${name}?overwrite=true`, { body, ...options });
  if (reply.status !== 200) throw new Error(reply.text);
  return reply.json as Document;
}

async function refusal(method: string, path: string, body?: unknown): Promise<[number, string]> {
  const { status, json } = await rest.call(method, `_/${path}`, {
    wide: true,
    ...(body === undefined ? {} : { body }),
  });
  return [status, (json as { error: string }).error];
}

const malformed = (detail: string) => [400, `The request content was malformed:\n${detail}`];

describe('exec', () => {
  it.each<[string, object, string]>([
    ['without a kind', {}, "'kind' must be a string defined in 'exec'"],
    ['with a kind that is no text', { kind: 1 }, "'kind' must be a string defined in 'exec'"],
    [
      'of code without code',
      { kind: 'nodejs:20' },
      "'code' must be a string or attachment object defined in 'exec' for 'nodejs:20' actions",
    ],
    [
      'whose code is no text',
      { kind: 'python:3.11', code: 7 },
      "'code' must be a string defined in 'exec' for 'python:3.11' actions",
    ],
    [
      'whose main is no text',
      { kind: 'nodejs:20', code, main: 1 },
      "if defined, 'main' be a string in 'exec' for 'nodejs:20' actions",
    ],
    [
      'of a runtime that needs main without it',
      { kind: 'java:8', code: 'abcd' },
      "'main' must be a string defined in 'exec' for 'java:8' actions",
    ],
    [
      'of a runtime that needs main, with one that is no text,',
      { kind: 'java:8', code: 'abcd', main: 5 },
      "if defined, 'main' be a string in 'exec' for 'java:8' actions",
    ],
    [
      'of the default of a family, under the name that was given,',
      { kind: ' Java:Default ', code: 'abcd' },
      "'main' must be a string defined in 'exec' for 'java:default' actions",
    ],
    [
      'of a sequence without components',
      { kind: 'sequence' },
      "'components' must be defined for sequence kind",
    ],
    [
      'of a sequence whose components are no list',
      { kind: 'sequence', components: '/_/known' },
      "'components' must be an array",
    ],
    [
      'of an image without the image',
      { kind: 'blackbox' },
      "'image' must be a string defined in 'exec' for 'blackbox' actions",
    ],
    ['of an image that is none', { kind: 'blackbox', image: 'a b:c:d' }, 'could not parse image name'],
    [
      'of an unknown kind',
      { kind: 'cobol:default', code },
      "The specified runtime 'cobol:default' is not supported by this platform. Valid values are: 'nodejs:20', 'nodejs:18', 'nodejs:16', 'python:3.11', 'java:8', 'sequence', 'blackbox'.",
    ],
  ])('%s is refused in its words', async (_what, value, detail) => {
    const [status, text] = await refusal('PUT', 'actions/refused', { exec: value });
    const sorted = (words: string) => words.split(/, |: /).toSorted().join();
    expect(status).toBe(400);
    expect(sorted(text)).toBe(sorted(malformed(detail)[1] as string));
  });

  it('resolves a kind whatever its blanks and case, and takes a jar for Java', async () => {
    expect((await put('kinds', { exec: { kind: ' NodeJS:Default ', code } })).exec).toMatchObject({
      kind: 'nodejs:20',
    });
    expect((await put('kinds', { exec: { kind: 'java:default', jar: 'abcd', main: 'M' } })).exec).toEqual({
      kind: 'java:8',
      code: 'abcd',
      main: 'M',
      binary: true,
    });
  });

  it.each([
    ['abcd', true],
    [' YWJj ', true],
    ['YQ==', true],
    ['abc', false],
    ['', false],
    ['YQ=a', false],
    ['ab-_', false],
  ])('of the text %j is binary: %s, whatever the client says', async (text, binary) => {
    const { exec: kept } = await put('bytes', { exec: { kind: 'nodejs:20', code: text, binary: !binary } });
    expect(kept).toMatchObject({ code: text, binary });
  });

  it('of a blackbox keeps no code that is blank', async () => {
    expect(
      (await put('black', { exec: { kind: 'blackbox', image: 'me/skeleton', code: ' ' } })).exec,
    ).toEqual({
      kind: 'blackbox',
      image: 'me/skeleton',
      binary: false,
    });
  });

  it('of a sequence shows full names, its components as parameters, and none of the client’s', async () => {
    const components = ['/_/known', 'guest/known', { path: '_', name: 'known' }];
    const sequence = await put('chain', {
      exec: { kind: 'sequence', components },
      parameters: [{ key: 'a', value: 1 }],
    });
    const names = ['/guest/known', '/guest/known', '/guest/known'];
    expect(sequence).toMatchObject({
      exec: { kind: 'sequence', components: names },
      parameters: [{ key: '_actions', value: names }],
    });
    expect((await put('chain', { parameters: [{ key: 'b', value: 1 }] })).parameters).toEqual(
      sequence.parameters,
    );
    expect((await put('chain', { exec })).parameters).toEqual([]);
  });
});

describe('parameters and annotations', () => {
  it('are lists of keys and values', async () => {
    for (const member of ['parameters', 'annotations']) {
      expect(await refusal('PUT', 'actions/pairs', { exec, [member]: {} })).toEqual(
        malformed('parameters malformed!'),
      );
      for (const entry of [1, {}, { value: 1 }, { key: '' }, { key: 1, value: 1 }]) {
        expect(await refusal('PUT', 'actions/pairs', { exec, [member]: [entry] })).toEqual(
          malformed('invalid parameter'),
        );
      }
    }
  });

  it('keep their order; of several with one key the last counts, and the server’s come last', async () => {
    const pairs = [
      { key: 'z', value: 1 },
      { key: 'a', value: { b: [null] } },
      { key: 'z', value: 2 },
    ];
    const kept = [
      { key: 'z', value: 2 },
      { key: 'a', value: { b: [null] } },
    ];
    const action = await put('ordered', { exec, parameters: pairs, annotations: pairs });
    expect(action.parameters).toEqual(kept);
    expect(action.annotations).toEqual([
      ...kept,
      { key: 'provide-api-key', value: false },
      { key: 'exec', value: 'nodejs:20' },
    ]);
  });

  it('merge on an update: what is named is removed first, then the new ones count', async () => {
    const annotations = [
      { key: 'keep', value: 1 },
      { key: 'go', value: 1 },
      { key: 'again', value: 1 },
    ];
    await put('merged', { exec, annotations, parameters: annotations });
    const updated = await put('merged', {
      annotations: [
        { key: 'again', value: 2 },
        { key: 'new', value: 1 },
      ],
      delAnnotations: ['go', 'again', 'unknown'],
    });
    const values = Object.fromEntries(updated.annotations.map(({ key, value }) => [key, value]));
    expect(values).toEqual({ keep: 1, again: 2, new: 1, 'provide-api-key': false, exec: 'nodejs:20' });
    expect(updated.parameters).toEqual(annotations);
    expect((await put('merged', { parameters: [] })).parameters).toEqual([]);
  });

  it('may ask for the key of the API, and can’t say another kind than the action’s', async () => {
    const annotations = [
      { key: 'provide-api-key', value: true },
      { key: 'exec', value: 'python' },
    ];
    expect((await put('asks', { exec, annotations })).annotations).toEqual([
      { key: 'provide-api-key', value: true },
      { key: 'exec', value: 'nodejs:20' },
    ]);
  });
});

describe('limits', () => {
  it('are filled up at the creation and merged by an update, and show no other member', async () => {
    const standard = { timeout: 60_000, memory: 256, logs: 10, concurrency: 1 };
    expect((await put('limited', { exec, limits: { logs: 0 } })).limits).toEqual({ ...standard, logs: 0 });
    expect((await put('limited', { limits: { memory: 128, concurrency: 5 } })).limits).toEqual({
      ...standard,
      logs: 0,
      memory: 128,
      concurrency: 5,
    });
    expect((await put('limited', { limits: {} })).limits).toMatchObject({ memory: 128 });
    const limits = { ...standard, logs: 0, memory: 128, concurrency: 5, instances: 2 };
    expect((await put('limited', { limits: { instances: 2 } })).limits).toEqual(limits);
    expect((await put('limited', {})).limits).toEqual(limits);
  });

  it.each([
    ['timeout', 99, 'duration 99 milliseconds below allowed threshold of 100 milliseconds'],
    ['timeout', 300_001, 'duration 300001 milliseconds exceeds allowed threshold of 300000 milliseconds'],
    ['memory', 127, 'memory size 127 MB below allowed threshold of 128 MB'],
    ['memory', 513, 'memory size 513 MB exceeds allowed threshold of 512 MB'],
    ['logs', -1, 'log size -1 MB below allowed threshold of 0 MB'],
    ['logs', 11, 'log size 11 MB exceeds allowed threshold of 10 MB'],
    ['concurrency', 0, 'concurrency 0 below allowed threshold of 1'],
    ['concurrency', 6, 'concurrency 6 exceeds allowed threshold of 5'],
  ])('of %s %d are out of bounds', async (name, value, text) => {
    const body = { exec, limits: { [name]: value } };
    expect(await refusal('PUT', 'actions/bounds', body)).toEqual([400, `requirement failed: ${text}`]);
  });

  it.each([
    ['timeout', 'time limit'],
    ['memory', 'memory limit'],
    ['logs', 'log limit'],
    ['concurrency', 'intra concurrency limit'],
  ])('of %s are whole numbers', async (name, word) => {
    const text = `The request content was malformed:\nrequirement failed: ${word} must be whole number`;
    expect(await refusal('PUT', 'actions/whole', { exec, limits: { [name]: 200.5 } })).toEqual([400, text]);
    const [status, other] = await refusal('PUT', 'actions/whole', { exec, limits: { [name]: 'x' } });
    expect([status, other]).toEqual(malformed(`${word} malformed`));
  });
});

describe('creating and replacing', () => {
  it('needs an exec for what is new', async () => {
    for (const query of ['', '?overwrite=true']) {
      expect(await refusal('PUT', `actions/brand-new${query}`, {})).toEqual(malformed('exec undefined'));
    }
  });

  it('finds names taken, by actions and by others', async () => {
    expect(await refusal('PUT', 'actions/known', { exec })).toEqual([409, 'resource already exists']);
    const text = 'Resource by this name exists but is not in this collection.';
    expect(await refusal('PUT', 'actions/box', { exec })).toEqual([409, text]);
    expect(await refusal('DELETE', 'actions/box')).toEqual([409, text]);
    for (const collection of ['packages', 'triggers']) {
      expect(await refusal('PUT', `${collection}/known?overwrite=true`, {})).toEqual([409, text]);
      expect(await refusal('GET', `${collection}/known`)).toEqual([409, text]);
      expect(await refusal('DELETE', `${collection}/known`)).toEqual([409, text]);
    }
    for (const method of ['GET', 'DELETE']) {
      expect(await refusal(method, 'rules/known')).toEqual([409, text]);
    }
    expect(await refusal('GET', 'actions/box')).toEqual([409, text]);
    expect(await refusal('POST', 'actions/box')).toEqual([409, text]);
  });

  it('says where there is nothing', async () => {
    for (const method of ['GET', 'DELETE', 'POST']) {
      for (const name of ['none', 'box/none']) {
        expect(await refusal(method, `actions/${name}`)).toEqual([
          404,
          'The requested resource does not exist.',
        ]);
      }
      expect((await refusal(method, 'actions/no-box/none'))[0]).toBe(404);
    }
    expect((await refusal('PUT', 'actions/no-box/new', { exec }))[0]).toBe(404);
  });

  it('lists packaged actions beside the others, with the members of a summary', async () => {
    await put('box/listed', { exec, annotations: [{ key: 'a', value: 1 }] });
    const { json } = await rest.call('GET', '_/actions?limit=1');
    expect(json).toEqual([
      {
        namespace: 'guest/box',
        name: 'listed',
        version: '0.0.1',
        publish: false,
        annotations: [
          { key: 'a', value: 1 },
          { key: 'provide-api-key', value: false },
          { key: 'exec', value: 'nodejs:20' },
        ],
        updated: rest.clock.now(),
        limits: { timeout: 60_000, memory: 256, logs: 10, concurrency: 1 },
        exec: { binary: false },
      },
    ]);
    expect((await rest.call('GET', '_/actions/box/?count=true')).json).toEqual({ actions: 1 });
  });

  it('refuses sizes before limits, and limits before kinds', async () => {
    const parameters = [{ key: 'a', value: 'x'.repeat(1024 * 1024) }];
    const old = { kind: 'nodejs:16', code };
    expect((await refusal('PUT', 'actions/first', { exec: old, parameters, limits: { memory: 1 } }))[0]).toBe(
      413,
    );
    expect((await refusal('PUT', 'actions/first', { exec: old, limits: { memory: 1 } }))[1]).toContain(
      'memory',
    );
    expect(await refusal('PUT', 'actions/first', { exec: old })).toEqual([
      400,
      "The 'nodejs:16' runtime is no longer supported. You may read and delete but not update or invoke this action.",
    ]);
  });
});

describe('invoking', () => {
  it.each([[[]], ['text'], [1], [null], [true]])('takes no %j for arguments', async (body) => {
    expect(await refusal('POST', 'actions/known', body)).toEqual(malformed('JSON object expected'));
  });

  it.each(['0', '-1', '60001', '1.5', 'x', ''])('waits for no %j ms', async (timeout) => {
    expect(await refusal('POST', `actions/known?blocking=true&timeout=${timeout}`)).toEqual([
      400,
      "The query parameter 'timeout' was malformed:\nTimeout must be number of milliseconds up to 60000.",
    ]);
  });

  it('lets nobody override what is final, but a parameter that is null is not yet set', async () => {
    const parameters = [
      { key: 'set', value: 1 },
      { key: 'unset', value: null },
    ];
    await put('final', { exec, parameters, annotations: [{ key: 'final', value: true }] });
    rest.invocations.outcome = { outcome: 'accepted', activationId: 'a'.repeat(32) };
    expect((await rest.call('POST', '_/actions/final', { body: { unset: 1, more: 2 } })).status).toBe(202);
  });
});
