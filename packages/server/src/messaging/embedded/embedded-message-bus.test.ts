import { describe, expect, test } from 'vitest';
import { silentLogger, type Logger } from '../../base/logger.ts';
import { messageBusContract } from '../message-bus.contract.ts';
import type { Topic } from '../topics.ts';
import { EmbeddedMessageBus } from './embedded-message-bus.ts';

const topic: Topic<string> = { name: 'letters' };

async function settled(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 20 && !condition(); turn++) await new Promise(setImmediate);
}

describe('the embedded bus keeps the promises of every bus', () => {
  messageBusContract(async () => EmbeddedMessageBus.open({ logger: silentLogger }), settled);
});

test('a message is handed over within publish, as the same object', () => {
  const bus = EmbeddedMessageBus.open({ logger: silentLogger });
  const objects: Topic<object> = { name: 'objects' };
  const seen: object[] = [];
  bus.subscribe(objects, { maxInFlight: 1 }, (message) => void seen.push(message));
  const message = { big: 'object' };
  void bus.publish(objects, message);
  expect(seen[0]).toBe(message);
});

test('messages that a handler publishes keep their order behind those that wait', async () => {
  const bus = EmbeddedMessageBus.open({ logger: silentLogger });
  await bus.publish(topic, 'a');
  await bus.publish(topic, 'b');
  const seen: string[] = [];
  bus.subscribe(topic, { maxInFlight: 1 }, (letter) => {
    seen.push(letter);
    if (letter === 'a') void bus.publish(topic, 'c');
  });
  expect(seen).toEqual(['a', 'b', 'c']);
});

test('a topic that nobody reads refuses messages once it is full', async () => {
  const bus = EmbeddedMessageBus.open({ logger: silentLogger, maxWaiting: 2 });
  await bus.publish(topic, 'a');
  await bus.publish(topic, 'b');
  await expect(bus.publish(topic, 'c')).rejects.toThrow('The queue of letters is full');
});

test('a handler that fails is logged and hinders no other message', async () => {
  const errors: object[] = [];
  const logger: Logger = { ...silentLogger, error: (fields) => void errors.push(fields) };
  const bus = EmbeddedMessageBus.open({ logger });
  const seen: string[] = [];
  bus.subscribe(topic, { maxInFlight: 1 }, (letter) => {
    seen.push(letter);
    if (letter === 'a') throw new Error('thrown');
    return letter === 'b' ? Promise.reject(new Error('rejected')) : undefined;
  });
  for (const letter of ['a', 'b', 'c']) await bus.publish(topic, letter);
  await settled(() => seen.length === 3);
  expect(seen).toEqual(['a', 'b', 'c']);
  expect(errors).toHaveLength(2);
});
