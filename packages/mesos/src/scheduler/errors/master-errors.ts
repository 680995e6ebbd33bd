import { MesosError } from './mesos-error.ts';
import { clause, sentence } from './wording.ts';

/** No master could be subscribed to within the deadline of `subscribe`; attempts go on until `close`. */
export class NoMasterError extends MesosError {
  override readonly name = 'NoMasterError';
  readonly code = 'NO_MASTER';
  /** Why the last attempt failed. */
  readonly reason: string;

  constructor(withinMs: number, reason: string) {
    super(
      `There was no subscription within ${withinMs} ms: ${sentence(reason)} Check the option masters and the network; attempts go on until close().`,
    );
    this.reason = reason;
  }
}

/** What answers at the address is not the scheduler API of a Mesos master. */
export class NotAMesosMasterError extends MesosError {
  override readonly name = 'NotAMesosMasterError';
  readonly code = 'NOT_A_MESOS_MASTER';
  readonly reason: string;

  constructor(reason: string) {
    super(
      `What answers is no Mesos master (${clause(reason)}). Give the address of a master, usually port 5050, without a path; not that of an agent, a proxy's page or another service.`,
    );
    this.reason = reason;
  }
}
