import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { cleanUp } from '../platform/platform-process.ts';
import { askRaw, openFaultPlatform, type FaultPlatform } from './fault-platform.ts';

const actions = '/api/v1/namespaces/_/actions';
const echo = 'function main(args) { return args; }';
const LIMIT = 1024 * 1024;

let platform: FaultPlatform;
beforeAll(async () => {
  platform = await openFaultPlatform();
  await platform.create('echo', echo);
  await platform.invoke('echo');
});
afterAll(cleanUp);

/** The platform still serves, and nothing of a refused request runs. */
async function stillServes() {
  const { status, body } = await platform.invoke('echo', { still: 'here' });
  expect(status).toBe(200);
  expect(body).toMatchObject({ response: { result: { still: 'here' } } });
}

const errorBody = { error: expect.stringMatching(/./) as string, code: expect.stringMatching(/./) as string };

describe('a body that is no good', () => {
  it.each([
    ['cut off', '{"a":'],
    ['empty braces doubled', '{}{}'],
    ['a single quote', "{'a':1}"],
    ['NaN', '{"a":NaN}'],
    ['a control character in a string', '{"a":"\u0000"}'],
    ['a lone surrogate escape is text, a bad escape is not', '{"a":"\\ud8"}'],
    ['an array', '[1,2]'],
    ['a number', '3'],
    ['null', 'null'],
    ['a string', '"text"'],
    ['nested in 100,000 arrays', `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['nested in 100,000 objects', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
    ['nested and cut off', '{"a":['.repeat(50_000)],
  ])('(%s) is refused with 400, as arguments and as an action', async (_, text) => {
    for (const line of [`POST ${actions}/echo?blocking=true`, `PUT ${actions}/never?overwrite=true`]) {
      const reply = await askRaw(platform, line, text);
      expect(reply.status, `${line} ${reply.text}`).toBe(400);
      expect(reply.body).toEqual(errorBody);
    }
    expect((await platform.call(`GET ${actions}/never`)).status).toBe(404);
    await stillServes();
  });

  it('of wrong types or of an unknown kind is refused with 400, in every field', async () => {
    const wrong: object[] = [
      { exec: 'code' },
      { exec: [] },
      { exec: { kind: 'cobol:1', code: 'x' } },
      { exec: { kind: 'nodejs:default', code: 5 } },
      { exec: { kind: 5, code: 'x' } },
      { exec: { kind: 'nodejs:default', code: echo }, parameters: 'x' },
      { exec: { kind: 'nodejs:default', code: echo }, parameters: [{ value: 1 }] },
      { exec: { kind: 'nodejs:default', code: echo }, annotations: { a: 1 } },
      { exec: { kind: 'nodejs:default', code: echo }, limits: { timeout: '5' } },
      { exec: { kind: 'nodejs:default', code: echo }, limits: { memory: -1 } },
      { exec: { kind: 'nodejs:default', code: echo }, limits: { logs: 1e9 } },
      { exec: { kind: 'nodejs:default', code: echo }, version: 'one' },
      { exec: { kind: 'nodejs:default', code: echo, main: {} } },
    ];
    for (const body of wrong) {
      const reply = await platform.call(`PUT ${actions}/never`, body);
      expect(reply.status, JSON.stringify(body)).toBe(400);
      expect(reply.body, JSON.stringify(body)).toEqual(errorBody);
    }
    expect((await platform.call(`GET ${actions}/never`)).status).toBe(404);
  });

  it('with a bad name is refused with 400, whatever its encoding', async () => {
    const names = ['a%00b', '%20', 'a%2F%2Fb%7C', 'x'.repeat(257), 'a%0Ab', '%F0%9F%92%A9', '!', 'a$b'];
    for (const name of names) {
      const reply = await platform.call(`PUT ${actions}/${name}`, {
        exec: { kind: 'nodejs:default', code: echo },
      });
      expect([400, 404], `${name} ${reply.text}`).toContain(reply.status);
      expect(reply.body, name).toEqual(errorBody);
    }
    const list = await platform.call(`GET ${actions}`);
    expect((list.body as { name: string }[]).map(({ name }) => name)).toEqual(['echo']);
  });
});

describe('sizes', () => {
  /** `{"a":"…"}` of exactly so many bytes. */
  const bodyOf = (bytes: number) => `{"a":"${'x'.repeat(bytes - 8)}"}`;

  it('arguments of exactly 1 MB arrive whole; one byte more is refused with 413', async () => {
    const exact = await askRaw(platform, `POST ${actions}/echo?blocking=true&result=true`, bodyOf(LIMIT));
    expect(exact.status).toBe(200);
    expect(exact.text).toBe(bodyOf(LIMIT));
    const more = await askRaw(platform, `POST ${actions}/echo?blocking=true`, bodyOf(LIMIT + 1));
    expect(more.status).toBe(413);
    expect(more.body).toEqual(errorBody);
    await stillServes();
  });

  it('bound parameters count for the arguments, and are bounded themselves', async () => {
    const exec = { kind: 'nodejs:default', code: echo };
    const half = [{ key: 'bound', value: 'y'.repeat(LIMIT / 2) }];
    expect((await platform.call(`PUT ${actions}/half`, { exec, parameters: half })).status).toBe(200);
    const reply = await askRaw(platform, `POST ${actions}/half?blocking=true`, bodyOf(LIMIT / 2 + 8192));
    expect(reply.status).toBe(413);
    for (const field of ['parameters', 'annotations']) {
      const large = [{ key: 'a', value: 'y'.repeat(LIMIT + 1) }];
      const refused = await platform.call(`PUT ${actions}/never`, { exec, [field]: large });
      expect(refused.status, field).toBe(413);
      expect(refused.body).toEqual(errorBody);
    }
  });

  it('code over 48 MB is refused with 413, without reading on', async () => {
    const code = 'x'.repeat(48 * LIMIT + 1);
    const exec = { kind: 'nodejs:default', code };
    const reply = await platform.call(`PUT ${actions}/never`, { exec });
    expect(reply.status).toBe(413);
    const announced = await askRaw(platform, `PUT ${actions}/never`, '', {
      'content-length': String(200 * LIMIT),
    });
    expect(announced.status).toBe(413);
    await stillServes();
  });

  it('a result of exactly 1 MB arrives whole; one byte more is cut, with a sentence that says so', async () => {
    await platform.create('size', `const main = ({ n }) => ({ a: 'x'.repeat(n - 8) });`);
    const exact = await platform.runAgain('size', { n: LIMIT });
    expect(exact.response.status).toBe('success');
    expect(JSON.stringify(exact.response.result)).toHaveLength(LIMIT);
    const more = await platform.runAgain('size', { n: LIMIT + 1 });
    expect(more.response.status).toBe('application error');
    expect(more.response.result['error']).toMatch(
      new RegExp(
        `^The action produced a response that exceeded the allowed length: ${LIMIT + 1} > ${LIMIT} bytes`,
      ),
    );
    expect(more.response.result['error']).toMatch(/The truncated response was: \{"a":"x+"?$/);
    expect((await platform.runAgain('size', { n: 20 })).response.status).toBe('success');
    const huge = await platform.runAgain('size', { n: 20 * LIMIT });
    expect(huge.response.status).toBe('application error');
    await stillServes();
  });
});

describe('__proto__ and constructor', () => {
  const text =
    '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"a":{"__proto__":{"b":2}}}';

  it('are data in arguments, results and inside the action, and change no prototype', async () => {
    const reply = await askRaw(platform, `POST ${actions}/echo?blocking=true&result=true`, text);
    expect(reply.status).toBe(200);
    expect(reply.text).toBe(text);
    const looked = await askRaw(
      platform,
      `PUT ${actions}/looker`,
      JSON.stringify({
        exec: {
          kind: 'nodejs:default',
          code: 'const main = (a) => ({ own: Object.keys(a), polluted: ({}).polluted ?? null });',
        },
      }),
    );
    expect(looked.status).toBe(200);
    const seen = await askRaw(platform, `POST ${actions}/looker?blocking=true&result=true`, text);
    expect(seen.body).toEqual({ own: ['__proto__', 'constructor', 'a'], polluted: null });
  });

  it('are data in parameters, annotations and their names, and as names of actions', async () => {
    const put = `{"exec":{"kind":"nodejs:default","code":${JSON.stringify(echo)}},
      "parameters":[{"key":"__proto__","value":{"polluted":1}},{"key":"constructor","value":${text}}],
      "annotations":[{"key":"__proto__","value":${text}}],
      "limits":{"timeout":5000,"__proto__":{"memory":1}},"__proto__":{"publish":true}}`;
    for (const name of ['__proto__', 'constructor', 'toString']) {
      const created = await askRaw(platform, `PUT ${actions}/${name}`, put);
      expect(created.status, created.text).toBe(200);
      const got = await platform.call(`GET ${actions}/${name}`);
      expect(got.body).toMatchObject({ name, publish: false, limits: { timeout: 5000, memory: 256 } });
      const run = await askRaw(platform, `POST ${actions}/${name}?blocking=true&result=true`, '{"x":1}');
      expect(run.status).toBe(200);
      const result = run.body as object;
      expect(Object.getOwnPropertyNames(result).toSorted()).toEqual(['__proto__', 'constructor', 'x']);
      expect((await platform.call(`DELETE ${actions}/${name}`)).status).toBe(200);
    }
  });

  it('are data in an error that an action returns', async () => {
    const record = await platform.run(
      `const main = () => JSON.parse('{"error":{"__proto__":{"x":1}},"b":1}');`,
    );
    expect(record.response.status).toBe('application error');
    expect(JSON.stringify(record.response.result)).toBe('{"error":{"__proto__":{"x":1}}}');
  });
});
