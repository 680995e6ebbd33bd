import { describe, expect, test } from 'vitest';
import type { SeenCall } from './story-master.ts';
import { playStory } from './story-player.ts';
import { storyOf, updates, type StoryStep } from './story.ts';

function offersNamed(call: SeenCall): string[] {
  const body = (call['accept'] ?? call['decline']) as { offer_ids: readonly { value: string }[] } | undefined;
  return body?.offer_ids.map(({ value }) => value) ?? [];
}

function tasksLaunched(calls: readonly SeenCall[]): string[] {
  return calls
    .filter((call) => call.type === 'ACCEPT')
    .flatMap((call) => [...JSON.stringify(call).matchAll(/"task_id":\{"value":"([^"]+)"\}/g)])
    .map((match) => match[1] ?? '');
}

describe('what a transcript shows and its story must lead to', () => {
  test.each(['s08', 's12', 's90', 'h01'])(
    '%s: after each SUBSCRIBED the offers of before are forgotten (O12, #17)',
    async (name) => {
      const { calls, subscriptions } = await playStory(storyOf(name));
      expect(subscriptions.length).toBeGreaterThan(1);
      const others = calls.filter((call) => call.type !== 'SUBSCRIBE');
      expect(subscriptions.flatMap((each) => each.calls)).toHaveLength(others.length);
      for (const { offered, calls: own } of subscriptions)
        for (const call of own) for (const id of offersNamed(call)) expect(offered).toContain(id);
      const named = calls.filter((call) => call.type === 'SUBSCRIBE').map((call) => call.framework_id?.value);
      expect(new Set(named.slice(1)).size).toBe(1);
      expect(named[0]).toBeUndefined();
    },
  );

  test('a launch whose offers were not valid any more is launched again under another id (O19, #34)', async () => {
    const { calls, steps } = await playStory(storyOf('s03'));
    const dropped = updates(steps).filter(({ reason }) => reason === 'REASON_INVALID_OFFERS');
    const ids = dropped.map(({ task_id: { value } }) => value).filter((id) => id !== 'twoagents');
    expect(ids).toEqual(['use2', 'sameoffer', 'mixoffer']);
    const launched = tasksLaunched(calls);
    for (const id of ids) expect(launched).toContain(`${id}.2`);
  });

  test('every operation status with a uuid is acknowledged by the bare uuid (O43)', async () => {
    const { calls, steps } = await playStory(storyOf('s15'));
    const statuses = steps.flatMap((step) =>
      step.kind === 'record' && step.event.type === 'UPDATE_OPERATION_STATUS'
        ? [step.event.update_operation_status.status]
        : [],
    );
    const expected = statuses.flatMap(({ uuid, operation_id, agent_id }) =>
      uuid ? [{ agent_id, operation_id, uuid: uuid.value }] : [],
    );
    expect(expected.length).toBeGreaterThan(1);
    expect(statuses.length).toBeGreaterThan(expected.length);
    const acknowledged = calls.filter((call) => call.type === 'ACKNOWLEDGE_OPERATION_STATUS');
    expect(acknowledged.map((call) => call['acknowledge_operation_status'])).toEqual(expected);
  });

  test('a task of an agent that is only disconnected runs on for its owner (O37)', async () => {
    const story = storyOf('s09');
    const untilUnreachable = story.steps.findIndex((step) => stateOf(step) === 'TASK_UNREACHABLE');
    const { told, results } = await playStory({ ...story, steps: story.steps.slice(0, untilUnreachable) });
    const states = told.filter((each) => each.taskId === 'long').map(({ status }) => status.state);
    expect(states[0]).toBe('TASK_STARTING');
    expect(new Set(states.slice(1))).toEqual(new Set(['TASK_RUNNING']));
    expect(results['long']).toEqual({ ran: true });
  });

  test('a task that was deleted while its agent was away is killed when it is back (O32, O38, #61)', async () => {
    const { calls, deletions, steps } = await playStory(storyOf('s09'));
    expect(deletions['long']).toBe('unreachable');
    expect(steps.map(stateOf)).toContain('TASK_UNREACHABLE');
    const last = calls.findLastIndex((call) => call.type === 'KILL');
    const returned = updates(steps).find(({ reason }) => reason === 'REASON_AGENT_REREGISTERED');
    expect(returned?.state).toBe('TASK_RUNNING');
    expect(calls[last]?.['kill']).toMatchObject({ task_id: { value: 'long' } });
    // The acknowledgement of its TASK_KILLING comes after the KILL that caused it.
    expect(calls.slice(last).filter((call) => call.type === 'ACKNOWLEDGE')).toHaveLength(2);
  });

  test('built-in executors say TASK_STARTING and then TASK_RUNNING, never TASK_STAGING (O24, O31)', async () => {
    const { told } = await playStory(storyOf('s25'));
    const tasks = new Set(told.map((each) => each.taskId));
    expect(tasks.size).toBe(61);
    for (const taskId of tasks) {
      const statuses = told.filter((each) => each.taskId === taskId).map(({ status }) => status);
      expect(statuses.map(({ state }) => state)).toEqual(['TASK_STARTING', 'TASK_RUNNING', 'TASK_FINISHED']);
      expect(new Set(statuses.map(({ executor_id: executor }) => executor?.value))).toEqual(
        new Set([taskId]),
      );
    }
  });
});

function stateOf(step: StoryStep): string | undefined {
  return step.kind === 'record' && step.event.type === 'UPDATE' ? step.event.update.status.state : undefined;
}
