import type { WireOperationStatus } from '@vibrissa/mesos/wire';
import type { Framework } from '../state/entities.ts';
import type { MasterState } from '../state/master-state.ts';

export function tellOperation(master: MasterState, framework: Framework, status: WireOperationStatus): void {
  master.tell(framework, { type: 'UPDATE_OPERATION_STATUS', update_operation_status: { status } });
}
