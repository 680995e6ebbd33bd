import { closeSync } from 'node:fs';
import type { Clock } from '../../base/clock.ts';
import type {
  Container,
  ContainerAddress,
  ContainerExit,
  ContainerLogs,
  ContainerNeeds,
} from '../container.ts';
import { writeIfPresent } from './cgroup-files.ts';
import type { CgroupFreezer } from './cgroup-plan.ts';
import type { FifoPair } from './fifo-stock.ts';
import { SandboxLogs } from './sandbox-logs.ts';
import type { SandboxExit } from './spawner-client.ts';

/** What a sandbox asks of its factory. */
export interface SandboxHost {
  readonly clock: Clock;
  kill(id: string): void;
  attachNetwork(id: string): Promise<void>;
}

export interface SandboxOptions {
  readonly id: string;
  readonly socketPath: string;
  readonly fifos: FifoPair;
  readonly freezer?: CgroupFreezer;
  readonly host: SandboxHost;
}

/** How long the last output may take to be read after the last process has ended. */
const DRAIN_MS = 500;

/** The kernel's kill for want of memory reaches a process as SIGKILL; a shell's convention makes that 137. */
function exitOf({ code, signal, oomKills }: SandboxExit): ContainerExit {
  const killed = signal === 'SIGKILL' || code === 137;
  return {
    outOfMemory: oomKills > 0 && killed,
    ...(code === null ? {} : { exitCode: code }),
    ...(signal === null ? {} : { signal }),
  };
}

/** One sandbox, as the platform sees it. The factory tells it what its spawner reports. */
export class SandboxContainer implements Container {
  readonly id: string;
  readonly address: ContainerAddress;
  readonly died: Promise<ContainerExit>;
  /** Absent where no freezer can be had. */
  readonly suspend?: () => Promise<void>;
  readonly resume?: () => Promise<void>;
  readonly #options: SandboxOptions;
  readonly #gone: Promise<void>;
  #logs: SandboxLogs | undefined;
  #settleDied: (exit: ContainerExit) => void = () => {};
  #settleGone: () => void = () => {};
  #hasExited = false;
  #network: Promise<void> | undefined;

  constructor(options: SandboxOptions) {
    this.#options = options;
    this.id = options.id;
    this.address = { socketPath: options.socketPath };
    this.died = new Promise((resolve) => (this.#settleDied = resolve));
    this.#gone = new Promise((resolve) => (this.#settleGone = resolve));
    const { freezer } = options;
    if (freezer !== undefined) {
      this.suspend = () => this.#setFrozen(freezer, freezer.freeze);
      this.resume = () => this.#setFrozen(freezer, freezer.thaw);
    }
  }

  get logs(): ContainerLogs {
    if (this.#logs === undefined) throw new Error('the sandbox was never started');
    return this.#logs;
  }

  /** The network path, when the action asks for it; once for all. */
  async specialise(needs: ContainerNeeds): Promise<void> {
    if (!needs.internet) return;
    this.#network ??= this.#options.host.attachNetwork(this.id);
    await this.#network;
  }

  async destroy(): Promise<void> {
    if (!this.#hasExited) this.#options.host.kill(this.id);
    await this.#gone;
  }

  /** Its processes run and hold the other ends of the FIFOs. */
  started(): void {
    this.#logs = new SandboxLogs(this.#options.fifos);
  }

  /** It could not be started. */
  failed(): void {
    closeSync(this.#options.fifos.stdoutFd);
    closeSync(this.#options.fifos.stderrFd);
    this.#settleDied({ outOfMemory: false });
    this.gone();
  }

  /** Its processes have ended; their last words may still be in the pipes. */
  exited(exit: SandboxExit): void {
    if (this.#hasExited) return;
    this.#hasExited = true;
    void this.#bury(exitOf(exit));
  }

  /** Nothing of it is left on the machine. */
  gone(): void {
    this.#hasExited = true;
    this.#settleGone();
  }

  async #bury(exit: ContainerExit): Promise<void> {
    const drained = new AbortController();
    const late = this.#options.host.clock.after(DRAIN_MS, () => drained.abort());
    const aborted = new Promise((resolve) => drained.signal.addEventListener('abort', resolve));
    await Promise.race([this.#logs?.ended, aborted]);
    late.cancel();
    this.#logs?.close();
    this.#settleDied(exit);
  }

  /** A write to cgroupfs takes microseconds and no disk: doing it here beats a thread's round trip. */
  async #setFrozen(freezer: CgroupFreezer, value: string): Promise<void> {
    if (!this.#hasExited) writeIfPresent(freezer.file, value);
  }
}
