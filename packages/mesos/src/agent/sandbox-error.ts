/**
 * Why a sandbox could not be read.
 *
 * - `not-found`: the agent knows no such file. The task has not written it, the framework or executor id is another
 *   one, or the agent has collected the sandbox (a week after the task's end, earlier when its disk is full).
 * - `unreachable`: no connection to the agent, or it broke and stayed so.
 * - `denied`: the agent wants credentials, or its ACLs don't let this principal read sandboxes.
 * - `refused`: another status than success.
 * - `garbage`: what answers is no Mesos agent.
 */
export type SandboxErrorCode = 'not-found' | 'unreachable' | 'denied' | 'refused' | 'garbage';

/** Thrown while a file of a sandbox is read; `code` says why. */
export class SandboxError extends Error {
  override readonly name = 'SandboxError';
  readonly code: SandboxErrorCode;

  constructor(code: SandboxErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
