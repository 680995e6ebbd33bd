import { DEVELOPER_ERROR, WHISK_ERROR, type Json, type Parameter } from '@vibrissa/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noParameterLocks, parameterLocks, type ParameterLocks } from './parameter-locks.ts';

const key = (byte: number, size: number) => Buffer.alloc(size, byte);
const keys = { 'aes-128': [key(1, 16)], 'aes-256': [key(2, 32)] };
const locks = parameterLocks('aes-256', keys);

/** The arguments that an action gets of its stored parameters. */
function argumentsOf(stored: readonly Parameter[], by: ParameterLocks) {
  const members = stored.map(({ key: name, value }) => [name, value] as const);
  const locked = stored.flatMap(({ key: name, encryption }) =>
    encryption === undefined ? [] : [[name, encryption] as const],
  );
  return by.unlock(JSON.stringify(Object.fromEntries(members)), Object.fromEntries(locked));
}

describe('parameters', () => {
  it('are locked one by one, with a text that is never the same, and come back as they were', () => {
    const value = fc.jsonValue() as fc.Arbitrary<Json>;
    const names = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', '"', '\\', ''));
    fc.assert(
      fc.property(fc.dictionary(names, value), (given) => {
        const parameters = Object.entries(given).map(([name, of]) => ({ key: name, value: of }));
        const unlocked = argumentsOf(locks.lock(parameters), locks);
        expect(unlocked).toEqual({ outcome: 'unlocked', content: JSON.stringify(given) });
      }),
    );
    const [one, two] = [1, 2].map(() => locks.lock([{ key: 'a', value: 'sesame' }])[0]?.value);
    expect(one).not.toBe(two);
  });

  it('say what they are locked with, and keep the rest of what is said of them', () => {
    const [first, second] = locks.lock([
      { key: 'a', value: 1, init: true },
      { key: 'b', value: null },
    ]);
    expect(first).toEqual({ key: 'a', value: expect.any(String), init: true, encryption: 'aes-256' });
    expect(second).toEqual({ key: 'b', value: null });
  });

  it('that are locked are not locked again', () => {
    const stored = locks.lock([{ key: 'a', value: 'sesame' }]);
    expect(locks.lock(stored)).toEqual(stored);
    expect(parameterLocks('aes-128', keys).lock(stored)).toEqual(stored);
  });

  it('stay in clear where nothing is to be locked', () => {
    const parameters = [{ key: 'a', value: 'sesame' }];
    expect(noParameterLocks.lock(parameters)).toBe(parameters);
    expect(parameterLocks(undefined, keys).lock(parameters)).toBe(parameters);
  });

  it('open with an older key, and when another scheme, or none, is used now', () => {
    const stored = parameterLocks('aes-128', keys).lock([{ key: 'a', value: 'sesame' }]);
    const opened = { outcome: 'unlocked', content: '{"a":"sesame"}' };
    const newer = { 'aes-128': [key(9, 16), key(1, 16)], 'aes-256': [] };
    for (const by of [locks, parameterLocks(undefined, keys), parameterLocks('aes-128', newer)]) {
      expect(argumentsOf(stored, by)).toEqual(opened);
    }
  });
});

describe('arguments', () => {
  const [{ value: locked } = { value: null }] = locks.lock([{ key: 'a', value: { deep: ['x'] } }]);

  it('that are not locked pass as they were written', () => {
    const content = `{ "big" : 12345678901234567890, "a":${JSON.stringify(locked)} ,"\\u0062": 1e400}`;
    expect(locks.unlock(content, { a: 'aes-256' })).toEqual({
      outcome: 'unlocked',
      content: '{ "big" : 12345678901234567890, "a":{"deep":["x"]} ,"\\u0062": 1e400}',
    });
  });

  it('whose key is missing end the activation and say so, without the value', () => {
    const { response } = locks.unlock(`{"a":"x"}`, { a: 'aes-128' }) as { response?: unknown };
    expect(response).toMatchObject({ statusCode: WHISK_ERROR });
    const without = noParameterLocks.unlock(`{"a":${JSON.stringify(locked)}}`, { a: 'aes-256' });
    expect(without).toMatchObject({ outcome: 'failed', response: { statusCode: WHISK_ERROR } });
    expect(JSON.stringify(without)).toContain('locked with aes-256, and this platform has no key for that');
    expect(JSON.stringify(without)).not.toContain(String(locked));
  });

  it('that no key opens end the activation, whatever they are', () => {
    for (const value of ['""', '"AAAA"', 'null', '7', '{"a":{}}', '[]', JSON.stringify('A'.repeat(400))]) {
      expect(locks.unlock(`{"a":${value}}`, { a: 'aes-256' })).toMatchObject({
        outcome: 'failed',
        response: { statusCode: WHISK_ERROR, resultJson: expect.stringContaining('no key of this platform') },
      });
    }
  });

  it('that are said to be locked with what nobody knows end it as a fault of who said so', () => {
    for (const scheme of ['rot13', '__proto__', '', 'x'.repeat(10_000)]) {
      const { response } = locks.unlock('{"a":"x"}', { a: scheme }) as {
        response: { statusCode: number; resultJson: string };
      };
      expect(response.statusCode).toBe(DEVELOPER_ERROR);
      expect(response.resultJson.length).toBeLessThan(300);
    }
  });
});
