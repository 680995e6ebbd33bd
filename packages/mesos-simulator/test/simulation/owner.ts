import type { CoreEffect, CoreInput, StoredState, TaskSpec, TaskUpdate } from '@vibrissa/mesos';
import type { Dice } from './dice.ts';

type IdentifiedSpec = TaskSpec & { readonly id: string };

/** Something that is to run: a task, or a group of tasks on one agent. Each attempt of the owner has ids of its own. */
interface Slot {
  readonly name: string;
  readonly kind: 'service' | 'group' | 'job';
  generation: number;
  /** Ids of the tasks of now. */
  members: readonly string[];
  /** Of those, the ones whose end was not told. */
  alive: Set<string>;
}

interface OwnerDeps {
  readonly dice: Dice;
  readonly input: (input: CoreInput) => void;
  readonly after: (delayMs: number, run: () => void) => void;
}

/**
 * The program that owns a framework, as its author would write it: it wants some tasks to run, submits another one when
 * it is told that one is dead, deletes what it no longer wants, and takes nothing it isn't told for granted. What it
 * wants outlives it; what it was told does not.
 */
export class Owner {
  /** No tasks that fail, end soon, or come up late; and an owner that is quick and does not fail. */
  isCalm = true;
  readonly #deps: OwnerDeps;
  readonly #slots = new Map<string, Slot>();
  #life = 0;
  #isOpen = false;
  #requests = 0;
  #slotCount = 0;

  constructor(deps: OwnerDeps) {
    this.#deps = deps;
  }

  /** Ids of all that should run. What has ended of a group leaves the rest alone. */
  get wanted(): readonly string[] {
    return [...this.#slots.values()].flatMap(({ alive }) => [...alive]);
  }

  get size(): number {
    return this.#slots.size;
  }

  get jobs(): number {
    return [...this.#slots.values()].filter(({ kind }) => kind === 'job').length;
  }

  want(kind: Slot['kind']): void {
    this.#slotCount += 1;
    const slot: Slot = {
      name: `${kind}${this.#slotCount}`,
      kind,
      generation: 0,
      members: [],
      alive: new Set(),
    };
    this.#slots.set(slot.name, slot);
    this.#submit(slot);
  }

  /** One of its slots is not wanted any more. */
  unwant(): void {
    const slot = this.#deps.dice.pick([...this.#slots.values()]);
    if (!slot) return;
    this.#slots.delete(slot.name);
    if (this.#isOpen) this.#delete(slot);
  }

  reconcile(): void {
    if (this.#isOpen) this.#deps.input({ type: 'reconcile', request: ++this.#requests });
  }

  /** Begins a life with what the state holds: what it doesn't hold has to be submitted again. */
  resume(stored: StoredState): void {
    this.#life += 1;
    this.#isOpen = true;
    const known = new Set(stored.tasks.filter(({ unwanted }) => !unwanted).map(({ id }) => id));
    for (const slot of this.#slots.values()) {
      slot.alive = new Set(slot.members);
      if (slot.members.length > 0 && slot.members.every((id) => known.has(id))) continue;
      if (slot.kind === 'job') this.#slots.delete(slot.name);
      else this.#submit(slot);
    }
    const wanted = new Set(this.wanted);
    for (const id of known) if (!wanted.has(id)) this.#deleteTask(id);
  }

  /** Its process is gone, or may not act. */
  pause(): void {
    this.#life += 1;
    this.#isOpen = false;
  }

  handle(told: TaskUpdate, done: (error?: Error) => void): void {
    const { dice, after } = this.#deps;
    const isSlow = !this.isCalm && dice.chance(0.1);
    const fails = !this.isCalm && dice.chance(0.05);
    const life = this.#life;
    after(isSlow ? dice.between(0, 15_000) : dice.between(0, 5), () => {
      if (life === this.#life && told.adopted && !this.wanted.includes(told.taskId)) {
        const lives = ['TASK_STAGING', 'TASK_STARTING', 'TASK_RUNNING'].includes(told.status.state);
        if (lives && this.#isOpen) this.#deleteTask(told.taskId);
      }
      done(fails ? new Error('the owner is busy') : undefined);
    });
  }

  told(effect: CoreEffect): void {
    if (effect.type === 'task-ended') this.#ended(effect.record.id);
    if (effect.type !== 'launch-failed') return;
    // The tasks may run on: what is true is in the state, when this instance leads again.
    if (['not-leader', 'closed', 'framework-removed'].includes(effect.failure.kind)) return;
    this.#ended(effect.taskId);
  }

  #ended(id: string): void {
    const slot = [...this.#slots.values()].find(({ members }) => members.includes(id));
    if (!slot?.alive.delete(id) || slot.alive.size > 0) return;
    if (slot.kind === 'job') {
      this.#slots.delete(slot.name);
      return;
    }
    const { generation } = slot;
    const life = this.#life;
    this.#deps.after(this.#deps.dice.between(200, 3000), () => {
      const isSame = this.#slots.get(slot.name) === slot && slot.generation === generation;
      if (isSame && this.#isOpen && life === this.#life) this.#submit(slot);
    });
  }

  #submit(slot: Slot): void {
    slot.generation += 1;
    const id = `${slot.name}-${slot.generation}`;
    slot.members = slot.kind === 'group' ? [`${id}-a`, `${id}-b`] : [id];
    slot.alive = new Set(slot.members);
    if (!this.#isOpen) return;
    const tasks = slot.members.map((member) => this.#spec(slot, member));
    const [first] = tasks;
    if (slot.kind === 'group') this.#deps.input({ type: 'submit-group', group: { id, tasks } });
    else if (first) this.#deps.input({ type: 'submit', task: first });
  }

  #spec(slot: Slot, id: string): IdentifiedSpec {
    const { dice } = this.#deps;
    const labels = slot.kind === 'job' ? { 'simulator.run-ms': `${dice.whole(10, 120_000)}` } : this.#fate();
    const isHealthChecked = slot.kind === 'service' && dice.chance(0.15);
    return {
      id,
      command: 'run',
      cpus: dice.pick([0.1, 0.5, 1]) ?? 1,
      memoryMb: dice.pick([32, 64, 128]) ?? 32,
      labels,
      ...(dice.chance(0.3) ? { ports: [{ name: 'web' }] } : {}),
      ...(dice.chance(0.1) ? { killGraceMs: 2000 } : {}),
      ...(isHealthChecked
        ? { healthCheck: { type: 'COMMAND', command: 'true', delayMs: 0, gracePeriodMs: 0 } }
        : {}),
    };
  }

  /** What becomes of a service, in its labels; when calm, it runs for ever. */
  #fate(): Readonly<Record<string, string>> {
    const { dice } = this.#deps;
    if (this.isCalm) return {};
    const fates: readonly (readonly [number, () => Record<string, string>])[] = [
      [0.1, () => ({ 'run-ms': `${dice.whole(10, 300_000)}`, 'exit-code': `${dice.whole(0, 3)}` })],
      [0.03, () => ({ failure: 'no such image' })],
      [0.03, () => ({ 'executor-ms': `${dice.whole(1000, 700_000)}` })],
      [0.05, () => ({ 'ignores-term': 'true' })],
      [0.05, () => ({ 'unhealthy-from': `${dice.whole(1, 6)}` })],
      [0.05, () => ({ 'term-exit-code': '0' })],
    ];
    const chosen = fates.flatMap(([likelihood, make]) =>
      dice.chance(likelihood) ? Object.entries(make()) : [],
    );
    return Object.fromEntries(chosen.map(([key, value]) => [`simulator.${key}`, value]));
  }

  #delete(slot: Slot): void {
    if (slot.kind !== 'group') return slot.members.forEach((id) => this.#deleteTask(id));
    this.#deleteTask(`${slot.name}-${slot.generation}`);
  }

  #deleteTask(taskId: string): void {
    this.#deps.input({ type: 'delete', request: ++this.#requests, taskId });
  }
}
