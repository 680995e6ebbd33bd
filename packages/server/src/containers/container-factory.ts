/**
 * Makes containers, with one technology: local sandboxes, Docker, Mesos, Kubernetes. Nothing above this port knows
 * which one it is.
 *
 *     const container = await factory.create({ name: 'wsk0_1_guest_hello', kind: 'nodejs:20', memoryMb: 256, … });
 */
import type { Container, ContainerMemo } from './container.ts';

export interface ContainerSpec {
  /** `wsk<invoker>_<counter>_<namespace or prewarm>_<action or kind>`, letters, digits and `_` only. */
  readonly name: string;
  /** Runtime kind (`nodejs:20`), or `blackbox`. */
  readonly kind: string;
  /** Image of a blackbox action. */
  readonly image?: string;
  readonly memoryMb: number;
  /** Relative weight: max(2, floor(1024 / floor(userMemory / memory))). */
  readonly cpuShares: number;
  /** Added to the environment of the runtime process; the names begin with `__OW_`. */
  readonly env: { readonly [name: string]: string };
}

/** What a factory may tell while it makes a container. */
export interface StartHooks {
  /**
   * Nothing that the cluster offers now fits the container: it waits. Whoever asked for it may then destroy containers of
   * its own, as much memory as the new one has at each call. To be called again, every few seconds, while that is so: what
   * was freed may lie on several machines, or have gone to somebody else. Never called where the room is nobody else's.
   */
  readonly onNoRoom?: () => void;
}

/** What a factory offers; the invoker reads it once at start. */
export interface ContainerFactory {
  /** `sandbox`, `docker`, … */
  readonly technology: string;
  /**
   * Is the container's runtime one of OpenWhisk's own images, which end an activation's logs with the bare sentinel line?
   * Absent: all are ours, and take the token of `X-Vibrissa-Sentinel`.
   */
  hasPlainSentinels?(container: Pick<ContainerSpec, 'kind' | 'image'>): boolean;
  /** Can it run this kind or image? A reason (a sentence for the user) when not. */
  supports(
    kind: string,
    image: string | undefined,
  ): { readonly ok: true } | { readonly ok: false; readonly reason: string };
  /**
   * Starts a container and resolves when its address takes connections (its runtime may still be booting).
   * Throws {@link ContainerStartError}. On abort: nothing is left behind.
   */
  create(spec: ContainerSpec, signal?: AbortSignal, hooks?: StartHooks): Promise<Container>;
  /** Removes what an earlier life of this invoker left. Resolves with how many things that were. */
  removeLeftovers(): Promise<number>;
  /**
   * Present where containers outlive this process: those of an earlier life that run, are proven idle, and can go on to
   * be used. Called once, before `removeLeftovers`, which then ends all others. What the pool does not want of them it
   * destroys.
   */
  recover?(): Promise<readonly RecoveredContainer[]>;
  /** Destroys its containers (where they outlive this process: leaves them) and stops its helpers. */
  close(): Promise<void>;
}

/** A container of an earlier life. */
export interface RecoveredContainer {
  readonly container: Container;
  readonly spec: ContainerSpec;
  /** Absent: it has no action yet. */
  readonly memo?: ContainerMemo;
}

/** A container could not be started. `fault` decides whose error the activation is. */
export class ContainerStartError extends Error {
  override readonly name = 'ContainerStartError';
  /** `platform`: whisk error, `Failed to provision resources …`; `developer`: the message goes to the user. */
  readonly fault: 'platform' | 'developer';
  /** With fault `platform`: a sentence that the activation's error may show beside OpenWhisk's. */
  readonly told: string | undefined;

  constructor(
    fault: 'platform' | 'developer',
    message: string,
    options: ErrorOptions & { readonly told?: string } = {},
  ) {
    super(message, options);
    this.fault = fault;
    this.told = options.told;
  }
}
