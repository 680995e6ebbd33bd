import { expect, test } from 'vitest';
import { FaultyWorld } from './faulty-world.ts';

/** Fewer in a hurry; more to look for rare ones. */
const SEEDS = Number(process.env['CORE_SEEDS'] ?? 30);

/** The submission that a Mesos task id belongs to. */
function submissionOf(mesosTaskId: string): string {
  return mesosTaskId.split('.')[0] ?? mesosTaskId;
}

/** Submissions and deletions for a while, with all faults; then none. */
function live(seed: number): FaultyWorld {
  const world = new FaultyWorld(seed, { limits: { capacityTimeoutMs: 400_000 } });
  world.faultiness = [0.01, 0.03, 0.1][seed % 3] ?? 0;
  const submitted: string[] = [];
  for (let step = 0; step < 60; step++) {
    if (world.chance(0.5)) {
      const id = `t${step}`;
      submitted.push(id);
      world.story.submit(id, { cpus: 1 });
    }
    const victim = world.pick(submitted);
    if (victim !== undefined && world.chance(0.2)) world.story.delete(victim);
    if (world.chance(0.05)) world.story.reconcile();
    world.run(20_000);
  }
  world.heal();
  world.run(3_600_000);
  return world;
}

test(
  'whatever is lost, repeated, late or forgotten: each submission has one effective launch at most, and all settles once',
  () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const world = live(seed);
      const { story } = world;
      const living = world.tasks.filter((task) => task.alive).map(({ id }) => id);
      const records = [...story.core.tasks()];
      const wanted = records.filter(({ unwanted }) => !unwanted).map(({ mesosTaskId }) => mesosTaskId);
      const context = `seed ${seed}`;

      expect(living.toSorted(), `${context}: what runs is what is wanted`).toEqual(wanted.toSorted());
      expect(new Set(living.map(submissionOf)).size, `${context}: one launch each`).toBe(living.length);
      expect(
        [...story.stored.values()].map(({ mesosTaskId }) => mesosTaskId).toSorted(),
        `${context}: what is stored is what runs`,
      ).toEqual(living.toSorted());
      expect(
        world.tasks.flatMap(({ untold }) => untold),
        `${context}: every update is acknowledged`,
      ).toEqual([]);
      expect(world.openOffers, `${context}: no offer is kept from others`).toBe(0);
      for (const [taskId, promised] of story.promised) {
        const kinds = promised.map(({ kind }) => kind).join(' ');
        const isRunning = wanted.some((id) => submissionOf(id) === taskId);
        expect(
          isRunning ? ['running'] : ['failed', 'ended', 'running ended', 'running failed'],
          `${context}: ${taskId}`,
        ).toContain(kinds);
      }
      for (const outcomes of [...story.deleted.values(), ...story.reconciled.values()]) {
        expect(outcomes, `${context}: requests settle once`).toHaveLength(1);
      }
    }
  },
  SEEDS * 3000,
);
