import type { AgentEffect, ContainerLaunch, ProbeResult, ProbeSpec } from '../agent/messages.ts';
import type { Clock } from '../base/clock.ts';
import { LaunchRefused, type Container, type ContainerFact } from './container.ts';
import { DockerContainer } from './docker-container.ts';
import { DockerEngine } from './docker-engine.ts';
import { ProcessContainer, type ContainerSetting } from './process-container.ts';
import type { ProcessGuard } from './process-guard.ts';
import { sandboxOf, type Sandbox } from './sandbox.ts';
import type { AgentPlace } from './task-environment.ts';

export interface ContainersOptions {
  /** Of this agent alone, absolute. */
  readonly workDirectory: string;
  readonly place: () => AgentPlace;
  readonly images: ReadonlyMap<string, string>;
  /** The socket of a Docker Engine. */
  readonly dockerSocket: string;
  readonly guard: ProcessGuard;
  /** The machine's own. */
  readonly clock: Clock;
  /** Told in order; not after {@link Containers.close}. */
  readonly tell: (fact: ContainerFact) => void;
}

interface Entry {
  readonly launch: ContainerLaunch;
  cancelled: boolean;
  container?: Container;
}

/**
 * The processes of an agent's tasks. They outlive the agent's own process, as they do on a real machine, until they are
 * asked to end; the sandboxes stay.
 */
export class Containers {
  readonly #options: ContainersOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #docker: DockerEngine;

  constructor(options: ContainersOptions) {
    this.#options = options;
    this.#docker = new DockerEngine(options.dockerSocket);
  }

  /** Those whose process has not ended. */
  running(): string[] {
    return [...this.#entries.keys()];
  }

  launch(launch: ContainerLaunch): Sandbox {
    const sandbox = sandboxOf(this.#options.workDirectory, launch);
    const entry: Entry = { launch, cancelled: false };
    this.#entries.set(launch.containerId, entry);
    void this.#start(entry, sandbox);
    return sandbox;
  }

  signal({ containerId, signal }: Extract<AgentEffect, { type: 'signal-container' }>): void {
    const entry = this.#entries.get(containerId);
    if (!entry) return;
    if (entry.container) return entry.container.signal(signal);
    entry.cancelled = true;
    this.#entries.delete(containerId);
  }

  async probe(containerId: string, check: ProbeSpec, timeoutMs: number): Promise<ProbeResult> {
    const container = this.#entries.get(containerId)?.container;
    return container ? container.probe(check, timeoutMs) : { error: 'the container has ended' };
  }

  /** The agent's process has died: what was not to outlive it dies too. */
  agentDied(): void {
    for (const [containerId, { launch }] of this.#entries) {
      if (!launch.checkpoint) this.signal({ type: 'signal-container', containerId, signal: 'SIGKILL' });
    }
  }

  /** Kills all, and tells nothing any more. */
  close(): void {
    for (const containerId of this.#entries.keys())
      this.signal({ type: 'signal-container', containerId, signal: 'SIGKILL' });
  }

  async #start(entry: Entry, sandbox: Sandbox): Promise<void> {
    const { containerId } = entry.launch;
    try {
      await this.#create(this.#settingOf(entry, sandbox));
    } catch (error) {
      if (entry.cancelled) return;
      const refused = error instanceof LaunchRefused ? error : undefined;
      const why = error instanceof Error ? error.message : String(error);
      this.#tell(entry, {
        type: 'container-failed',
        containerId,
        message: refused ? why : `Failed to launch container: ${why}`,
        ...(refused?.dropped ? { dropped: true } : {}),
      });
    }
  }

  #create(setting: ContainerSetting): Promise<void> {
    return setting.launch.kind === 'docker'
      ? DockerContainer.launch(this.#docker, setting)
      : ProcessContainer.launch(setting);
  }

  #settingOf(entry: Entry, sandbox: Sandbox): ContainerSetting {
    const { images, guard, clock, place } = this.#options;
    return {
      launch: entry.launch,
      sandbox,
      agent: place(),
      images,
      guard,
      clock,
      tell: (fact) => this.#tell(entry, fact),
      isCancelled: () => entry.cancelled,
      started: (container) => {
        entry.container = container;
        if (entry.cancelled) container.signal('SIGKILL');
      },
    };
  }

  #tell(entry: Entry, fact: ContainerFact): void {
    const ended = fact.type === 'container-exited' || fact.type === 'container-failed';
    if (ended) this.#entries.delete(entry.launch.containerId);
    // Who killed it while it was being prepared hears nothing of it.
    if (!entry.cancelled) this.#options.tell(fact);
  }
}
