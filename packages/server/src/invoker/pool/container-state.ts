/**
 * The life of a container as the pool sees it. How many activations run in it at a time is the worker's to count:
 * here *running* means at least one.
 *
 *     starting → prewarmed → initialising → running ⇄ ready → pausing → paused → resuming → running
 *
 * and from anywhere → removing → gone.
 */
export const phases = [
  'starting',
  'prewarmed',
  'initialising',
  'ready',
  'running',
  'pausing',
  'paused',
  'resuming',
  'removing',
  'gone',
] as const;

export type Phase = (typeof phases)[number];

export const containerEvents = [
  /** The factory has made it. */
  'started',
  /** It was found, with the action that it got in an earlier life of the platform. */
  'recovered',
  /** It got its action, and `/init` is sent. */
  'init-began',
  /** `/init` succeeded. */
  'initialised',
  /** A `/run` is sent. */
  'run-began',
  /** The last `/run` has ended. */
  'idle',
  'pause-began',
  'paused',
  'resume-began',
  'resumed',
  /** It is taken out of the pool, for whatever reason. */
  'removal-began',
  /** Nothing of it is left. */
  'removed',
] as const;

export type ContainerEvent = (typeof containerEvents)[number];

const legalTransitions: { readonly [P in Phase]: { readonly [E in ContainerEvent]?: Phase } } = {
  starting: { started: 'prewarmed', recovered: 'ready', 'removal-began': 'removing' },
  prewarmed: { 'init-began': 'initialising', 'removal-began': 'removing' },
  initialising: { initialised: 'ready', 'removal-began': 'removing' },
  ready: { 'run-began': 'running', 'pause-began': 'pausing', 'removal-began': 'removing' },
  running: { 'run-began': 'running', idle: 'ready', 'removal-began': 'removing' },
  pausing: { paused: 'paused', 'removal-began': 'removing' },
  paused: { 'resume-began': 'resuming', 'removal-began': 'removing' },
  resuming: { resumed: 'ready', 'removal-began': 'removing' },
  removing: { removed: 'gone' },
  gone: {},
};

/** The phase after an event; undefined when the event is not legal in this phase. */
export function apply(phase: Phase, event: ContainerEvent): Phase | undefined {
  return legalTransitions[phase][event];
}
