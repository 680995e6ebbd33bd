import { aMessage, anAction, anIdentity, aStored } from '@vibrissa/testkit';
import fc from 'fast-check';
import type { ActivationMessage, ActionEntity } from '@vibrissa/protocol';
import { expect, test } from 'vitest';
import { createJob } from '../job.ts';
import { prepareAction } from '../resolve-action.ts';
import { environmentText, initBody, runBody, runBodyMiddle, splitArguments } from './request-bodies.ts';

function aJob(message: Partial<ActivationMessage> = {}, action: Partial<ActionEntity> = {}) {
  return createJob(aMessage(message), prepareAction(aStored(anAction(action))));
}

test('/init carries the code and the environment of the protocol', () => {
  const job = aJob(
    { transactionId: 'a"b', initArgs: ['SECRET'], content: '{"SECRET":{"a":1},"name":"Ada"}' },
    { namespace: 'guest/tools', exec: { kind: 'nodejs:20', binary: true, main: 'lib.main', size: 4 } },
  );
  const { init } = splitArguments(job.message.content, job.message.initArgs);
  expect(JSON.parse(initBody(job, '"QUJD"', { init, deadline: 1234 }))).toEqual({
    value: {
      name: 'hello',
      main: 'lib.main',
      binary: true,
      code: 'QUJD',
      env: {
        SECRET: '{"a":1}',
        __OW_API_KEY: anIdentity().authkey,
        __OW_NAMESPACE: 'guest',
        __OW_ACTION_NAME: '/guest/tools/hello',
        __OW_ACTION_VERSION: '0.0.1',
        __OW_ACTIVATION_ID: job.message.activationId,
        __OW_TRANSACTION_ID: 'a"b',
        __OW_DEADLINE: '1234',
      },
    },
  });
});

test('/init has no code when the action has none, and a default main', () => {
  const body = initBody(aJob(), undefined, { init: new Map(), deadline: 1 });
  expect((JSON.parse(body) as { value: object }).value).toMatchObject({ main: 'main', binary: false });
  expect(body).not.toContain('"code"');
});

test.each([
  [undefined, true],
  [true, true],
  ['yes', true],
  [1, true],
  [{ a: 1 }, true],
  [false, false],
  [null, false],
  [0, false],
  ['', false],
])('with provide-api-key %j the key is given: %j', (value, given) => {
  const annotations = value === undefined ? [] : [{ key: 'provide-api-key', value }];
  const job = aJob({}, { annotations });
  const run = JSON.parse(runBody(job, runBodyMiddle(job), { json: '{}', deadline: 1 })) as object;
  expect('api_key' in run).toBe(given);
  expect(initBody(job, undefined, { init: new Map(), deadline: 1 }).includes('__OW_API_KEY')).toBe(given);
});

test('/run carries the arguments word for word', () => {
  const job = aJob({ content: '{ "n": 12345678901234567890 }', transactionId: 'x' });
  const { runJson } = splitArguments(job.message.content, []);
  const body = runBody(job, runBodyMiddle(job), { json: runJson, deadline: 99 });
  expect(body).toContain('"value":{ "n": 12345678901234567890 }');
  expect(JSON.parse(body)).toMatchObject({
    namespace: 'guest',
    action_name: '/guest/hello',
    action_version: '0.0.1',
    activation_id: job.message.activationId,
    transaction_id: 'x',
    deadline: '99',
  });
});

test('init parameters leave the arguments, and nothing else does', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.string()), (values, others) => {
      const text = JSON.stringify(values);
      const parsed = JSON.parse(text) as object;
      const names = Object.keys(parsed);
      const initArgs = [...names.slice(0, 2), ...others];
      const { init, runJson } = splitArguments(text, initArgs);
      const rest = JSON.parse(runJson) as object;
      expect([...init.keys(), ...Object.keys(rest)].sort()).toEqual([...names].sort());
      for (const name of init.keys()) expect(initArgs).toContain(name);
      for (const name of Object.keys(rest)) expect(initArgs).not.toContain(name);
    }),
  );
});

test('numbers that a double cannot hold stay as they are, in the environment and beside it', () => {
  const { init, runJson } = splitArguments('{ "a": 12345678901234567890, "b": 1e400 , "a":1e400}', ['b']);
  expect(environmentText(init.get('b') ?? '')).toBe('1e400');
  expect(runJson).toBe('{"a":1e400}');
});

test('arguments without any are an empty object, and arrays stay as they are', () => {
  expect(splitArguments(undefined, ['a'])).toEqual({ init: new Map(), runJson: '{}' });
  expect(splitArguments('[1]', ['0'])).toEqual({ init: new Map(), runJson: '[1]' });
});

test.each([
  [null, ''],
  [true, 'true'],
  [1.5, '1.5'],
  ['text', 'text'],
  [[1, 2], '[1,2]'],
  [{ a: 'b' }, '{"a":"b"}'],
])('%j becomes the variable %j', (value, text) => {
  expect(environmentText(JSON.stringify(value))).toBe(text);
});
