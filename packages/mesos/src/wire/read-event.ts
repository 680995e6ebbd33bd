import type { MesosEvent } from './events.ts';
import { expectString, FieldReader, MalformedEvent } from './read-event-fields.ts';
import { readInverseOffer, readOffer } from './read-event-offers.ts';
import { readOperationStatus, readTaskStatus } from './read-event-status.ts';

export { MalformedEvent };

/** What an error quotes of a record that is no JSON. */
const QUOTED_CHARACTERS = 40;

/**
 * Reads one record of a subscription's stream. Everything that {@link MesosEvent} promises has been checked; what it
 * doesn't name stays as it came.
 *
 * Undefined: an event of a type, or a task state, that is newer than this client. Such an update is never
 * acknowledged, so that Mesos keeps it. Throws {@link MalformedEvent}.
 */
export function readEvent(text: string): MesosEvent | undefined {
  const event = new FieldReader(parse(text), 'An event');
  return isKnown(event) ? (event.fields as unknown as MesosEvent) : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const begin = JSON.stringify(text.slice(0, QUOTED_CHARACTERS));
    throw new MalformedEvent(`A record of ${text.length} characters that begins with ${begin} is no JSON`, {
      cause: error,
    });
  }
}

function isKnown(event: FieldReader): boolean {
  const type = event.string('type');
  switch (type) {
    case 'HEARTBEAT':
      return true;
    case 'SUBSCRIBED':
      readSubscribed(event.object('subscribed', 'SUBSCRIBED'));
      return true;
    case 'OFFERS':
      event.object('offers', 'OFFERS').list('offers', readOffer);
      return true;
    case 'RESCIND':
      event.object('rescind', 'RESCIND').id('offer_id');
      return true;
    case 'UPDATE':
      return readTaskStatus(event.object('update', 'UPDATE').fields['status']);
    case 'UPDATE_OPERATION_STATUS':
      readOperationStatus(event.object('update_operation_status', type).fields['status']);
      return true;
    default:
      return isRare(event, type);
  }
}

function isRare(event: FieldReader, type: string): boolean {
  switch (type) {
    case 'INVERSE_OFFERS':
      event.object('inverse_offers', type).list('inverse_offers', readInverseOffer);
      return true;
    case 'RESCIND_INVERSE_OFFER':
      event.object('rescind_inverse_offer', type).id('inverse_offer_id');
      return true;
    case 'MESSAGE':
      readMessage(event.object('message', type));
      return true;
    case 'FAILURE':
      readFailure(event.object('failure', type));
      return true;
    case 'ERROR':
      event.object('error', type).string('message');
      return true;
    default:
      return false;
  }
}

function readSubscribed(subscribed: FieldReader): void {
  subscribed.id('framework_id');
  subscribed.optionalNumbers('heartbeat_interval_seconds');
  if (!subscribed.has('master_info')) return;
  const master = subscribed.object('master_info', 'a master info');
  master.string('id');
  master.optionalStrings('version', 'hostname', 'pid');
  master.optionalNumbers('port');
  if (master.has('address')) {
    const address = master.object('address', 'an address');
    address.optionalStrings('hostname', 'ip');
    address.number('port');
  }
  if (master.has('capabilities')) {
    master.list('capabilities', (value) =>
      expectString(new FieldReader(value, 'a capability').fields['type'], 'type'),
    );
  }
}

function readMessage(message: FieldReader): void {
  message.id('agent_id');
  message.id('executor_id');
  message.string('data');
}

function readFailure(failure: FieldReader): void {
  failure.optionalIds('agent_id', 'executor_id');
  failure.optionalNumbers('status');
}
