import type { Json, JsonObject } from '@vibrissa/protocol';
import { describe, expect, test } from 'vitest';
import { readConductor, withState, type ConductorState } from './composition-step.ts';

const payloadOf = (value: JsonObject | Json[]) => ({ json: JSON.stringify(value), value });
const stateOf = (value: JsonObject): ConductorState => ({ json: JSON.stringify(value), value });

const read = (resultJson: string, statusCode: 0 | 1 | 2 = 0) =>
  readConductor({ statusCode, resultJson }, 'guest');

describe('a conductor that answers', () => {
  test.each([
    ['{"a":1}', '{"a":1}'],
    ['{"params":{"b":2},"state":{}}', '{"b":2}'],
    ['{"params":[1]}', '{"value":[1]}'],
    ['{"params":null}', '{"value":null}'],
    ['[1,2]', '[1,2]'],
    ['{"state":{"s":1}}', '{"state":{"s":1}}'],
  ])('%s is done, with %s', (resultJson, expected) => {
    expect(read(resultJson)).toEqual({ step: 'done', response: { statusCode: 0, resultJson: expected } });
  });

  test('an error is done, with its status', () => {
    expect(read('{"error":"x"}', 2)).toEqual({
      step: 'done',
      response: { statusCode: 2, resultJson: '{"error":"x"}' },
    });
  });

  test.each<[string, JsonObject]>([
    ['a', { namespace: 'guest', name: 'a' }],
    ['p/a', { namespace: 'guest', package: 'p', name: 'a' }],
    ['/ns/a', { namespace: 'ns', name: 'a' }],
    ['/ns/p/a', { namespace: 'ns', package: 'p', name: 'a' }],
    ['ns/p/a', { namespace: 'ns', package: 'p', name: 'a' }],
    ['_/p/a', { namespace: 'guest', package: 'p', name: 'a' }],
    ['/_/a', { namespace: 'guest', name: 'a' }],
    ['/_/p/a', { namespace: 'guest', package: 'p', name: 'a' }],
  ])('the action %s means %j', (action, name) => {
    expect(read(JSON.stringify({ action }))).toEqual({
      step: 'invoke',
      name,
      payload: undefined,
      state: undefined,
    });
  });

  test.each<[Json]>([
    [null],
    [7],
    [true],
    [{}],
    [['a']],
    [''],
    ['/'],
    ['/a'],
    ['a/b/c/d'],
    ['/a/b/c/d'],
    ['a b '],
    ['../a'],
    ['a\u0000'],
    ['x'.repeat(257)],
  ])('the action %j names none', (action) => {
    expect(read(JSON.stringify({ action, state: 1 }))).toEqual({
      step: 'misnamed',
      given: JSON.stringify(action),
      state: stateOf({ state: 1 }),
    });
  });

  test('parameters and state that are no objects has them boxed', () => {
    expect(read('{"action":"a","params":"p","state":[1]}')).toMatchObject({
      payload: { json: '{"value":"p"}' },
      state: stateOf({ state: [1] }),
    });
  });

  test('has its numbers passed on as it wrote them', () => {
    const json = '{ "params" : {"n":12345678901234567890, "e":1e400},"action":"a","state":{"s":1e400}}';
    const step = read(json);
    expect(step).toMatchObject({
      payload: { json: '{"n":12345678901234567890, "e":1e400}' },
      state: { json: '{"s":1e400}' },
    });
    const { payload, state } = step as { payload: ConductorState; state: ConductorState };
    expect(withState(payload, state)?.json).toBe('{"n":12345678901234567890,"e":1e400,"s":1e400}');
    expect(read('{"params":{"n":1e400}}')).toMatchObject({ response: { resultJson: '{"n":1e400}' } });
    expect(read('{"params":1e400,"action":"a"}')).toMatchObject({ payload: { json: '{"value":1e400}' } });
  });

  test('twice with one name means the later', () => {
    expect(read('{"action":"a","params":{"n":1},"params":{"n":2},"action":"b"}')).toMatchObject({
      name: { name: 'b' },
      payload: { json: '{"n":2}', value: { n: 2 } },
    });
  });

  test('what objects inherit, asks for nothing', () => {
    expect(read('{"__proto__":{"action":"a"}}')).toMatchObject({ step: 'done' });
  });
});

describe('what a conductor gets next', () => {
  test('is the result as it came, without a state', () => {
    const payload = { json: '{"n": 1}', value: { n: 1 } };
    expect(withState(payload, undefined)).toBe(payload);
    expect(withState(undefined, undefined)).toBeUndefined();
  });

  test('is the result with the state over it', () => {
    expect(withState(payloadOf({ a: 1, b: 1 }), stateOf({ b: 2 }))).toEqual(payloadOf({ a: 1, b: 2 }));
    expect(withState(undefined, stateOf({ b: 2 }))).toEqual(payloadOf({ b: 2 }));
    expect(withState(payloadOf([1]), stateOf({ b: 2 }))).toEqual(payloadOf({ value: [1], b: 2 }));
  });

  test('keeps a member __proto__ as a member', () => {
    const state = JSON.parse('{"__proto__":{"x":1}}') as JsonObject;
    expect(withState(undefined, stateOf(state))?.json).toBe('{"__proto__":{"x":1}}');
    expect(withState(payloadOf({ a: 1 }), stateOf(state))?.json).toBe('{"a":1,"__proto__":{"x":1}}');
  });
});
