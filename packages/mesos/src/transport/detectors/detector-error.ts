import { MesosError } from '../../scheduler/errors/mesos-error.ts';

/** No master was found now; another try may find one. The message says where none was. */
export class NoMasters extends MesosError {
  override readonly name = 'NoMasters';
  readonly code = 'NO_MASTERS';
}

/** The `masters` option can't be understood or served; no retry will help. The message says how to mend it. */
export class InvalidMasters extends MesosError {
  override readonly name = 'InvalidMasters';
  readonly code = 'INVALID_MASTERS';
}
