import { DEVELOPER_ERROR, WHISK_ERROR, type RuntimesManifest } from '@vibrissa/protocol';
import type { Timer } from '../../base/clock.ts';
import type { Metrics } from '../../base/metrics.ts';
import type { ContainerSpec, RecoveredContainer } from '../../containers/container-factory.ts';
import { logFieldsOf } from '../../observability/log-fields.ts';
import type { Job } from '../job.ts';
import { errorResponse, resultTexts } from '../run/interpret-result.ts';
import type { SentinelStyle } from '../run/collect-logs.ts';
import { sentinelStyle } from '../run/sentinel-style.ts';
import { chooseContainer, isAtLimit } from './choose-container.ts';
import { ClusterRoom } from './cluster-room.ts';
import { snapshotOf, type ContainerSnapshot } from './container-snapshot.ts';
import { firstFreeCount, specFor, specOfCell } from './container-spec.ts';
import { ContainerWorker, type WorkerDeps } from './container-worker.ts';
import { FreeContainers, PoolEntry, prewarmKey } from './free-containers.ts';
import { IdleSweep } from './idle-sweep.ts';
import { JobsInHand } from './jobs-in-hand.ts';
import { gaugesOf, openPoolMetrics, startLabel, type PoolCounters, type StartLabel } from './pool-metrics.ts';
import { PrewarmKeeper } from './prewarm-keeper.ts';
import { cellsOf, type Cell } from './prewarm.ts';
import { RunBuffer } from './run-buffer.ts';
import type { RunEnd } from './run-end.ts';

export interface ContainerPoolDeps extends Omit<WorkerDeps, 'countIllegal'> {
  readonly invoker: number;
  readonly manifest: RuntimesManifest;
  readonly metrics: Metrics;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

type Entry = PoolEntry<ContainerWorker>;

/**
 * Gives each activation a container, within the memory that there is. What to do is decided elsewhere
 * ({@link chooseContainer}, {@link RunBuffer}, prewarm.ts); here it is done.
 */
export class ContainerPool {
  readonly #deps: ContainerPoolDeps;
  readonly #workerDeps: WorkerDeps;
  readonly #free = new FreeContainers<ContainerWorker>();
  readonly #buffer = new RunBuffer<Job>();
  readonly #entries = new Map<Entry, string | undefined>();
  readonly #jobs = new JobsInHand();
  readonly #leaving = new Set<Promise<void>>();
  readonly #keeper: PrewarmKeeper<Entry>;
  readonly #room: ClusterRoom<ContainerWorker>;
  readonly #sweep: IdleSweep<ContainerWorker>;
  readonly #counters: PoolCounters;
  #usedMb = 0;
  /** What the longest waiting one has been given so far, bit by bit; nobody else gets it. */
  #reserved: { readonly job: Job; mb: number } | undefined;
  #patience: Timer | undefined;
  #named = 0;
  #closed = false;
  #whenRoom: (() => void)[] = [];

  private constructor(deps: ContainerPoolDeps) {
    this.#deps = deps;
    this.#counters = openPoolMetrics(deps.metrics, () =>
      gaugesOf({ entries: this.#entries.keys(), free: this.#free, buffer: this.#buffer }),
    );
    this.#workerDeps = { ...deps, countIllegal: () => this.#counters.illegal.add() };
    const { clock, config } = deps;
    this.#sweep = IdleSweep.open({
      clock,
      free: this.#free,
      pauseGraceMs: config.pauseGraceMs,
      idleContainerMs: config.idleContainerMs,
      pause: (entry) => void entry.worker.pause(),
      remove: (entry) => this.#remove(entry),
    });
    this.#keeper = this.#openKeeper();
    this.#room = ClusterRoom.open({
      oldestIdle: () => this.#free.oldest,
      anyPrewarmed: () => this.#free.anyPrewarmed(),
      removeIdle: (entry) => this.#remove(entry),
      removePrewarmed: (cell) => this.#giveAway(cell),
    });
  }

  static open(deps: ContainerPoolDeps): ContainerPool {
    return new ContainerPool(deps);
  }

  /**
   * Goes on with containers of an earlier life, those with an action first, as far as memory and stem cells allow. Others
   * are destroyed. Once, before {@link start}. Gives how many it has taken.
   */
  adopt(recovered: readonly RecoveredContainer[]): number {
    this.#named = firstFreeCount(recovered.map(({ spec }) => spec.name));
    const withAction = recovered.filter(({ memo }) => memo);
    const prewarmed = recovered.filter(({ memo }) => !memo);
    const unwanted = [...withAction, ...prewarmed].filter((found) => !this.#adoptOne(found));
    for (const { container } of unwanted) this.#awaitEnd(container.destroy());
    return recovered.length - unwanted.length;
  }

  /** Makes the prewarmed containers. */
  start(): void {
    this.#keeper.start();
  }

  /** Activations that wait for a container. */
  get waiting(): number {
    return this.#buffer.length;
  }

  /** Takes an activation; whatever comes of it, it ends with a record or is handed back by {@link abandon}. */
  submit(job: Job): void {
    this.#jobs.take(job);
    this.#admit(job);
  }

  /** Resolves when fewer activations wait than the pool may hold. */
  room(): Promise<void> | undefined {
    if (this.#buffer.length < this.#deps.config.maxWaiting) return undefined;
    return new Promise((resolve) => this.#whenRoom.push(resolve));
  }

  /** Takes back those that wait for a container. */
  takeWaiting(): readonly Job[] {
    const waiting = this.#buffer.drain();
    for (const job of waiting) this.#jobs.giveUp(job);
    return waiting;
  }

  /** Gives up all whose record is not on its way; nothing will be recorded of them here. */
  abandon(): readonly Job[] {
    this.#buffer.drain();
    return this.#jobs.abandon();
  }

  /** Resolves when no activation is left. */
  empty(): Promise<void> {
    return this.#jobs.empty();
  }

  snapshot(): readonly ContainerSnapshot[] {
    return [...this.#entries].map(([entry, action]) => snapshotOf(entry, action));
  }

  /** Removes every container; those at rest stay where a later life may find them. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#keeper.close();
    this.#sweep.close();
    this.#patience?.cancel();
    const mayStay = this.#deps.factory.recover !== undefined;
    for (const entry of this.#entries.keys()) {
      if (mayStay && entry.worker.isAtRest) this.#leave(entry);
      else this.#remove(entry);
    }
    await Promise.all(this.#leaving);
  }

  get #unusedMb(): number {
    return this.#deps.config.userMemoryMb - this.#usedMb;
  }

  #admit(job: Job): void {
    if (job.memoryMb > this.#deps.config.userMemoryMb) {
      void this.#fail(job, WHISK_ERROR, resultTexts.noResources);
    } else if (this.#buffer.hasFor(job.key) && !isAtLimit(this.#free, job)) this.#keepWaiting(job);
    else this.#place(job, this.#unusedMb - (this.#reserved?.mb ?? 0));
  }

  #keepWaiting(job: Job): void {
    this.#buffer.add(job, this.#deps.clock.monotonicMs());
    this.#patience ??= this.#setPatience();
  }

  /** Finds or makes a container for it, with no more new memory than `freeMb`; false when it waits for memory. */
  #place(job: Job, freeMb: number): boolean {
    const choice = chooseContainer(this.#free, job, freeMb);
    if (choice.use === 'wait') {
      this.#keepWaiting(job);
      return false;
    }
    if (choice.use === 'wait-for-own') this.#buffer.park(job, this.#deps.clock.monotonicMs());
    else if (choice.use === 'warm') {
      const label = startLabel(choice.entry.worker.phase);
      this.#free.acquire(choice.entry);
      this.#launch(choice.entry, job, label);
    } else if (choice.use === 'prewarmed') {
      const { entry } = choice;
      this.#bind(entry, job);
      this.#room.cellTaken(entry);
      this.#launch(entry, job, 'prewarmed');
      this.#keeper.taken(job.prewarmKey, entry);
    } else {
      this.#startCold(job, choice.evict);
    }
    return true;
  }

  #startCold(job: Job, evict: readonly Entry[]): void {
    const { exec } = job.action.entity;
    const support = this.#deps.factory.supports(exec.kind, exec.image);
    if (!support.ok) {
      void this.#fail(job, exec.kind === 'blackbox' ? DEVELOPER_ERROR : WHISK_ERROR, support.reason);
      return;
    }
    for (const entry of evict) this.#remove(entry);
    const entry = this.#create(specFor(job, this.#naming()));
    this.#bind(entry, job);
    this.#launch(entry, job, evict.length > 0 ? 'recreated' : 'cold');
    this.#keeper.coldStarted(job.prewarmKey);
  }

  #bind(entry: Entry, job: Job): void {
    this.#free.bind(entry, job.key, job.action.entity.limits.concurrency);
    this.#entries.set(entry, job.action.path);
  }

  #launch(entry: Entry, job: Job, label: StartLabel): void {
    this.#counters.starts[label].add();
    job.containerState = label;
    void this.#drive(entry, job);
  }

  async #drive(entry: Entry, job: Job): Promise<void> {
    const end = await entry.worker.run(job);
    if (end.end === 'rejected') this.#rejected(entry, job, end);
    else {
      this.#jobs.finished(job);
      if (end.end === 'completed' && !entry.isLeaving) this.#released(entry);
      else this.#ended(entry, end);
      if (!job.abandoned) this.#deps.conclusion.say(end);
    }
  }

  /** An activation has ended, and its container may take the next. */
  #released(entry: Entry): void {
    if (this.#buffer.length === 0) this.#rest(entry);
    else if (entry.active === 1 && this.#isOwedToOthers(entry.key)) this.#claim(entry);
    else {
      const next = this.#buffer.takeFor(entry.key as string);
      if (next) this.#launch(entry, next, 'warmed');
      else {
        this.#rest(entry);
        this.#serveWaiting();
      }
      this.#noteRoom();
    }
  }

  #rest(entry: Entry): void {
    this.#free.release(entry, this.#deps.clock.monotonicMs());
    this.#sweep.noteIdle();
    this.#room.noteIdle();
  }

  /** An activation has ended, and its container must go. */
  #ended(entry: Entry, end: RunEnd): void {
    if (!entry.isLeaving) {
      entry.isLeaving = true;
      this.#free.remove(entry);
      const why = end.end === 'completed' ? undefined : end.why;
      this.#deps.logger.debug({ container: entry.worker.spec.name, why }, 'Removing a container');
    }
    entry.active -= 1;
    if (entry.active === 0) this.#remove(entry);
  }

  /** The container was dead before the activation ran: another one gets it, a few times. */
  #rejected(entry: Entry, job: Job, end: RunEnd): void {
    this.#ended(entry, end);
    if (job.abandoned) return;
    const why = end.end === 'completed' ? undefined : end.why;
    this.#deps.logger.debug(
      { ...logFieldsOf(job.message), containerId: entry.worker.containerId, why },
      'Another container gets an activation, because its own was dead',
    );
    job.attempts += 1;
    this.#counters.rescheduled.add();
    const { maxAttempts } = this.#deps.config;
    const byPlatform = end.end === 'rejected' && end.byPlatform === true;
    job.needsNew = byPlatform && job.attempts === maxAttempts - 1;
    if (job.attempts < maxAttempts) this.#admit(job);
    else if (byPlatform) {
      void this.#fail(job, WHISK_ERROR, resultTexts.noResources);
    } else void this.#fail(job, DEVELOPER_ERROR, resultTexts.runLost);
  }

  async #fail(job: Job, statusCode: 2 | 3, message: string): Promise<void> {
    const concluded = await this.#deps.conclusion.fail(job, errorResponse(statusCode, message));
    this.#jobs.finished(job);
    this.#deps.conclusion.say(concluded);
  }

  /** Has somebody of another key waited so long that this container's memory is theirs? */
  #isOwedToOthers(key: string | undefined): boolean {
    const oldest = this.#buffer.oldest();
    if (!oldest || oldest.job.key === key) return false;
    return this.#deps.clock.monotonicMs() - oldest.sinceMs >= this.#deps.config.fairnessMs;
  }

  /** Takes a container away from its action, for the one that has waited longest. */
  #claim(entry: Entry): void {
    const oldest = this.#buffer.oldest();
    if (!oldest) return;
    if (this.#reserved?.job !== oldest.job) this.#reserved = { job: oldest.job, mb: 0 };
    this.#reserved.mb = Math.min(oldest.job.memoryMb, this.#reserved.mb + entry.memoryMb);
    this.#ended(entry, { end: 'broken', why: 'another action has waited too long' });
  }

  /** Gives what memory there is to those that wait: to the oldest first, then to any that fit. */
  #serveWaiting(): void {
    for (;;) {
      const oldest = this.#buffer.oldest();
      if (this.#reserved && this.#reserved.job !== oldest?.job) this.#reserved = undefined;
      if (!oldest) return;
      const idleMb = this.#free.idleMemoryMb;
      const fits = oldest.job.memoryMb <= this.#unusedMb + idleMb;
      const freeMb = fits ? this.#unusedMb : this.#unusedMb - (this.#reserved?.mb ?? 0);
      const job = this.#buffer.takeFitting(fits ? Infinity : freeMb + idleMb);
      if (!job) return;
      if (fits) this.#reserved = undefined;
      if (!this.#place(job, freeMb)) return;
    }
  }

  #setPatience(): Timer {
    return this.#deps.clock.after(this.#deps.config.fairnessMs, () => this.#onImpatience());
  }

  /** The oldest has waited long: prewarmed containers, which nobody needs as much, give way to it. */
  #onImpatience(): void {
    this.#patience = undefined;
    if (!this.#buffer.waitsForMemory || this.#closed) return;
    if (this.#isOwedToOthers(undefined)) {
      const needMb = this.#buffer.oldest()?.job.memoryMb ?? 0;
      let cell = this.#free.anyPrewarmed();
      for (; cell && needMb > this.#unusedMb + this.#free.idleMemoryMb; cell = this.#free.anyPrewarmed()) {
        this.#giveAway(cell);
      }
      this.#serveWaiting();
      this.#noteRoom();
    }
    if (this.#buffer.waitsForMemory) this.#patience ??= this.#setPatience();
  }

  #noteRoom(): void {
    if (this.#whenRoom.length === 0 || this.#buffer.length >= this.#deps.config.maxWaiting) return;
    for (const resolve of this.#whenRoom.splice(0)) resolve();
  }

  #adoptOne(found: RecoveredContainer): boolean {
    const { spec, memo } = found;
    const cellKey = prewarmKey(spec.kind, spec.memoryMb);
    if (spec.memoryMb > this.#unusedMb || !(memo || this.#keeper.wants(cellKey))) return false;
    const worker = ContainerWorker.adopt(this.#workerDeps, found, this.#styleOf(spec));
    const entry: Entry = new PoolEntry(worker, spec.kind, spec.memoryMb);
    this.#enter(entry, memo?.action);
    if (memo) {
      this.#free.bind(entry, memo.key, memo.capacity);
      this.#rest(entry);
    } else {
      this.#free.addPrewarmed(entry);
      this.#keeper.adopt(cellKey, entry);
    }
    return true;
  }

  #create(spec: ContainerSpec): Entry {
    // Not before the entry is there.
    const onNoRoom = () => queueMicrotask(() => this.#onNoRoom(entry));
    const plan = { spec, style: this.#styleOf(spec), hooks: { onNoRoom } };
    const worker = ContainerWorker.open(this.#workerDeps, plan);
    const entry: Entry = new PoolEntry(worker, spec.kind, spec.memoryMb);
    this.#enter(entry, undefined);
    const settled = () => this.#room.settled(entry) && this.#onMemoryFreed();
    worker.whenStarted().then(settled, settled);
    return entry;
  }

  #onNoRoom(entry: Entry): void {
    if (!this.#closed && entry.worker.phase === 'starting') this.#room.lacks(entry);
  }

  #styleOf(spec: ContainerSpec): SentinelStyle {
    const isPlain = this.#deps.factory.hasPlainSentinels?.(spec) ?? false;
    return sentinelStyle(spec, this.#deps.manifest, isPlain);
  }

  #enter(entry: Entry, action: string | undefined): void {
    this.#entries.set(entry, action);
    this.#usedMb += entry.memoryMb;
    void entry.worker.broken.then((why) => this.#onBroken(entry, why));
  }

  /** A container in which nothing runs has died. Where something runs, that will find out. */
  #onBroken(entry: Entry, why: string): void {
    if (entry.active > 0 || !this.#entries.has(entry)) return;
    const isPrewarmed = entry.key === undefined;
    this.#remove(entry);
    if (isPrewarmed) this.#keeper.lost(prewarmKey(entry.kind, entry.memoryMb), entry, why);
  }

  #leave(entry: Entry): void {
    this.#takeOut(entry);
    entry.worker.leave();
  }

  #takeOut(entry: Entry): boolean {
    if (!this.#entries.delete(entry)) return false;
    entry.isLeaving = true;
    this.#free.forget(entry);
    this.#usedMb -= entry.memoryMb;
    if (entry.key !== undefined) this.#buffer.unpark(entry.key, this.#deps.clock.monotonicMs());
    return true;
  }

  /** Removes a stem cell for somebody who needs its memory more. */
  #giveAway(cell: Entry): void {
    this.#keeper.gaveWay(prewarmKey(cell.kind, cell.memoryMb), cell);
    this.#remove(cell);
  }

  #awaitEnd(ending: Promise<void>): void {
    const gone = ending.finally(() => this.#leaving.delete(gone));
    this.#leaving.add(gone);
  }

  #remove(entry: Entry): void {
    if (!this.#takeOut(entry)) return;
    this.#awaitEnd(entry.worker.remove());
    if (this.#closed) return;
    // Whoever is in the middle of a decision that evicts goes on with its own view first.
    queueMicrotask(() => this.#onMemoryFreed());
  }

  #onMemoryFreed(): void {
    if (this.#closed) return;
    if (this.#buffer.waitsForMemory) {
      this.#serveWaiting();
      this.#noteRoom();
    } else this.#keeper.refill();
  }

  #naming() {
    return { invoker: this.#deps.invoker, count: this.#named++, config: this.#deps.config };
  }

  #openKeeper(): PrewarmKeeper<Entry> {
    const { clock, config, random, manifest } = this.#deps;
    return PrewarmKeeper.open<Entry>(
      {
        clock,
        random,
        checkMs: config.prewarmCheckMs,
        varianceMs: config.prewarmVarianceMs,
        expirationLimit: config.prewarmExpirationLimit,
        create: (cell) => this.#createCell(cell),
        remove: (entry) => this.#remove(entry),
        countColdStart: (cell) => this.#counters.prewarmColdStart(cell.kind),
        countExpired: (cell, count) => this.#counters.prewarmExpired(cell.kind, count),
        tellFailure: ({ kind, memoryMb }, failure) =>
          this.#deps.logger.warn({ kind, memoryMb, ...failure }, 'Prewarmed containers can not be kept'),
      },
      config.prewarm ? cellsOf(manifest) : [],
    );
  }

  /** Memory that activations wait for is not spent on cells. */
  #createCell(cell: Cell): Entry | undefined {
    if (this.#closed || this.#buffer.waitsForMemory || cell.memoryMb > this.#unusedMb) return undefined;
    if (this.#room.isShort) return undefined;
    const support = this.#deps.factory.supports(cell.kind, undefined);
    if (!support.ok) {
      this.#keeper.refused(cell.key, support.reason);
      return undefined;
    }
    const entry = this.#create(specOfCell(cell, this.#naming()));
    this.#free.addPrewarmed(entry);
    this.#room.cellBegan(entry);
    entry.worker.whenStarted().then(
      () => this.#keeper.started(cell.key, entry),
      // The worker reports it as broken.
      () => undefined,
    );
    return entry;
  }
}
