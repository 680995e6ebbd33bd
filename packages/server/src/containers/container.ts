/**
 * A container: something that runs one action's code behind `/init` and `/run`.
 *
 * It has an *address* (the invoker speaks HTTP to it), *logs* (bytes of its stdout and stderr, in order for each
 * stream), and a life: it can be *suspended* and *resumed*, and it *dies*, wanted or not.
 *
 *     const container = await factory.create(spec);
 *     container.logs.listen((stream, bytes) => …);
 *     const exit = await container.died;                   // settles once, however it came
 */
export type ContainerAddress =
  | { readonly socketPath: string }
  | {
      readonly host: string;
      readonly port: number;
      /** What its runtime has to be shown with each request, where others can connect too (`X-Vibrissa-Token`). */
      readonly token?: string;
      /** On each new connection it first proves that it knows the token: nothing is sent to who can't (`POST /prove`). */
      readonly proves?: boolean;
    };

export type LogStreamName = 'stdout' | 'stderr';

/** Takes bytes as they come, cut anywhere; the buffer is the listener's to keep. */
export type LogListener = (stream: LogStreamName, bytes: Buffer) => void;

export interface ContainerLogs {
  /**
   * What the container wrote before it answered has been given to the listener one turn of the event loop after the
   * answer, always: pipes that this process reads itself. No sentinel is needed then, and none can be forged.
   */
  readonly inOrder?: boolean;
  /**
   * Lines begin with 0x1e, nineteen digits (epoch nanoseconds) and a space where its runtime wrote them for the action;
   * lines of child processes and sentinels don't.
   */
  readonly stamped?: boolean;
  /** A sentence for the user that takes the place of lines that `catchUp` could not read. */
  readonly unreadable?: string;
  /** Replaces the listener. What came before the first listener was set is kept (up to 1 MiB) and given to it. */
  listen(listener: LogListener): void;
  /**
   * Present where the logs lie in files elsewhere: fetches what had been written when it was called, and has given it to
   * the listener when it resolves, but no more than some 16 MiB of each stream: the next call goes on there. Calls that
   * come together share a fetch. It still works after the container's end. Rejects with the reason when the files can't be
   * read, and when lines are known to be lost; a line at their place says so, too. Who began the fetch may abort it: then it
   * resolves at once, and the next call goes on where it was.
   */
  catchUp?(signal?: AbortSignal): Promise<void>;
}

export interface ContainerExit {
  /** The kernel or the engine ended it for want of memory. */
  readonly outOfMemory: boolean;
  readonly exitCode?: number;
  readonly signal?: string;
  /** Not its code but the cluster ended it (agent lost, drained, killed by an operator): a sentence that says so. */
  readonly lost?: string;
}

/** What a container has become, in the pool's terms. JSON. */
export interface ContainerMemo {
  /** Action definition and namespace that own it. */
  readonly key: string;
  /** `ns[/pkg]/name`, for people. */
  readonly action: string;
  /** Activations that it may run at a time. */
  readonly capacity: number;
}

export interface Container {
  /** Unique among the factory's; readable. */
  readonly id: string;
  readonly address: ContainerAddress;
  readonly logs: ContainerLogs;
  /** Settles when the container has ended, by itself or by `destroy`. Never rejects. */
  readonly died: Promise<ContainerExit>;
  /** Freezes its processes. Absent where the technology can't. Idempotent. */
  suspend?(): Promise<void>;
  /** Thaws them. Absent where the technology can't. Idempotent. */
  resume?(): Promise<void>;
  /** Gives the container what the action that it is about to run needs beyond the spec (network). Optional. */
  specialise?(needs: ContainerNeeds): Promise<void>;
  /**
   * Keeps what the container becomes, before its `/init`; resolves when that is durable. Present where a later life of
   * this invoker may find it again (`ContainerFactory.recover`).
   */
  remember?(memo: ContainerMemo): Promise<void>;
  /** Ends it and removes all it had. Idempotent; resolves when nothing of it is left. Never rejects. */
  destroy(): Promise<void>;
}

/** What an action asks of its container through annotations. */
export interface ContainerNeeds {
  /** Outgoing connections to the internet through the filtered path. */
  readonly internet: boolean;
}
