import fc from 'fast-check';
import { expect, test } from 'vitest';
import { apply, containerEvents, phases, type ContainerEvent, type Phase } from './container-state.ts';

const legal: readonly [Phase, ContainerEvent, Phase][] = [
  ['starting', 'started', 'prewarmed'],
  ['starting', 'recovered', 'ready'],
  ['prewarmed', 'init-began', 'initialising'],
  ['initialising', 'initialised', 'ready'],
  ['ready', 'run-began', 'running'],
  ['running', 'run-began', 'running'],
  ['running', 'idle', 'ready'],
  ['ready', 'pause-began', 'pausing'],
  ['pausing', 'paused', 'paused'],
  ['paused', 'resume-began', 'resuming'],
  ['resuming', 'resumed', 'ready'],
  ['starting', 'removal-began', 'removing'],
  ['prewarmed', 'removal-began', 'removing'],
  ['initialising', 'removal-began', 'removing'],
  ['ready', 'removal-began', 'removing'],
  ['running', 'removal-began', 'removing'],
  ['pausing', 'removal-began', 'removing'],
  ['paused', 'removal-began', 'removing'],
  ['resuming', 'removal-began', 'removing'],
  ['removing', 'removed', 'gone'],
];

test('every phase and event has exactly the transition of the table, and all others are illegal', () => {
  for (const phase of phases) {
    for (const event of containerEvents) {
      const expected = legal.find(([from, by]) => from === phase && by === event)?.[2];
      expect(apply(phase, event), `${phase} on ${event}`).toBe(expected);
    }
  }
});

test('no history runs code before initialisation, and nothing follows the end', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...containerEvents), { maxLength: 60 }), (history) => {
      let phase: Phase = 'starting';
      let initialised = false;
      for (const event of history) {
        const next = apply(phase, event);
        if (next === undefined) continue;
        expect(phase).not.toBe('gone');
        if (event === 'initialised' || event === 'recovered') initialised = true;
        if (event === 'run-began') expect(initialised).toBe(true);
        phase = next;
      }
    }),
  );
});
