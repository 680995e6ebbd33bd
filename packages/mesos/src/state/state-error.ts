import { MesosError } from '../scheduler/errors/mesos-error.ts';

/**
 * What went wrong with the stored state.
 *
 * - `STATE_IN_USE`: another process has the directory open.
 * - `STATE_FORMAT`: a newer version of this package wrote it.
 * - `STATE_CORRUPT`: what stands there was damaged after it had been written.
 * - `STATE_UNUSABLE`: the disk refused to read, write or keep something.
 * - `STATE_CLOSED`: it was used after `close()`.
 */
export type StateErrorCode =
  'STATE_IN_USE' | 'STATE_FORMAT' | 'STATE_CORRUPT' | 'STATE_UNUSABLE' | 'STATE_CLOSED';

/** Thrown by the adapters of `FrameworkState`. */
export class FrameworkStateError extends MesosError {
  override readonly name = 'FrameworkStateError';
  readonly code: StateErrorCode;

  constructor(code: StateErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
