import { expect, test } from 'vitest';
import type { HttpCall } from '../messages.ts';
import { parseCall } from './parse-call.ts';

const info = { user: 'root', name: 'bad', roles: ['*'] };
const post = (body: unknown, extra: Partial<HttpCall> = {}): ReturnType<typeof parseCall> =>
  parseCall({
    method: 'POST',
    contentType: 'application/json',
    body: { text: typeof body === 'string' ? body : JSON.stringify(body) },
    ...extra,
  });
const answer = (status: number, text: string): object =>
  expect.objectContaining({ kind: 'refused', status, text });

test('a request that is no POST, or of another type, is refused by its status (O4)', () => {
  const call = { type: 'SUBSCRIBE', subscribe: { framework_info: info } };
  expect(post(call, { method: 'PUT' })).toEqual({
    kind: 'refused',
    status: 405,
    text: "405 Method Not Allowed. Expecting one of { 'POST' }, but received 'PUT'.",
    headers: [['Allow', 'POST']],
  });
  expect(parseCall({ method: 'POST', body: { json: call } })).toEqual(
    answer(400, "Expecting 'Content-Type' to be present"),
  );
  for (const contentType of ['text/plain', 'application/json; charset=utf-8']) {
    expect(post(call, { contentType })).toEqual(
      answer(415, "Expecting 'Content-Type' of application/json or application/x-protobuf"),
    );
  }
});

test.each([
  ['', 'Failed to parse body into JSON: syntax error at line 1 near: '],
  [[], 'Failed to convert JSON into Call protobuf: Expecting a JSON object'],
  [{}, "Failed to validate scheduler::Call: Expecting 'type' to be present"],
  [{ type: 'FROBNICATE' }, "Failed to validate scheduler::Call: Expecting 'type' to be present"],
  [{ type: 'SUBSCRIBE' }, "Failed to validate scheduler::Call: Expecting 'subscribe' to be present"],
  [
    { type: 'SUBSCRIBE', subscribe: {} },
    'Failed to convert JSON into Call protobuf: Missing required fields: subscribe.framework_info',
  ],
  [
    { type: 'SUBSCRIBE', subscribe: { framework_info: {} } },
    'Failed to convert JSON into Call protobuf: Missing required fields: subscribe.framework_info.user, subscribe.framework_info.name',
  ],
  [
    { type: 'SUBSCRIBE', subscribe: { framework_info: { user: 'root', name: 5 } } },
    "Failed to convert JSON into Call protobuf: Not expecting a JSON number for field 'name'",
  ],
  [
    { type: 'SUBSCRIBE', framework_id: { value: 'x' }, subscribe: { framework_info: info } },
    "Failed to validate scheduler::Call: 'framework_id' differs from 'subscribe.framework_info.id'",
  ],
  [{ type: 'REVIVE' }, "Failed to validate scheduler::Call: Expecting 'framework_id' to be present"],
  [
    { type: 'ACCEPT', framework_id: { value: 'x' } },
    "Failed to validate scheduler::Call: Expecting 'accept' to be present",
  ],
  [
    { type: 'KILL', framework_id: { value: 'x' }, kill: {} },
    'Failed to convert JSON into Call protobuf: Missing required fields: kill.task_id',
  ],
])('the body %j is answered by 400 %s (O8)', (body, text) => {
  expect(post(body)).toEqual(answer(400, text));
});

test('an acknowledgement with a bad uuid is refused (O22)', () => {
  const acknowledge = (uuid: string): unknown =>
    post({
      type: 'ACKNOWLEDGE',
      framework_id: { value: 'f' },
      acknowledge: { agent_id: { value: 'a' }, task_id: { value: 't' }, uuid },
    });
  expect(acknowledge('%')).toEqual(
    answer(
      400,
      "Failed to convert JSON into Call protobuf: Failed to base64 decode bytes field 'uuid': Invalid character '%'",
    ),
  );
  for (const uuid of ['AAAA', 'AAAAAAAAAAAAAAAAAAAAAA==']) {
    expect(acknowledge(uuid)).toEqual(answer(400, 'Failed to validate scheduler::Call: Not a valid UUID'));
  }
  expect(acknowledge('EjRWeBI0RniSNFZ4EjRWeA==')).toMatchObject({ kind: 'parsed' });
});

test('unknown fields and capabilities are ignored, numbers may be strings (O5)', () => {
  const parsed = post({
    type: 'SUBSCRIBE',
    subscribe: {
      framework_info: {
        ...info,
        failover_timeout: '5',
        nosuchfield: 1,
        capabilities: [{ type: 'MULTI_ROLE' }, { type: 'NO_SUCH_CAPABILITY' }],
      },
    },
    more: { x: [1] },
  });
  expect(parsed).toMatchObject({
    kind: 'parsed',
    call: {
      subscribe: { framework_info: { failover_timeout: 5, capabilities: [{ type: 'MULTI_ROLE' }, {}] } },
    },
  });
});

test('the principal of the credentials and that of the framework must be the same (O10)', () => {
  const subscribe = (principal: string): unknown =>
    post({ type: 'SUBSCRIBE', subscribe: { framework_info: { ...info, principal } } }, { principal: 'fw' });
  expect(subscribe('fw')).toMatchObject({ kind: 'parsed' });
  expect(subscribe('other')).toEqual(
    answer(
      400,
      "Failed to validate scheduler::Call: Authenticated principal 'fw' does not match principal 'other' set in `FrameworkInfo`",
    ),
  );
});
