import { describe, expect, it } from 'vitest';

import { planRollout, type Member, type RolloutGoal } from './plan-rollout.ts';

const goal: RolloutGoal = {
  target: 3,
  replacesOld: true,
  minimumHealthCapacity: 1,
  maximumOverCapacity: 1,
  killsOldestFirst: false,
};

let age = 0;
const old = (taskId: string): Member => ({
  taskId,
  isOld: true,
  isReady: true,
  isActive: true,
  stagedMs: ++age,
});
const fresh = (taskId: string, isReady = true): Member => ({ ...old(taskId), isOld: false, isReady });
const dying = (member: Member): Member => ({ ...member, isActive: false, isReady: false });

describe('a rollout', () => {
  it('starts as many new ones as there are old ones, and kills none of these yet', () => {
    expect(planRollout([old('a'), old('b'), old('c')], goal)).toEqual({ kill: [], launch: 3, isDone: false });
  });

  it('kills an old one for each new one that is ready', () => {
    const members = [old('a'), old('b'), old('c'), fresh('x'), fresh('y', false), fresh('z', false)];
    expect(planRollout(members, goal).kill).toHaveLength(1);
    const further = [old('a'), old('b'), dying(old('c')), fresh('x'), fresh('y'), fresh('z', false)];
    expect(planRollout(further, goal)).toMatchObject({ kill: [expect.any(String)], launch: 0 });
  });

  it('is done when the old ones are gone, not when they are told to go', () => {
    const renewed = [fresh('x'), fresh('y'), fresh('z')];
    expect(planRollout([dying(old('a')), ...renewed], goal).isDone).toBe(false);
    expect(planRollout(renewed, goal).isDone).toBe(true);
  });

  it('goes one by one where nothing may be missing and nothing be over', () => {
    const strict = { ...goal, maximumOverCapacity: 0 };
    expect(planRollout([old('a'), old('b'), old('c')], strict)).toMatchObject({ kill: [], launch: 1 });
    expect(planRollout([old('a'), old('b'), dying(old('c')), fresh('x')], strict).launch).toBe(0);
  });

  it('makes room first where something may be missing', () => {
    const tight = { ...goal, minimumHealthCapacity: 0.5, maximumOverCapacity: 0 };
    expect(planRollout([old('a'), old('b'), old('c')], tight)).toMatchObject({
      kill: [expect.any(String)],
      launch: 0,
    });
    expect(planRollout([old('a'), old('b')], tight)).toMatchObject({ kill: [], launch: 1 });
  });

  it('leaves old ones alone when nothing is deployed', () => {
    const members = [old('a'), old('b'), fresh('x')];
    expect(planRollout(members, { ...goal, replacesOld: false })).toMatchObject({ kill: [], launch: 0 });
  });

  it('kills those that do not serve before others, and then the youngest, or the oldest if asked', () => {
    const members = [fresh('oldest'), fresh('middle', false), fresh('youngest')];
    const smaller = { ...goal, target: 2 };
    expect(planRollout(members, smaller).kill).toEqual(['middle']);
    expect(planRollout(members, { ...goal, target: 1 }).kill).toEqual(['middle', 'youngest']);
    expect(planRollout(members, { ...goal, target: 1, killsOldestFirst: true }).kill).toEqual([
      'middle',
      'oldest',
    ]);
  });
});
