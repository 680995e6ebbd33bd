import type { JsonObject, Parameter } from '@vibrissa/protocol';
import { anAction } from '@vibrissa/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parameterLocks } from '../../parameters/parameter-locks.ts';
import { definesFinal, lockedArguments, mergeParameters, prepareParameters } from './merge-parameters.ts';

function payloadOf(json: string) {
  return { json, value: JSON.parse(json) as JsonObject };
}

function prepare(parameters: readonly Parameter[], annotations: Parameter[] = []) {
  return prepareParameters(anAction({ parameters, annotations }));
}

describe('effective arguments', () => {
  const name = fc.oneof(fc.constantFrom('a', 'b', '__proto__', 'constructor', '"', ''), fc.string());
  const parameters = fc.array(fc.record({ key: name, value: fc.jsonValue() }), { maxLength: 5 });

  test('are package < action < payload, key by key, for any names and values', () => {
    fc.assert(
      fc.property(
        parameters,
        parameters,
        fc.option(parameters, { nil: undefined }),
        fc.constantFrom('', '  ', '\n\t'),
        (ofPackage, ofAction, ofPayload, space) => {
          const wanted = new Map<string, unknown>();
          for (const { key, value } of [...ofPackage, ...ofAction, ...(ofPayload ?? [])])
            wanted.set(key, value);
          const members = ofPayload?.map(
            ({ key, value }) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`,
          );
          const payload = members && payloadOf(`${space}{${space}${members.join(', ')}${space}}${space}`);
          const prepared = prepareParameters(
            anAction({ parameters: ofAction as Parameter[] }),
            ofPackage as Parameter[],
          );
          const merged = JSON.parse(mergeParameters(prepared, payload) ?? '{}') as object;
          const plain = JSON.parse(JSON.stringify([...wanted])) as [string, unknown][];
          expect(new Map(Object.entries(merged))).toEqual(new Map(plain));
        },
      ),
    );
  });

  test('come to the same where parameters are locked: what the request gives is not, and the rest opens', () => {
    const locks = parameterLocks('aes-128', { 'aes-128': [Buffer.alloc(16)], 'aes-256': [] });
    fc.assert(
      fc.property(parameters, parameters, fc.option(parameters, { nil: undefined }), (...given) => {
        const [ofPackage, ofAction, ofPayload] = given as Parameter[][];
        const members = ofPayload?.map(({ key, value }) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
        const payload = members && payloadOf(`{${members.join(',')}}`);
        const argumentsOf = (lock: (of: Parameter[]) => readonly Parameter[]) => {
          const action = anAction({ parameters: lock(ofAction ?? []) });
          const prepared = prepareParameters(action, lock(ofPackage ?? []));
          const locked = lockedArguments(prepared, payload);
          const content = mergeParameters(prepared, payload) ?? '{}';
          return locked ? locks.unlock(content, locked) : { outcome: 'unlocked', content };
        };
        expect(argumentsOf((of) => locks.lock(of))).toEqual(argumentsOf((of) => of));
      }),
    );
    const [parameter] = locks.lock([{ key: 'a', value: 1 }]);
    expect(lockedArguments(prepare([parameter!]), { json: '[1]', value: [1] })).toBeUndefined();
    expect(lockedArguments(prepare([{ key: 'a', value: 1, encryption: 'noop' }]), undefined)).toBeUndefined();
  });

  test('are the very text of the request when the action has no parameters', () => {
    const json = ' {"a" : 1e2,\n"b":[ ]}';
    expect(mergeParameters(prepare([]), payloadOf(json))).toBe(json);
  });

  test('are the bound parameters when the request has no body or an empty one', () => {
    const prepared = prepare([{ key: 'a', value: { b: 1 } }]);
    expect(mergeParameters(prepared, undefined)).toBe('{"a":{"b":1}}');
    expect(mergeParameters(prepared, payloadOf(' { } '))).toBe('{"a":{"b":1}}');
  });

  test('are none when there are neither parameters nor a body', () => {
    expect(mergeParameters(prepare([]), undefined)).toBeUndefined();
  });

  test('keep the numbers of a request as they were written', () => {
    const prepared = prepare([{ key: 'a', value: 1 }]);
    expect(mergeParameters(prepared, payloadOf('{"big":12345678901234567890}'))).toBe(
      '{"a":1,"big":12345678901234567890}',
    );
  });
});

describe('a final action', () => {
  const final = [{ key: 'final', value: true }];
  const bound = [
    { key: 'fixed', value: 1 },
    { key: 'open', value: null },
  ];

  test('refuses a request that defines one of its parameters, even with the same value', () => {
    const prepared = prepare(bound, final);
    expect(definesFinal(prepared, payloadOf('{"fixed":1}'))).toBe(true);
    expect(definesFinal(prepared, payloadOf('{"fixed":null}'))).toBe(true);
  });

  test('lets a request define what it left null, and anything else', () => {
    const prepared = prepare(bound, final);
    expect(definesFinal(prepared, payloadOf('{"open":1,"other":2}'))).toBe(false);
    expect(definesFinal(prepared, undefined)).toBe(false);
  });

  test.each([
    [true, true],
    ['yes', true],
    [1, true],
    [{}, true],
    [false, false],
    [0, false],
    ['', false],
    [null, false],
  ])('annotated %j: %s', (value, expected) => {
    expect(definesFinal(prepare(bound, [{ key: 'final', value }]), payloadOf('{"fixed":2}'))).toBe(expected);
  });

  test('names from the prototype of objects are not taken for the request’s', () => {
    const prepared = prepare([{ key: 'toString', value: 1 }], final);
    expect(definesFinal(prepared, payloadOf('{"a":1}'))).toBe(false);
  });
});

test('parameters marked init are named for the environment', () => {
  const prepared = prepare([
    { key: 'A', value: 1, init: true },
    { key: 'B', value: 2 },
    { key: 'C', value: 3, init: false },
  ]);
  expect(prepared.initArgs).toEqual(['A']);
  expect(prepared.json).toBe('{"A":1,"B":2,"C":3}');
});
