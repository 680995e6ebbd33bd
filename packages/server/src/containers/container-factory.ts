/**
 * Makes containers, with one technology: local sandboxes, Docker, Mesos, Kubernetes. Nothing above this port knows
 * which one it is.
 *
 *     const container = await factory.create({ name: 'wsk0_1_guest_hello', kind: 'nodejs:20', memoryMb: 256, … });
 */
import type { Container } from './container.ts';

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
  /** Added to the environment of the runtime process. */
  readonly env: { readonly [name: string]: string };
}

/** What a factory offers; the invoker reads it once at start. */
export interface ContainerFactory {
  /** `sandbox`, `docker`, … */
  readonly technology: string;
  /**
   * True where its runtimes are OpenWhisk's own images, which end an activation's logs with the bare sentinel line.
   * Absent: they are ours, and take the token of `X-Vibrissa-Sentinel`.
   */
  readonly plainSentinels?: boolean;
  /** Can it run this kind or image? A reason (a sentence for the user) when not. */
  supports(
    kind: string,
    image: string | undefined,
  ): { readonly ok: true } | { readonly ok: false; readonly reason: string };
  /**
   * Starts a container and resolves when its address takes connections (its runtime may still be booting).
   * Throws {@link ContainerStartError}. On abort: nothing is left behind.
   */
  create(spec: ContainerSpec, signal?: AbortSignal): Promise<Container>;
  /** Removes what an earlier life of this invoker left. Resolves with how many things that were. */
  removeLeftovers(): Promise<number>;
  /** Destroys all its containers and stops its helpers. */
  close(): Promise<void>;
}

/** A container could not be started. `fault` decides whose error the activation is. */
export class ContainerStartError extends Error {
  override readonly name = 'ContainerStartError';
  /** `platform`: whisk error, `Failed to provision resources …`; `developer`: the message goes to the user. */
  readonly fault: 'platform' | 'developer';

  constructor(fault: 'platform' | 'developer', message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}
