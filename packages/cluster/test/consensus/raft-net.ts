import { RaftCore } from '../../src/consensus/raft-core.ts';
import type {
  ConfigurationChange,
  Participant,
  RaftEffect,
  RaftInput,
  RaftMessage,
} from '../../src/consensus/raft-messages.ts';
import type { RaftOptions } from '../../src/consensus/raft-setup.ts';
import type { Json } from '../../src/membership/member.ts';
import { RaftDisk } from './raft-disk.ts';
import { effectWords, messageWords } from './raft-words.ts';

type Persist = Extract<RaftEffect, { readonly type: 'persist' }>;

/** How bad the world is. Times are milliseconds; chances are in [0, 1]. */
export interface World {
  readonly delayMs: () => number;
  readonly diskMs: () => number;
  readonly isLost: () => boolean;
  readonly isDoubled: () => boolean;
  /** Of an instance's clock against real time. */
  readonly clockRate: (id: string) => number;
  /** Where in the election times an instance's next one lies. */
  readonly chance: (id: string) => number;
}

export interface NetNode {
  readonly id: string;
  readonly disk: RaftDisk;
  /** Undefined: it has crashed, or was never started. */
  core: RaftCore | undefined;
  /** Writes that are not on disk yet, in order. */
  writes: Persist[];
  diskFreeMs: number;
  holdsWrites: boolean;
  /** Stopped without knowing it (SIGSTOP): what comes waits. */
  isStopped: boolean;
  waiting: (() => void)[];
  tick: number;
  life: number;
}

/** Sees all that happens, to check what must always hold. */
export interface NetWatcher {
  stepped(node: NetNode, input: RaftInput, effects: readonly RaftEffect[]): void;
}

interface Planned {
  readonly atMs: number;
  readonly run: () => void;
}

const OPTIONS: RaftOptions = { heartbeatMs: 100, electionMinMs: 600, electionMaxMs: 1200, leaseMs: 450 };
const FLOOR = 7;

export const participants = (ids: string): Participant[] =>
  ids.split('').map((id) => ({ id, address: { host: id, port: 7000 } }));

/**
 * Cores with a network, disks and clocks between them, all of it a queue of what happens next: the same seed is the same
 * story. Each letter is an instance. The first term is 8.
 *
 *     const net = new RaftNet('abc');
 *     net.start('abc');
 *     net.run(700);
 *     expect(net.told()).toBe(`…`);
 */
export class RaftNet {
  readonly nodes = new Map<string, NetNode>();
  readonly #voters: string;
  readonly #world: World;
  readonly #options: RaftOptions;
  readonly #watcher: NetWatcher | undefined;
  readonly #cut = new Set<string>();
  #planned: Planned[] = [];
  #lines: string[] = [];
  #atMs = 0;
  #proposals = 0;

  constructor(
    voters: string,
    setup: {
      readonly world?: Partial<World>;
      readonly options?: Partial<RaftOptions>;
      readonly watcher?: NetWatcher;
    } = {},
  ) {
    this.#voters = voters;
    this.#options = { ...OPTIONS, ...setup.options };
    this.#world = { ...calm(), ...setup.world };
    this.#watcher = setup.watcher;
  }

  /** Calm, with `a` as the leader of term 8, its lease, and nothing told yet. */
  static led(voters: string, options: Partial<RaftOptions> = {}): RaftNet {
    const net = new RaftNet(voters, { options });
    net.start(voters);
    net.run(50);
    net.told();
    return net;
  }

  get nowMs(): number {
    return this.#atMs;
  }

  /** Of an instance's own clock. */
  clockMs(id: string): number {
    return this.#atMs * this.#world.clockRate(id) + id.charCodeAt(0) * 1000 * this.#offset;
  }

  /** Stories read better when all clocks show the same. */
  get #offset(): number {
    return this.#watcher ? 1 : 0;
  }

  node(id: string): NetNode {
    let node = this.nodes.get(id);
    if (!node) this.nodes.set(id, (node = newNode(id)));
    return node;
  }

  core(id: string): RaftCore {
    const { core } = this.node(id);
    if (!core) throw new Error(`${id} is not running`);
    return core;
  }

  /** From what is on their disks; `disk` says what that is. */
  start(ids: string, disk?: ConstructorParameters<typeof RaftDisk>[0]): void {
    for (const id of ids) {
      if (disk) this.nodes.set(id, newNode(id, new RaftDisk(disk)));
      const node = this.node(id);
      node.life += 1;
      node.core = new RaftCore({
        self: id,
        options: this.#options,
        random: { next: () => this.#world.chance(id) },
        foundation: { voters: participants(this.#voters), epochFloor: FLOOR },
        stored: node.disk.stored,
      });
      this.input(id, { type: 'start' });
    }
  }

  /** What is not on disk is lost; `written`: of the writes under way so many were carried out. */
  crash(id: string, written = 0): void {
    const node = this.node(id);
    for (const write of node.writes.slice(0, written)) node.disk.write(write);
    node.writes = [];
    node.waiting = [];
    node.core = undefined;
    node.isStopped = false;
    node.holdsWrites = false;
    node.diskFreeMs = 0;
    node.life += 1;
    this.#tell(id, 'crashes');
  }

  /** Nothing passes between the groups; who is in none is alone. */
  split(...groups: string[]): void {
    this.#cut.clear();
    for (const from of this.nodes.keys()) {
      for (const to of this.nodes.keys()) {
        if (!groups.some((group) => group.includes(from) && group.includes(to))) this.cut(from, to);
      }
    }
  }

  /** In this direction only. */
  cut(from: string, to: string): void {
    this.#cut.add(from + to);
  }

  heal(): void {
    this.#cut.clear();
  }

  /** SIGSTOP: it loses nothing and notices nothing. */
  stop(id: string): void {
    this.node(id).isStopped = true;
  }

  wake(id: string): void {
    const node = this.node(id);
    node.isStopped = false;
    const { waiting } = node;
    node.waiting = [];
    this.input(id, { type: 'tick' });
    for (const run of waiting) run();
  }

  holdWrites(id: string): void {
    this.node(id).holdsWrites = true;
  }

  releaseWrites(id: string): void {
    const node = this.node(id);
    node.holdsWrites = false;
    for (const write of node.writes) this.#planWrite(node, write);
  }

  failWrite(id: string, why: string): void {
    const node = this.node(id);
    const [write] = node.writes;
    node.writes = [];
    if (write) this.input(id, { type: 'persisted', write: write.write, error: new Error(why) });
  }

  propose(id: string, command: Json): number {
    this.#proposals += 1;
    this.input(id, { type: 'propose', proposal: this.#proposals, command });
    return this.#proposals;
  }

  change(id: string, change: ConfigurationChange): number {
    this.#proposals += 1;
    this.input(id, { type: 'change', proposal: this.#proposals, change });
    return this.#proposals;
  }

  input(id: string, input: RaftInput): void {
    const node = this.node(id);
    const { core, life } = node;
    if (!core) return;
    const effects = core.step({ nowMs: this.clockMs(id) }, input);
    this.#watcher?.stepped(node, input, effects);
    for (const effect of effects) this.#execute(node, effect);
    if (node.life === life) this.#planTick(node, core);
  }

  /** What happens in so many milliseconds. */
  run(forMs: number): void {
    const untilMs = this.#atMs + forMs;
    for (let next = this.#planned[0]; next && next.atMs <= untilMs; next = this.#planned[0]) {
      this.#planned.shift();
      this.#atMs = Math.max(this.#atMs, next.atMs);
      next.run();
    }
    this.#atMs = untilMs;
  }

  /** What has happened since the last call: a line for each message and effect that says one of `words`, or all. */
  told(...words: string[]): string {
    const lines = this.#lines.filter(
      (line) => words.length === 0 || words.some((word) => line.includes(word)),
    );
    this.#lines = [];
    return `\n${lines.join('\n')}\n`;
  }

  /** The same of one instance: what it did and said. */
  toldBy(id: string): string {
    this.#lines = this.#lines.filter((line) => line.slice(6, 8) === `${id} `);
    return this.told();
  }

  #execute(node: NetNode, effect: RaftEffect): void {
    const words = effectWords(effect);
    if (words !== undefined) this.#tell(node.id, words);
    if (effect.type === 'send') return this.#send(node.id, effect.to, effect.message);
    if (effect.type !== 'persist') return;
    node.writes.push(effect);
    if (!node.holdsWrites) this.#planWrite(node, effect);
  }

  #send(from: string, to: string, message: RaftMessage): void {
    const isCut = this.#cut.has(from + to) || this.#world.isLost();
    const isDead = !this.node(to).core;
    this.#tell(from, `→ ${to}  ${messageWords(message)}${isCut || isDead ? '  (lost)' : ''}`);
    if (isCut) return;
    for (let copies = this.#world.isDoubled() ? 2 : 1; copies > 0; copies -= 1) {
      this.#plan(this.#atMs + this.#world.delayMs(), () => this.#deliver(this.node(to), { from, message }));
    }
  }

  #deliver(node: NetNode, { from, message }: { from: string; message: RaftMessage }): void {
    if (node.isStopped) node.waiting.push(() => this.#deliver(node, { from, message }));
    else if (node.core) this.input(node.id, { type: 'received', from, message });
  }

  #planWrite(node: NetNode, write: Persist): void {
    const { life } = node;
    // One after the other, as they came.
    node.diskFreeMs = Math.max(node.diskFreeMs, this.#atMs) + this.#world.diskMs();
    this.#plan(node.diskFreeMs, () => this.#written(node, write, life));
  }

  #written(node: NetNode, write: Persist, life: number): void {
    if (node.life !== life || node.writes[0] !== write || node.holdsWrites) return;
    node.writes.shift();
    node.disk.write(write);
    const done = () => this.input(node.id, { type: 'persisted', write: write.write });
    if (node.isStopped) node.waiting.push(done);
    else done();
  }

  #planTick(node: NetNode, core: RaftCore): void {
    const deadlineMs = core.nextDeadlineMs;
    node.tick += 1;
    if (deadlineMs === undefined) return;
    const { tick, life, id } = node;
    const rate = this.#world.clockRate(id);
    const inMs = Math.max(0, (deadlineMs - this.clockMs(id)) / rate);
    // A hair later, so that rounding can't make it early for ever.
    this.#plan(this.#atMs + inMs + (inMs % 1 === 0 ? 0 : 0.001), () => {
      if (node.tick === tick && node.life === life && !node.isStopped) this.input(id, { type: 'tick' });
    });
  }

  #plan(atMs: number, run: () => void): void {
    let place = this.#planned.length;
    while (place > 0 && (this.#planned[place - 1]?.atMs ?? 0) > atMs) place -= 1;
    this.#planned.splice(place, 0, { atMs, run });
  }

  #tell(id: string, words: string): void {
    if (!this.#watcher) this.#lines.push(`${String(Math.round(this.#atMs)).padStart(5)} ${id} ${words}`);
  }
}

function newNode(id: string, disk = new RaftDisk()): NetNode {
  return {
    id,
    disk,
    core: undefined,
    writes: [],
    diskFreeMs: 0,
    holdsWrites: false,
    isStopped: false,
    waiting: [],
    tick: 0,
    life: 0,
  };
}

/** Everything takes a millisecond; of those that could be elected `a` is the first, then `b`. */
function calm(): World {
  return {
    delayMs: () => 1,
    diskMs: () => 1,
    isLost: () => false,
    isDoubled: () => false,
    clockRate: () => 1,
    chance: (id) => (id.charCodeAt(0) - 'a'.charCodeAt(0)) / 8,
  };
}

/** Seeded: loss, doubles and delays that overtake each other, slow disks, and clocks that are off by up to a tenth. */
export function roughWorld(random: () => number): World {
  const rates = new Map<string, number>();
  // Each world is bad in its own way: where everything fails, nothing gets far enough to go wrong.
  const [lost, doubled, late, slow] = [random() * 0.1, random() * 0.1, random() * 0.2, random() ** 2 * 0.6];
  return {
    delayMs: () => (random() < late ? random() * 400 : 1 + random() * 10),
    diskMs: () => (random() < slow ? random() * 400 : 1 + random() * 5),
    isLost: () => random() < lost,
    isDoubled: () => random() < doubled,
    clockRate: (id) => {
      let rate = rates.get(id);
      if (rate === undefined) rates.set(id, (rate = 0.9 + random() * 0.2));
      return rate;
    },
    chance: () => random(),
  };
}
