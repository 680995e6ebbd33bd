import type { AgentEffect, AgentInput, ContainerLaunch, ProbeSpec } from '../agent/messages.ts';
import { healthy, type TaskBehaviour, type TaskScript } from './task-script.ts';
import type { World } from './world.ts';

/** The machine below a virtual agent: its processes go on when the agent's own does not. */
export class VirtualMachine {
  readonly #world: World;
  readonly #behaviour: TaskBehaviour;
  readonly #tell: (fact: AgentInput) => void;
  readonly #processes = new Map<string, Process>();
  #pids = 1000;

  /** `tell`: to the agent, if that runs. */
  constructor(
    world: World,
    deps: { readonly behaviour: TaskBehaviour; readonly tell: (fact: AgentInput) => void },
  ) {
    this.#world = world;
    this.#behaviour = deps.behaviour;
    this.#tell = deps.tell;
  }

  /** Containers whose process, or executor, lives. */
  running(): string[] {
    return [...this.#processes.keys()];
  }

  execute(effect: AgentEffect): void {
    switch (effect.type) {
      case 'launch-container':
        return this.#launch(effect.container);
      case 'signal-container':
        return this.#signal(effect.containerId, effect.signal);
      case 'probe-container':
        return this.#probe(effect);
      default:
    }
  }

  /** The agent's process is gone: what does not checkpoint goes with it. */
  agentDied(): void {
    for (const [containerId, { launch }] of this.#processes) {
      if (!launch.checkpoint) this.#processes.delete(containerId);
    }
  }

  /** The machine itself is gone, or the agent has ended in order. */
  clear(): void {
    this.#processes.clear();
  }

  #launch(launch: ContainerLaunch): void {
    const { containerId } = launch;
    const script = this.#behaviour(launch, this.#world.random);
    const process: Process = { launch, script, executorPid: ++this.#pids, probes: { health: 0, check: 0 } };
    this.#processes.set(containerId, process);
    this.#after(process, script.executorMs, () => {
      if (script.failure !== undefined) {
        this.#processes.delete(containerId);
        this.#tell({ type: 'container-failed', containerId, ...script.failure });
        return;
      }
      this.#tell({ type: 'executor-started', containerId, executorPid: process.executorPid });
      this.#after(process, script.startMs, () => this.#start(process));
    });
  }

  #start(process: Process): void {
    const { script, launch } = process;
    this.#tell({
      type: 'container-launched',
      containerId: launch.containerId,
      executorPid: process.executorPid,
    });
    if (script.runMs === undefined) return;
    this.#after(process, script.runMs, () =>
      this.#end(
        process,
        script.signal === undefined ? { exitCode: script.exitCode ?? 0 } : { signal: script.signal },
      ),
    );
  }

  #signal(containerId: string, signal: 'SIGTERM' | 'SIGKILL'): void {
    const process = this.#processes.get(containerId);
    if (process === undefined) return;
    const { termMs, termExitCode } = process.script;
    if (signal === 'SIGKILL') {
      this.#after(process, 1, () => this.#end(process, { signal }));
    } else if (termMs !== undefined) {
      this.#after(process, termMs, () =>
        this.#end(process, termExitCode === undefined ? { signal } : { exitCode: termExitCode }),
      );
    }
  }

  #end(process: Process, how: { readonly exitCode: number } | { readonly signal: string }): void {
    const { containerId } = process.launch;
    this.#processes.delete(containerId);
    this.#tell({ type: 'container-exited', containerId, ...how });
  }

  #probe({ containerId, probe, check }: Extract<AgentEffect, { type: 'probe-container' }>): void {
    const process = this.#processes.get(containerId);
    if (process === undefined) return;
    const count = ++process.probes[check.purpose];
    const find = process.script.probe ?? ((spec: ProbeSpec) => healthy(spec));
    this.#after(process, 1, () =>
      this.#tell({ type: 'probe-result', containerId, probe, result: find(check, count) }),
    );
  }

  /** Nothing happens to a process that is gone. */
  #after(process: Process, delayMs: number, run: () => void): void {
    this.#world.queue.after(delayMs, () => {
      if (this.#processes.get(process.launch.containerId) === process) run();
    });
  }
}

interface Process {
  readonly launch: ContainerLaunch;
  readonly script: TaskScript;
  readonly executorPid: number;
  readonly probes: { health: number; check: number };
}
