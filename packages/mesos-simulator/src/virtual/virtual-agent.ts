import { AgentCore } from '../agent/agent-core.ts';
import type { AgentCheckpoint, AgentOptions } from '../agent/agent-state.ts';
import { factsOf, type MasterToAgent } from '../agent/link.ts';
import type { AgentEffect, AgentInput } from '../agent/messages.ts';
import type { TaskBehaviour } from './task-script.ts';
import { VirtualMachine } from './virtual-machine.ts';
import type { VirtualMaster } from './virtual-master.ts';
import { Alarm, Pipe, type World } from './world.ts';

/** An agent's process and the machine below it. */
export class VirtualAgent {
  readonly number: number;
  readonly machine: VirtualMachine;
  readonly #world: World;
  readonly #options: AgentOptions;
  #core: AgentCore | undefined;
  #alarm: Alarm | undefined;
  #checkpoint: AgentCheckpoint | undefined;
  #link: Link | undefined;
  #links = 0;
  #isCut = false;

  constructor(
    world: World,
    agent: { readonly number: number; readonly options: AgentOptions; readonly behaviour: TaskBehaviour },
  ) {
    this.number = agent.number;
    this.#world = world;
    this.#options = agent.options;
    this.machine = new VirtualMachine(world, { behaviour: agent.behaviour, tell: (fact) => this.step(fact) });
  }

  get isRunning(): boolean {
    return this.#core !== undefined;
  }

  get info(): AgentOptions['info'] {
    return this.#options.info;
  }

  get agentId(): string | undefined {
    return this.#core?.agentId ?? this.#checkpoint?.agentId;
  }

  /** On what it has written down, if anything. */
  start(): void {
    if (this.#core !== undefined) return;
    const former = this.#checkpoint === undefined ? {} : { checkpoint: this.#checkpoint };
    this.#core = new AgentCore({ ...this.#options, ...former }, this.#world.random);
    this.#alarm = new Alarm(this.#world, () => this.step({ type: 'tick' }));
    this.step({ type: 'start', containers: this.machine.running() });
  }

  /** SIGKILL. Executors of frameworks that checkpoint go on. */
  kill(): void {
    if (this.#core === undefined) return;
    this.#checkpoint = this.#core.checkpoint();
    this.#core = undefined;
    this.machine.agentDied();
    this.#breakLink();
  }

  /** SIGUSR1: it says goodbye. */
  leave(): void {
    this.step({ type: 'leave' });
  }

  /** Messages vanish in both directions, and nobody is told. */
  partition(): void {
    this.#isCut = true;
  }

  heal(): void {
    this.#isCut = false;
  }

  /** A new leader, or none. */
  connect(master: VirtualMaster | undefined): void {
    if (this.#link?.master === master && this.#link?.broken === false) return;
    this.#breakLink();
    if (this.#core === undefined || master === undefined) return;
    const name = `agent-${this.number}-${++this.#links}`;
    const link: Link = {
      name,
      master,
      up: new Pipe(this.#world),
      down: new Pipe(this.#world),
      broken: false,
    };
    this.#link = link;
    master.attach(name, this);
    this.step({ type: 'master-connected' });
  }

  /** The master's end of the connection is gone. */
  masterGone(linkName: string): void {
    if (this.#link?.name !== linkName) return;
    this.#link.broken = true;
    this.#link = undefined;
    this.step({ type: 'master-disconnected' });
  }

  receive(linkName: string, message: MasterToAgent): void {
    const link = this.#link;
    if (link?.name !== linkName) return;
    link.down.send(
      () => {
        if (this.#link === link && !this.#isCut) this.step({ type: 'master-message', message });
      },
      this.#world.strike({ on: 'to-agent', agent: this.number, message, ...factsOf(message) }),
    );
  }

  step(input: AgentInput): void {
    const core = this.#core;
    if (core === undefined) return;
    for (const effect of core.step(this.#world.time(), input)) this.#execute(effect);
    if (this.#core === core) this.#alarm?.set(core.nextDeadlineMs);
  }

  #execute(effect: AgentEffect): void {
    if (effect.type === 'to-master') {
      const link = this.#link;
      if (link === undefined) return;
      const { message } = effect;
      link.up.send(
        () => {
          if (!this.#isCut) link.master.fromAgent(link.name, message);
        },
        this.#world.strike({ on: 'from-agent', agent: this.number, message, ...factsOf(message) }),
      );
    } else if (effect.type === 'exit') {
      this.#checkpoint = this.#core?.checkpoint();
      this.#core = undefined;
      this.machine.clear();
      this.#breakLink();
    } else {
      this.machine.execute(effect);
    }
  }

  /** The master notices behind what is still under way to it. */
  #breakLink(): void {
    const link = this.#link;
    this.#link = undefined;
    if (link === undefined) return;
    link.broken = true;
    const isCut = this.#isCut;
    link.up.send(() => {
      if (!isCut) link.master.detach(link.name);
    });
  }
}

interface Link {
  readonly name: string;
  readonly master: VirtualMaster;
  readonly up: Pipe;
  readonly down: Pipe;
  broken: boolean;
}
