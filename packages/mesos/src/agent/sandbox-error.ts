import { MesosError } from '../scheduler/errors/mesos-error.ts';

/**
 * Why a sandbox could not be read.
 *
 * - `SANDBOX_NOT_FOUND`: the agent knows no such file. The task has not written it, the framework or executor id is another
 *   one, or the agent has collected the sandbox (a week after the task's end, earlier when its disk is full).
 * - `SANDBOX_UNREACHABLE`: no connection to the agent, or it broke and stayed so.
 * - `SANDBOX_DENIED`: the agent wants credentials, or its ACLs don't let this principal read sandboxes.
 * - `SANDBOX_REFUSED`: another status than success.
 * - `SANDBOX_GARBAGE`: what answers is no Mesos agent.
 */
export type SandboxErrorCode =
  'SANDBOX_NOT_FOUND' | 'SANDBOX_UNREACHABLE' | 'SANDBOX_DENIED' | 'SANDBOX_REFUSED' | 'SANDBOX_GARBAGE';

/** Thrown while a file of a sandbox is read; `code` says why. */
export class SandboxError extends MesosError {
  override readonly name = 'SandboxError';
  readonly code: SandboxErrorCode;

  constructor(code: SandboxErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
