import type { ActionEntity, EntityName, Parameter } from '@vibrissa/protocol';
import type { Stored } from '../../store/artifact-store.ts';

/** An action with what its package adds to it. */
export interface ResolvedAction {
  /** Where the action really is: with the provider, when it was asked for through a binding. */
  readonly name: EntityName;
  readonly action: Stored<ActionEntity>;
  /** Bound parameters of its package; a binding's lie over the provider's. */
  readonly packageParameters: readonly Parameter[];
  /** Versions of package and binding, when one of those parameters goes into the environment of a container. */
  readonly environment?: string;
  /** `ns/bindingname`, when it was asked for through one. */
  readonly binding?: string;
}
