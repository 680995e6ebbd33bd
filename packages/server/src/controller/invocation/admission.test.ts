import { defaultSystemLimits, type JsonObject } from '@vibrissa/protocol';
import { anAction } from '@vibrissa/testkit';
import { expect, test } from 'vitest';
import { payloadLimit, refuseContent, refusePayload } from './admission.ts';
import { prepareParameters } from './merge-parameters.ts';

const plain = prepareParameters(anAction());

function payloadOfBytes(bytes: number, letter = 'x') {
  const width = Buffer.byteLength(letter);
  const json = `{"a":"${letter.repeat(Math.floor((bytes - 8) / width))}${'x'.repeat((bytes - 8) % width)}"}`;
  return { json, value: JSON.parse(json) as JsonObject };
}

test.each(['x', 'ä', '€', '😀'])('arguments of %j are measured in bytes, to the byte', (letter) => {
  expect(refusePayload(plain, payloadOfBytes(1000, letter), 1000)).toBeUndefined();
  expect(refusePayload(plain, payloadOfBytes(1001, letter), 1000)).toEqual({
    outcome: 'refused',
    status: 413,
    message: 'Request larger than allowed: 1001 > 1000 bytes.',
  });
});

test('a namespace may have a smaller limit than the system, never a larger one', () => {
  expect(payloadLimit(defaultSystemLimits, {})).toBe(1_048_576);
  expect(payloadLimit(defaultSystemLimits, { maxPayloadSize: 1000 })).toBe(1000);
  expect(payloadLimit(defaultSystemLimits, { maxPayloadSize: 10_000_000 })).toBe(1_048_576);
});

test('what a final action fixed may not be defined', () => {
  const final = prepareParameters(
    anAction({ parameters: [{ key: 'a', value: 1 }], annotations: [{ key: 'final', value: true }] }),
  );
  expect(refusePayload(final, payloadOfBytes(20), 1000)).toEqual({
    outcome: 'refused',
    status: 400,
    message: 'Request defines parameters that are not allowed (e.g., reserved properties).',
  });
});

test('bound parameters and payload together may not exceed what a message can carry', () => {
  expect(refuseContent(undefined, 1000)).toBeUndefined();
  expect(refuseContent('x'.repeat(7068), 1000)).toBeUndefined();
  expect(refuseContent('x'.repeat(7069), 1000)).toEqual({
    outcome: 'refused',
    status: 413,
    message: 'The request content is larger than the server is willing or able to process.',
  });
});
