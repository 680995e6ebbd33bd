import type { Static } from 'typebox';

import type { RuntimesManifest } from '@vibrissa/protocol';
import type { Constraint } from '@vibrissa/mesos';

import type { mesosSettings } from '../../config/mesos-settings.ts';

/** The settings of group `mesos`. */
export type MesosSettings = Static<typeof mesosSettings>;

/** Quotas of a command task's sandbox. */
export interface SandboxSizes {
  readonly tmpMb: number;
  readonly actionDirMb: number;
  readonly sharedMemoryMb: number;
}

/** What the factory needs of the configuration. */
export interface MesosConfig {
  /** The invoker whose containers these are. */
  readonly invoker: number;
  /** Of this start of the platform: a label of the tasks that it launches, for people. */
  readonly epoch?: number;
  readonly settings: MesosSettings;
  /** `mesos.constraints`, parsed. */
  readonly constraints: readonly Constraint[];
  /** `mesos.blackboxConstraints`, parsed. */
  readonly blackboxConstraints: readonly Constraint[];
  readonly sandbox: SandboxSizes;
  /** Where image tasks find the image of a managed kind. */
  readonly manifest: RuntimesManifest;
  /** Kinds that a command task can run (`blackbox`: the native runtime). */
  readonly commandKinds: ReadonlySet<string>;
  /** Certificates (PEM) that the platform's API is trusted by; absent: those that Node knows. */
  readonly apiCa?: string;
}
