import { expect, test } from 'vitest';
import type { MessageBus } from './message-bus.ts';
import type { Topic } from './topics.ts';

interface Note {
  readonly text: string;
}

let count = 0;

function freshTopic(): Topic<Note> {
  count += 1;
  return { name: `contract${count}` };
}

async function publishAll(bus: MessageBus, topic: Topic<Note>, texts: readonly string[]): Promise<void> {
  for (const text of texts) await bus.publish(topic, { text });
}

/** A consumer whose messages stay in flight until the test ends them. */
function heldConsumer() {
  const taken: string[] = [];
  const ends: (() => void)[] = [];
  const handler = (note: Note) => {
    taken.push(note.text);
    return new Promise<void>((resolve) => ends.push(resolve));
  };
  return { taken, handler, endFirst: () => ends.shift()?.() };
}

/**
 * What every message bus promises. `eventually` waits until a condition holds, in the adapter's own way: a bus in
 * the same process only needs its promises settled, one behind a network needs patience.
 */
export function messageBusContract(
  open: () => Promise<MessageBus>,
  eventually: (condition: () => boolean) => Promise<void>,
): void {
  async function withBus(story: (bus: MessageBus, topic: Topic<Note>) => Promise<void>): Promise<void> {
    const bus = await open();
    try {
      await story(bus, freshTopic());
    } finally {
      await bus.close();
    }
  }

  test('messages arrive in the order in which they were published', () =>
    withBus(async (bus, topic) => {
      const seen: string[] = [];
      bus.subscribe(topic, { maxInFlight: 1 }, (note) => void seen.push(note.text));
      await publishAll(bus, topic, ['a', 'b', 'c']);
      await eventually(() => seen.length === 3);
      expect(seen).toEqual(['a', 'b', 'c']);
    }));

  test('what is published before anyone listens waits for the first listener', () =>
    withBus(async (bus, topic) => {
      await publishAll(bus, topic, ['a', 'b']);
      const seen: string[] = [];
      bus.subscribe(topic, { maxInFlight: 4 }, (note) => void seen.push(note.text));
      await eventually(() => seen.length === 2);
      expect(seen).toEqual(['a', 'b']);
    }));

  test('a consumer is never given more than it said it can hold', () =>
    withBus(async (bus, topic) => {
      const consumer = heldConsumer();
      const feed = bus.subscribe(topic, { maxInFlight: 2 }, consumer.handler);
      await publishAll(bus, topic, ['a', 'b', 'c', 'd']);
      await eventually(() => consumer.taken.length === 2 && feed.waiting === 2);
      expect(consumer.taken).toEqual(['a', 'b']);
      consumer.endFirst();
      await eventually(() => consumer.taken.length === 3);
      expect(consumer.taken).toEqual(['a', 'b', 'c']);
      feed.setMaxInFlight(3);
      await eventually(() => consumer.taken.length === 4);
      expect(consumer.taken).toEqual(['a', 'b', 'c', 'd']);
    }));

  test('a consumer that takes none at first takes all when it allows them', () =>
    withBus(async (bus, topic) => {
      const seen: string[] = [];
      const feed = bus.subscribe(topic, { maxInFlight: 0 }, (note) => void seen.push(note.text));
      await publishAll(bus, topic, ['a', 'b']);
      await eventually(() => feed.waiting === 2);
      expect(seen).toEqual([]);
      feed.setMaxInFlight(1);
      await eventually(() => seen.length === 2);
      expect(seen).toEqual(['a', 'b']);
    }));

  test('a closed subscription hands back what it was not given', () =>
    withBus(async (bus, topic) => {
      const consumer = heldConsumer();
      const feed = bus.subscribe(topic, { maxInFlight: 1 }, consumer.handler);
      await publishAll(bus, topic, ['a', 'b', 'c']);
      await eventually(() => consumer.taken.length === 1 && feed.waiting === 2);
      const rest = await feed.close();
      expect(rest.map((note) => note.text)).toEqual(['b', 'c']);
      consumer.endFirst();
      expect(consumer.taken).toEqual(['a']);
    }));

  test('topics do not mix', () =>
    withBus(async (bus, topic) => {
      const other = freshTopic();
      const seen: string[] = [];
      const seenOther: string[] = [];
      bus.subscribe(topic, { maxInFlight: 1 }, (note) => void seen.push(note.text));
      bus.subscribe(other, { maxInFlight: 1 }, (note) => void seenOther.push(note.text));
      await publishAll(bus, topic, ['a']);
      await publishAll(bus, other, ['b']);
      await eventually(() => seen.length + seenOther.length === 2);
      expect([seen, seenOther]).toEqual([['a'], ['b']]);
    }));

  test('two consumers of a topic share its messages: each goes to one of them', () =>
    withBus(async (bus, topic) => {
      const first = heldConsumer();
      const second = heldConsumer();
      bus.subscribe(topic, { maxInFlight: 1 }, first.handler);
      bus.subscribe(topic, { maxInFlight: 1 }, second.handler);
      await publishAll(bus, topic, ['a', 'b', 'c']);
      await eventually(() => first.taken.length + second.taken.length === 2);
      expect([...first.taken, ...second.taken].sort()).toEqual(['a', 'b']);
    }));

  test('a closed bus refuses messages', async () => {
    const bus = await open();
    await bus.close();
    await expect(bus.publish(freshTopic(), { text: 'late' })).rejects.toMatchObject({
      code: 'BUS_UNAVAILABLE',
    });
  });
}
