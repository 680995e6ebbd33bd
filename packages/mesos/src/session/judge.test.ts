import { describe, expect, test } from 'vitest';

import { judgeAnswer, judgeError, judgeRefusal } from './judge.ts';

describe('refusals of SUBSCRIBE (O2)', () => {
  test.each([
    [400, "Failed to validate agent::Call: Expecting 'type' to be present", 'alien'],
    [400, "Failed to validate master::Call: Expecting 'type' to be present", 'alien'],
    [400, 'Failed to validate scheduler::Call', 'refused'],
    [401, '401 Unauthorized.', 'unauthorized'],
    [403, 'Forbidden', 'refused'],
    [404, '', 'retry'],
    [404, '<html>no such page</html>', 'perhaps-alien'],
    [405, '', 'alien'],
    [415, '', 'alien'],
    [204, '', 'alien'],
    [304, '', 'alien'],
    [429, '', 'retry'],
    [500, '', 'retry'],
    [501, 'unknown call', 'refused'],
    [503, 'No leader elected', 'retry'],
    [503, 'Master has not finished recovery', 'retry'],
  ] as const)('%i %s: %s', (status, text, verdict) => expect(judgeRefusal(status, text)).toBe(verdict));
});

describe('ERROR events', () => {
  test.each([
    ['Framework failed over', 'failed-over'],
    ['Framework has been removed', 'removed'],
    ['Message SUBSCRIBE dropped: capacity(10) exceeded', 'overloaded'],
    ["Changing framework's principal is not allowed.", 'other'],
    ["'FrameworkInfo.roles' contains duplicate items: { a }", 'other'],
  ] as const)('%s: %s', (message, verdict) => expect(judgeError(message)).toBe(verdict));
});

describe('answers to calls (O8)', () => {
  test.each([
    [202, '', 'fine'],
    [200, '', 'fine'],
    [400, "Failed to validate scheduler::Call: Expecting 'accept' to be present", 'fine'],
    [400, 'Framework cannot be found', 'lost'],
    [
      400,
      "The stream ID 'x' included in this request didn't match the stream ID currently associated with …",
      'taken-over',
    ],
    [401, '401 Unauthorized.', 'lost'],
    [403, 'Framework is not subscribed', 'lost'],
    [307, '', 'lost'],
    [404, '', 'lost'],
    [409, '', 'fine'],
    [500, '', 'fine'],
    [503, 'Master has not finished recovery', 'lost'],
    [0, '', 'lost'],
  ] as const)('%i %s: %s', (status, text, verdict) =>
    expect(judgeAnswer({ callId: 1, status, text })).toBe(verdict),
  );
});
