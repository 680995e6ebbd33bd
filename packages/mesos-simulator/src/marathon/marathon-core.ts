import type { MesosEvent } from '@vibrissa/mesos/wire';

import type { RandomSource } from '../base/random.ts';
import type { StepTime } from '../base/step-time.ts';
import { probeAnswered, startProbes } from './health-probes.ts';
import { tuneOffers, useOffers } from './launch-tasks.ts';
import { deploymentsOf, type MarathonSettings, type MarathonState } from './marathon-state.ts';
import type { MarathonEffect, MarathonInput } from './messages.ts';
import { answerApi } from './rest/answer-api.ts';
import { reviewApps, reviewDeadlineMs } from './review-apps.ts';
import { disconnected, keepSubscribed, removed, sessionDeadlineMs, subscribed } from './session.ts';
import { updateTask } from './task-updates.ts';

/**
 * Marathon without I/O: a framework on a master, and a REST API in front of it. Each step takes one input and the time,
 * and returns what is to be done. After each input all apps are compared with their goals: whatever was lost on the way
 * is made up for by the next step.
 */
export class MarathonCore {
  readonly #state: MarathonState;

  constructor(settings: MarathonSettings, random: RandomSource) {
    this.#state = {
      settings,
      random,
      session: {
        frameworkId: undefined,
        phase: 'idle',
        retryMs: -Infinity,
        heartbeatMs: undefined,
        lastHeardMs: 0,
        isSuppressed: false,
      },
      apps: new Map(),
      instances: new Map(),
      deployments: new Map(),
      offers: [],
      time: { nowMs: 0, epochMs: 0 },
      effects: [],
      lastVersionMs: 0,
    };
  }

  /** Undefined before the first subscription. */
  get frameworkId(): string | undefined {
    return this.#state.session.frameworkId;
  }

  /** Nothing is being deployed, and the app, or each one, has its tasks, all ready. False when there is no such app. */
  isSettled(appId?: string): boolean {
    const { apps } = this.#state;
    const records = appId === undefined ? [...apps.values()] : [apps.get(appId)];
    return records.every(
      (record) =>
        record?.isSettled === true && !record.isRemoved && deploymentsOf(this.#state, record.id).length === 0,
    );
  }

  get nextDeadlineMs(): number | undefined {
    const dueMs = Math.min(sessionDeadlineMs(this.#state), reviewDeadlineMs(this.#state));
    return Number.isFinite(dueMs) ? dueMs : undefined;
  }

  step(time: StepTime, input: MarathonInput): readonly MarathonEffect[] {
    const state = this.#state;
    state.time = time;
    state.effects = [];
    take(state, input);
    keepSubscribed(state);
    reviewApps(state);
    useOffers(state);
    tuneOffers(state);
    startProbes(state);
    return state.effects;
  }
}

function take(state: MarathonState, input: MarathonInput): void {
  switch (input.type) {
    case 'tick':
      return;
    case 'event':
      return hear(state, input.event);
    case 'disconnected':
      return disconnected(state);
    case 'request': {
      const answer = answerApi(state, input.call);
      state.effects.push({ type: 'answer', request: input.request, answer });
      return;
    }
    case 'probed':
      return probeAnswered(state, input);
  }
}

function hear(state: MarathonState, event: MesosEvent): void {
  state.session.lastHeardMs = state.time.nowMs;
  switch (event.type) {
    case 'SUBSCRIBED':
      return subscribed(
        state,
        event.subscribed.framework_id.value,
        event.subscribed.heartbeat_interval_seconds,
      );
    case 'OFFERS':
      state.offers = event.offers.offers;
      return;
    case 'UPDATE':
      return updateTask(state, event.update.status);
    case 'ERROR':
      return /removed|completed/i.test(event.error.message) ? removed(state) : disconnected(state);
    // An offer is used or declined in the step in which it comes: none is ever held.
    case 'RESCIND':
    case 'HEARTBEAT':
    case 'FAILURE':
    case 'MESSAGE':
    case 'INVERSE_OFFERS':
    case 'RESCIND_INVERSE_OFFER':
    case 'UPDATE_OPERATION_STATUS':
  }
}
