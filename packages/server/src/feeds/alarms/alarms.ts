import type { Timer } from '../../base/clock.ts';
import type { Counter, Metrics } from '../../base/metrics.ts';
import type { ArtifactStore } from '../../store/artifact-store.ts';
import { Turns } from '../../controller/entities/turns.ts';
import { requireRoom, type FeedRoom } from '../require-room.ts';
import { namespaceOfKey, triggerKey } from '../trigger-key.ts';
import { AlarmStore, type StoredAlarm } from './alarm-store.ts';
import { beginTick, endTick, retire, type Alarm } from './alarm.ts';
import { DueQueue } from './due-queue.ts';
import { fireAlarm, type FireAlarmDeps } from './fire-alarm.ts';
import { HeldBack } from './held-back.ts';
import { removeTrigger, type RemoveTriggerDeps } from './remove-trigger.ts';

export interface AlarmsDeps extends FireAlarmDeps, RemoveTriggerDeps {
  readonly artifacts: ArtifactStore;
  readonly metrics: Metrics;
}

/** So often the clock is looked at anyway: it may have been set. */
const LOOK_MS = 10_000;
/** Ticks that are worked on at a time. */
const AT_ONCE = 32;
/** A tick that failed at the store is tried again after this. */
const RETRY_MS = 1000;
/** The clock was set back when it shows so much less than it should. */
const SET_BACK_MS = 60_000;
/** An alarm whose trigger or owner is gone is kept so long, for whoever asks why. */
const KEEP_DEAD_MS = 30 * 86_400_000;

function keyOf({ namespace, trigger }: Alarm): string {
  return triggerKey({ namespace, name: trigger });
}

/** Its trigger or its owner is gone. */
function isDead({ status: { reason } }: Alarm): boolean {
  return reason?.statusCode === 404 || reason?.statusCode === 401;
}

function isForgotten(alarm: Alarm, nowMs: number): boolean {
  return isDead(alarm) && alarm.status.dateChanged < nowMs - KEEP_DEAD_MS;
}

/**
 * All alarms of the platform. Each tick is written before it fires: after a crash it is not fired again, but counted as
 * uncertain. In memory is only when each one is due; what it is to do stands in the store.
 */
export class Alarms {
  readonly #deps: AlarmsDeps;
  readonly #store: AlarmStore;
  readonly #queue = new DueQueue();
  readonly #heldBack = new HeldBack();
  readonly #turns = new Turns();
  readonly #working = new Set<Promise<void>>();
  readonly #fired: Counter;
  readonly #missed: Counter;
  readonly #refused: Counter;
  #timer: Timer | undefined;
  #isOpen = false;
  /** What the two clocks differed by when they were last looked at. */
  #offsetMs: number;

  private constructor(deps: AlarmsDeps) {
    this.#deps = deps;
    this.#store = new AlarmStore(deps.artifacts, deps.clock);
    this.#offsetMs = this.#offset();
    this.#fired = deps.metrics.counter('counter_alarms_ticks_total', 'fired');
    this.#missed = deps.metrics.counter('counter_alarms_ticks_total', 'missed');
    this.#refused = deps.metrics.counter('counter_alarms_ticks_total', 'refused');
    deps.metrics.gauge('gauge_alarms_waiting_counter', () => this.#queue.size);
  }

  static open(deps: AlarmsDeps): Alarms {
    return new Alarms(deps);
  }

  /** Takes up all alarms in the store; from now on they fire. */
  async start(): Promise<void> {
    const forgotten: string[] = [];
    for await (const alarm of this.#store.list()) {
      if (alarm.status.active) this.#enqueue(alarm);
      else if (isForgotten(alarm, this.#deps.clock.now())) forgotten.push(keyOf(alarm));
    }
    for (const key of forgotten) await this.#store.delete(key);
    this.#isOpen = true;
    this.#arm();
  }

  /** Fires nothing more; resolves when what is firing has ended. */
  async close(): Promise<void> {
    this.#isOpen = false;
    this.#timer?.cancel();
    await Promise.all(this.#working);
  }

  /** The alarm of a trigger. */
  async read(key: string): Promise<Alarm | undefined> {
    return this.#turns.alone(key, async () => (await this.#store.get(key))?.alarm);
  }

  /**
   * Like {@link change}, for an alarm that may be new. Throws {@link FeedError} when its namespace has no room for one more, even
   * without those whose triggers are gone.
   */
  create(key: string, room: FeedRoom, make: () => Alarm): Promise<void> {
    const namespace = namespaceOfKey(key);
    // One after another, so that together they find no more room than there is.
    return this.#turns.alone(namespace, async () => {
      if (!(await this.read(key))) await this.#requireRoom(namespace, room);
      await this.change(key, make);
    });
  }

  /** Writes what `change` makes of the alarm; what it throws is thrown. Its ticks follow the new one at once. */
  change(key: string, change: (old: Alarm | undefined) => Alarm): Promise<void> {
    return this.#turns.alone(key, async () => {
      const found = await this.#store.get(key);
      const alarm = retire(change(found?.alarm), this.#deps.clock.now());
      await this.#store.put(alarm, found?.revision);
      this.#queue.delete(key);
      this.#enqueue(alarm);
      this.#arm();
    });
  }

  /** False when there was none. */
  delete(key: string): Promise<boolean> {
    return this.#turns.alone(key, () => {
      this.#queue.delete(key);
      return this.#store.delete(key);
    });
  }

  async #requireRoom(namespace: string, room: FeedRoom): Promise<void> {
    let count = await this.#store.count(namespace);
    if (count < room.max) return;
    const dead: string[] = [];
    for await (const alarm of this.#store.list(namespace)) if (isDead(alarm)) dead.push(keyOf(alarm));
    for (const key of dead) if (await this.delete(key)) count -= 1;
    requireRoom(namespace, count, room);
  }

  #offset(): number {
    return this.#deps.clock.now() - this.#deps.clock.monotonicMs();
  }

  #enqueue(alarm: Alarm): void {
    if (!alarm.status.active) return;
    // Without a next tick it only wants to be put to rest.
    this.#queue.set(keyOf(alarm), alarm.next ?? 0);
  }

  #arm(): void {
    if (!this.#isOpen) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#working.size >= AT_ONCE) return;
    const inMs = (this.#queue.firstMs ?? Number.POSITIVE_INFINITY) - this.#deps.clock.now();
    this.#timer = this.#deps.clock.after(Math.max(0, Math.min(inMs, LOOK_MS)), () => this.#look());
  }

  #look(): void {
    const offsetMs = this.#offset();
    // Whoever was planned by the wrong clock is looked at by the right one.
    if (offsetMs < this.#offsetMs - SET_BACK_MS)
      for (const key of this.#queue.keys()) this.#queue.set(key, 0);
    this.#offsetMs = offsetMs;
    const nowMs = this.#deps.clock.now();
    while (this.#working.size < AT_ONCE) {
      const key = this.#queue.take(nowMs);
      if (key === undefined) break;
      const turnMs = this.#heldBack.turnOf(namespaceOfKey(key), nowMs);
      if (turnMs !== undefined) {
        this.#queue.set(key, turnMs);
        continue;
      }
      const work = this.#work(key).finally(() => {
        this.#working.delete(work);
        this.#arm();
      });
      this.#working.add(work);
    }
    this.#arm();
  }

  async #work(key: string): Promise<void> {
    try {
      await this.#turns.alone(key, () => this.#tick(key));
    } catch (error) {
      this.#deps.logger.error({ err: error, alarm: key }, 'An alarm could not be read or written');
      this.#queue.set(key, this.#deps.clock.now() + RETRY_MS);
    }
  }

  async #tick(key: string): Promise<void> {
    const { clock } = this.#deps;
    const found = await this.#store.get(key);
    if (!found?.alarm.status.active || !this.#isOpen) return;
    const { alarm: begun, missed } = beginTick(found.alarm, clock.now());
    this.#missed.add(missed);
    if (begun.begun === null) {
      const alarm = retire(begun, clock.now());
      // Nothing was due, as after the clock was set.
      if (JSON.stringify(alarm) !== JSON.stringify(found.alarm)) await this.#store.put(alarm, found.revision);
      this.#enqueue(alarm);
      return;
    }
    const revision = await this.#store.put(begun, found.revision);
    await this.#fire(key, { alarm: begun, revision });
  }

  async #fire(key: string, { alarm, revision }: StoredAlarm): Promise<void> {
    const { clock } = this.#deps;
    const end = await fireAlarm(this.#deps, alarm);
    (end.end === 'fired' ? this.#fired : this.#refused).add();
    if (end.end === 'refused' && end.isLimited === true) this.#heldBack.hold(alarm.namespace, clock.now());
    const ended = retire(endTick(alarm, end, clock.now()), clock.now());
    const { schedule } = alarm;
    const isToGo = schedule.sort === 'once' && schedule.deleteAfterFire !== 'false' && end.end === 'fired';
    if (isToGo) {
      await removeTrigger(this.#deps, alarm);
      await this.#store.delete(key);
      return;
    }
    await this.#store.put(ended, revision);
    this.#enqueue(ended);
  }
}
