import { expect, test } from 'vitest';
import { CoreStory } from './core-story.ts';

const task = { cpus: 1, memoryMb: 64, command: 'sleep 60' };
const holding = { heldOffers: { holdMs: 60_000, maxOffers: 10 } };

test('tasks that are submitted together share an offer in hand; one that comes alone uses it up', () => {
  const together = CoreStory.subscribed(holding);
  together.offer({});
  together.input({ type: 'submit-all', tasks: ['one', 'other'].map((id) => ({ ...task, id })) });
  expect(together.launched).toEqual(['one', 'other']);
  expect(together.callsOf('ACCEPT')).toHaveLength(1);

  const alone = CoreStory.subscribed(holding);
  alone.offer({});
  alone.submit('one');
  alone.submit('other');
  expect(alone.launched).toEqual(['one']);
});

test('of many each that is wrong is told, and the others run', () => {
  const story = CoreStory.subscribed();
  const tasks = [
    { ...task, id: 'fine' },
    { ...task, id: 'wrong', cpus: -1 },
    { ...task, id: 'fine' },
  ];
  story.input({ type: 'submit-all', tasks });
  story.offer({});
  expect(story.launched).toEqual(['fine']);
  expect(story.outcomesOf('wrong')).toEqual(['invalid-task']);
});
