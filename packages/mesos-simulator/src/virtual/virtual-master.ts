import type { AgentToMaster, MasterToAgent } from '../agent/link.ts';
import { MasterCore } from '../master/master-core.ts';
import type { MasterOptions } from '../master/master-options.ts';
import type { HttpCall, MasterAddress, MasterEffect, MasterInput } from '../master/messages.ts';
import { Registry } from '../master/registry.ts';
import { Alarm, type World } from './world.ts';

/** Who waits for what comes of a request. */
export interface Requester {
  answered(answer: Extract<MasterEffect, { type: 'answer' }>): void;
  opened(headers: Extract<MasterEffect, { type: 'open-stream' }>['headers']): void;
  event(event: Extract<MasterEffect, { type: 'event' }>['event']): void;
  ended(): void;
  /** The master's process is gone. */
  broken(): void;
}

/** The other end of a link. */
export interface AgentEnd {
  /** The master's process is gone. */
  masterGone(link: string): void;
  receive(link: string, message: MasterToAgent): void;
}

/** A master's process: it can be killed and started again. */
export class VirtualMaster {
  readonly address: MasterAddress;
  readonly #world: World;
  readonly #options: Omit<MasterOptions, 'address'>;
  readonly #sharedRegistry: Registry | undefined;
  readonly #agents = new Map<string, AgentEnd>();
  readonly #requesters = new Map<number, Requester>();
  #core: MasterCore | undefined;
  #alarm: Alarm | undefined;
  #requests = 0;

  constructor(
    world: World,
    master: {
      readonly address: MasterAddress;
      readonly options: Omit<MasterOptions, 'address'>;
      /** Absent: it forgets everything with its process. */
      readonly registry: Registry | undefined;
    },
  ) {
    this.#world = world;
    this.address = master.address;
    this.#options = master.options;
    this.#sharedRegistry = master.registry;
  }

  get url(): string {
    return `http://${this.address.ip}:${this.address.port}`;
  }

  get isRunning(): boolean {
    return this.#core !== undefined;
  }

  /** Undefined while its process does not run. */
  get core(): MasterCore | undefined {
    return this.#core;
  }

  start(): void {
    if (this.#core !== undefined) return;
    const registry = this.#sharedRegistry ?? new Registry();
    const { random } = this.#world;
    this.#core = new MasterCore({ ...this.#options, address: this.address }, { random, registry });
    this.#alarm = new Alarm(this.#world, () => this.step({ type: 'tick' }));
    this.step({ type: 'tick' });
  }

  /** SIGKILL: all its connections end. */
  kill(): void {
    if (this.#core === undefined) return;
    this.#core = undefined;
    const requesters = [...this.#requesters.values()];
    this.#requesters.clear();
    for (const requester of requesters) requester.broken();
    const agents = [...this.#agents];
    this.#agents.clear();
    for (const [link, agent] of agents) agent.masterGone(link);
  }

  /** A request arrives; the number names it, and the stream that may come of it. */
  request(kind: 'scheduler-call' | 'operator-call', call: HttpCall, requester: Requester): number {
    const request = ++this.#requests;
    this.#requesters.set(request, requester);
    this.step({ type: kind, request, call });
    return request;
  }

  /** The client's end of a stream is gone. */
  closeStream(stream: number): void {
    this.#requesters.delete(stream);
    this.step({ type: 'stream-closed', stream });
  }

  attach(link: string, agent: AgentEnd): void {
    if (this.#core === undefined) return;
    this.#agents.set(link, agent);
  }

  detach(link: string): void {
    if (this.#agents.delete(link)) this.step({ type: 'agent-disconnected', link });
  }

  fromAgent(link: string, message: AgentToMaster): void {
    if (this.#agents.has(link)) this.step({ type: 'agent-message', link, message });
  }

  step(input: MasterInput): void {
    const core = this.#core;
    if (core === undefined) return;
    for (const effect of core.step(this.#world.time(), input)) this.#execute(effect);
    if (this.#core === core) this.#alarm?.set(core.nextDeadlineMs);
  }

  #execute(effect: MasterEffect): void {
    switch (effect.type) {
      case 'answer':
        this.#requesters.get(effect.request)?.answered(effect);
        this.#requesters.delete(effect.request);
        return;
      case 'open-stream':
        return this.#requesters.get(effect.stream)?.opened(effect.headers);
      case 'event':
        return this.#requesters.get(effect.stream)?.event(effect.event);
      case 'end-stream':
        this.#requesters.get(effect.stream)?.ended();
        this.#requesters.delete(effect.stream);
        return;
      case 'to-agent':
        return this.#agents.get(effect.link)?.receive(effect.link, effect.message);
      case 'exit':
        this.kill();
    }
  }
}
