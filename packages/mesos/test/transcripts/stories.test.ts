import { transcriptNames } from '@vibrissa/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import type { WireTaskStatus } from '../../src/wire/index.ts';
import { playStory, uuidOf, type PlayedStory, type TaskResult } from './story-player.ts';
import { storyOf, updates, updatesOf } from './story.ts';

/** In these several clients fight for one framework, or each tries another one. */
const ofSeveral = ['s07', 's14', 's18', 's19', 's27'];
const names = transcriptNames().filter((name) => !ofSeveral.includes(name.slice(0, 3)));

/** What an owner must have learned, from what the master has said of his task. */
function expectedResult(played: PlayedStory, taskId: string): TaskResult {
  const statuses = updatesOf(played.steps, taskId);
  const own = statuses.filter((status) => !isOfAnotherInstance(status, statuses) && !isDropped(status));
  const ran = own.some(({ state }) => state === 'TASK_RUNNING');
  const last = own.filter(({ reason }) => reason !== 'REASON_RECONCILIATION').at(-1);
  const isDeleted = taskId in played.deletions;
  if (last?.state === 'TASK_ERROR') return { ran, end: 'INVALID_TASK' };
  // Nobody waits for a task that can't be reached and is to be killed when it can.
  if (isDeleted && own.some(({ state }) => state === 'TASK_UNREACHABLE'))
    return { ran, end: 'TASK_UNREACHABLE' };
  if (last && ends.test(last.state)) return { ran, end: isDeleted && !ran ? 'TASK_DELETED' : last.state };
  return played.notices.includes('removed') ? { ran, end: 'FRAMEWORK_REMOVED' } : { ran };
}

const ends = /^TASK_(FINISHED|FAILED|KILLED|ERROR|LOST|GONE|GONE_BY_OPERATOR)$/;

/** The refusal to start a second task of an id that runs. */
function isOfAnotherInstance(status: WireTaskStatus, statuses: readonly WireTaskStatus[]): boolean {
  return status.message?.startsWith('Task has duplicate ID') === true && statuses.length > 1;
}

/** It never ran: it is launched again, which the recorded master knows nothing of. */
function isDropped({ state }: WireTaskStatus): boolean {
  return state === 'TASK_DROPPED';
}

describe.each(names)('the story of %s', (name) => {
  const story = storyOf(name);
  let played: PlayedStory;

  beforeAll(async () => {
    played = await playStory(story);
  });

  test('each update with a uuid is acknowledged as it came, no other is (O13, O22, O23, #47, #48)', () => {
    const statuses = updates(played.steps);
    const acknowledged = played.calls.filter((call) => call.type === 'ACKNOWLEDGE');
    const expected = statuses
      .filter(({ uuid }) => uuid !== undefined)
      .map(({ uuid, task_id, agent_id }) => ({ agent_id, task_id, uuid }));
    expect(new Set(acknowledged.map((call) => JSON.stringify(call['acknowledge'])))).toEqual(
      new Set(expected.map((each) => JSON.stringify(each))),
    );
    expect(acknowledged.length).toBeLessThanOrEqual(expected.length);
    expect(new Set(acknowledged.map((call) => call.framework_id?.value))).toEqual(
      new Set(expected.length > 0 ? [story.frameworkId] : []),
    );
  });

  test('the acknowledgements of a task keep the order of its updates (O23)', () => {
    for (const taskId of new Set(updates(played.steps).map(({ task_id: { value } }) => value))) {
      const uuids = updatesOf(played.steps, taskId).flatMap(({ uuid }) => uuid ?? []);
      const acknowledged = played.calls.flatMap((call) => uuidOf(call) ?? []);
      const ofTask = acknowledged.filter((uuid) => uuids.includes(uuid));
      expect([...new Set(ofTask)]).toEqual(uuids);
    }
  });

  test('its owner is told each update once, in order (O13, #46, #47)', () => {
    for (const taskId of new Set(played.told.map((each) => each.mesosTaskId))) {
      const told = played.told.filter((each) => each.mesosTaskId === taskId).map(({ status }) => status);
      const uuids = told.flatMap(({ uuid }) => uuid ?? []);
      expect(uuids).toEqual(updatesOf(played.steps, taskId).flatMap(({ uuid }) => uuid ?? []));
    }
  });

  test('each submitted task comes to the end that the master tells (O25)', () => {
    const ids = Object.keys(played.results);
    const expected = ids.map((id) => [id, expectedResult(played, id)]);
    expect(played.results).toEqual(Object.fromEntries(expected));
  });

  test('the session is never lost without a reason, and every loss is mended', () => {
    const cuts = played.steps.filter((step) => step.kind === 'cut').length;
    expect(played.notices.filter((kind) => kind === 'lost')).toHaveLength(cuts);
    expect(played.notices).not.toContain('refused');
  });
});
