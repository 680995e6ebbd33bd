import { expect, it } from 'vitest';
import type { ActivationRecord } from './activation.ts';
import { encodeActivation } from './encode-activation.ts';

const record: ActivationRecord = {
  activationId: 'a'.repeat(32),
  namespace: 'guest',
  subject: 'guest',
  path: 'guest/hello',
  name: 'hello',
  version: '0.0.1',
  start: 1,
  end: 2,
  duration: 1,
  kind: 'nodejs:20',
  waitTime: 3,
  cause: 'b'.repeat(32),
  binding: 'guest/bound',
  limits: { timeout: 60_000, memory: 256, logs: 10, concurrency: 1 },
  response: { statusCode: 0, resultJson: '{}' },
};

function annotationsOf(over: Partial<ActivationRecord>): string[] {
  const { annotations } = JSON.parse(encodeActivation({ ...record, ...over }, [])) as {
    annotations: { key: string }[];
  };
  return annotations.map(({ key }) => key);
}

it('the annotations of an action begin with its limits, those of a sequence end with them', () => {
  expect(annotationsOf({ timeout: false, initTime: 2 })).toEqual([
    'limits',
    'path',
    'kind',
    'timeout',
    'causedBy',
    'initTime',
    'waitTime',
    'binding',
  ]);
  expect(annotationsOf({ kind: 'sequence', topmost: false, conductor: true })).toEqual([
    'topmost',
    'path',
    'kind',
    'conductor',
    'causedBy',
    'waitTime',
    'binding',
    'limits',
  ]);
});
