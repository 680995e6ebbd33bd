import type { RunningTask, TaskHandle, WireTaskStatus } from '@vibrissa/mesos';

import type { Container, ContainerAddress, ContainerExit, ContainerMemo } from '../container.ts';
import type { ContainerMemos } from './container-memos.ts';
import { endTask, type EndingDeps } from './end-task.ts';
import { exitOf, unreachableText } from './exit-of.ts';
import type { MesosLogs } from './mesos-logs.ts';

export interface MesosContainerParts {
  readonly handle: TaskHandle;
  readonly task: RunningTask;
  readonly address: ContainerAddress;
  readonly logs: MesosLogs;
  readonly ending: EndingDeps;
  /** Present where a later life may prove the container idle: then it is worth remembering. */
  readonly memos?: ContainerMemos;
  /** Called once, when it has ended or nobody can reach it. */
  readonly onGone: () => void;
  /** Called when its end did not come in time. */
  readonly onOverdue: () => void;
}

/** A task that runs a container. */
export class MesosContainer implements Container {
  readonly id: string;
  readonly address: ContainerAddress;
  readonly logs: MesosLogs;
  readonly died: Promise<ContainerExit>;
  readonly remember?: (memo: ContainerMemo) => Promise<void>;
  readonly #parts: MesosContainerParts;
  #settle: (exit: ContainerExit) => void = () => {};
  #hasDied = false;
  #destroying: Promise<void> | undefined;

  constructor(parts: MesosContainerParts) {
    const { address, handle, logs, memos } = parts;
    this.#parts = parts;
    this.id = handle.id;
    this.address = address;
    this.logs = logs;
    this.died = new Promise((resolve) => (this.#settle = resolve));
    if (memos) this.remember = (memo) => memos.write(handle.id, memo);
    handle.ended.then(
      (status) => this.#die(this.#exitOf(status)),
      (error: unknown) => this.#onUnheard(error),
    );
  }

  /** Hostname. */
  get agent(): string {
    const { agent } = this.#parts.task;
    return agent?.hostname ?? agent?.id ?? 'an unknown agent';
  }

  /** Its agent is cut off: the container may go on there, but not for us. It is killed when it turns up again. */
  becameUnreachable(): void {
    this.#die({ outOfMemory: false, lost: unreachableText(this.agent) });
    void this.destroy();
  }

  destroy(): Promise<void> {
    return (this.#destroying ??= this.#destroy());
  }

  async #destroy(): Promise<void> {
    const { ending, handle, onOverdue } = this.#parts;
    if (!(await endTask(handle, ending))) onOverdue();
    this.#die({ outOfMemory: false });
  }

  #exitOf(status: WireTaskStatus): ContainerExit {
    const isWanted = this.#destroying !== undefined;
    if (status.state === 'TASK_UNREACHABLE' && !isWanted)
      return { outOfMemory: false, lost: unreachableText(this.agent) };
    return exitOf(status, { agent: this.agent, isWanted });
  }

  /** The scheduler will hear no more of it: it was closed, and the task goes on, or the framework was removed. */
  #onUnheard(error: unknown): void {
    const goesOn = error instanceof Error && 'code' in error && error.code === 'CLOSED';
    if (goesOn && !('how' in error && error.how === 'torn-down')) return;
    const why = error instanceof Error ? error.message : String(error);
    this.#die({ outOfMemory: false, lost: why });
  }

  #die(exit: ContainerExit): void {
    if (this.#hasDied) return;
    this.#hasDied = true;
    this.#settle(exit);
    this.#parts.onGone();
  }
}
