import type { MesosEvent, WireOperationStatus } from '../../wire/index.ts';
import type { CoreParts } from './core-parts.ts';
import { onInverseOffers, onOffers, onRescind } from './on-offers.ts';
import { onUpdate } from './on-update.ts';

/** An event of the subscription's stream; SUBSCRIBED, HEARTBEAT and ERROR are the session's alone. */
export function onEvent(core: CoreParts, event: MesosEvent): void {
  switch (event.type) {
    case 'OFFERS':
      return onOffers(core, event.offers.offers);
    case 'RESCIND':
      return onRescind(core, event.rescind.offer_id.value);
    case 'UPDATE':
      return onUpdate(core, event.update.status);
    case 'UPDATE_OPERATION_STATUS':
      acknowledgeOperation(core, event.update_operation_status.status);
      return core.outbox.notice({ kind: 'event', event });
    case 'INVERSE_OFFERS':
      onInverseOffers(core, event.inverse_offers.inverse_offers);
      return core.outbox.notice({ kind: 'event', event });
    // The end of an executor is told by its tasks' updates, the loss of an agent by those of all of its tasks.
    case 'FAILURE':
    case 'MESSAGE':
    case 'RESCIND_INVERSE_OFFER':
      return core.outbox.notice({ kind: 'event', event });
    case 'SUBSCRIBED':
    case 'HEARTBEAT':
    case 'ERROR':
  }
}

/** Unlike a task's, an operation's uuid is an object; its acknowledgement wants the string. */
function acknowledgeOperation(core: CoreParts, status: WireOperationStatus): void {
  const { uuid, operation_id, agent_id, resource_provider_id } = status;
  if (uuid === undefined || operation_id === undefined) return;
  core.outbox.send({
    type: 'ACKNOWLEDGE_OPERATION_STATUS',
    acknowledge_operation_status: {
      ...(agent_id ? { agent_id } : {}),
      ...(resource_provider_id ? { resource_provider_id } : {}),
      uuid: uuid.value,
      operation_id,
    },
  });
}
