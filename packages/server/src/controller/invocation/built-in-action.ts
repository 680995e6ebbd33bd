import type { Identity, JsonObject } from '@vibrissa/protocol';

/** The namespace of what the platform brings along. */
export const SYSTEM_NAMESPACE = 'whisk.system';

/** The image that documents show for an action that is part of the platform itself. */
export const BUILT_IN_IMAGE = 'vibrissa/built-in';

/** One invocation of a built-in action. */
export interface BuiltInCall {
  /** Who invokes it; for a web action the system's namespace, and the caller is in `__ow_user`. */
  readonly identity: Identity;
  /** The effective arguments. */
  readonly params: JsonObject;
}

/** An action of the platform's own packages that runs in the controller, because it works on the platform itself. */
export interface BuiltInAction {
  /** `whisk.system/alarms/alarm` */
  readonly name: string;
  /** The result; a member `error` makes it an application error. What it throws becomes a whisk internal error. */
  run(call: BuiltInCall): Promise<JsonObject>;
}
