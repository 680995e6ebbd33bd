import { readTranscript, transcriptNames } from '@vibrissa/testkit';
import { describe, expect, test } from 'vitest';
import { type Plan, plans, leftOut, sectionsLeftOut, toleranceReasons, withHappenings } from './plans.ts';
import { type PlayedTranscript, TranscriptPlayer } from './player.ts';
import { SimulatedCluster } from './simulated-cluster.ts';

/** What neither a tolerance nor a race of the plan explains. */
function unexplained({ tolerates = [], races = [] }: Plan, played: PlayedTranscript): string[] {
  const tolerable = played.tolerated.filter(({ kind }) => !tolerates.includes(kind)).map(({ what }) => what);
  return [...played.differences, ...tolerable].filter(
    (each) => !races.some(([pattern]) => pattern.test(each)),
  );
}

describe('the simulator answers as a real Mesos did', () => {
  test.concurrent.for(plans)('asked as in $name', { timeout: 120_000 }, async (plan, { expect }) => {
    const transcript = readTranscript(plan.name);
    const lines = withHappenings(transcript.lines, plan);
    const cluster = await SimulatedCluster.open(plan);
    try {
      const options = { skips: sectionsLeftOut(plan), tolerates: plan.tolerates ?? [] };
      const played = await new TranscriptPlayer(cluster).play({ ...transcript, lines }, options);
      expect(unexplained(plan, played)).toEqual([]);
    } finally {
      await cluster.close();
    }
  });

  test('every transcript is played, or it is said why not', () => {
    const known = [...plans.map(({ name }) => name), ...Object.keys(leftOut)];
    expect(
      transcriptNames()
        .map((name) => name.slice(0, 3))
        .toSorted(),
    ).toEqual(known.toSorted());
    expect(Object.values(toleranceReasons).every((reason) => reason !== '')).toBe(true);
  });
});
