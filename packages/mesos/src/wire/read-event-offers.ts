import { expectString, FieldReader } from './read-event-fields.ts';

/** Checks an offer, in place. */
export function readOffer(value: unknown): void {
  const offer = new FieldReader(value, 'an offer');
  for (const key of ['id', 'framework_id', 'agent_id']) offer.id(key);
  offer.string('hostname');
  offer.filteredList('resources', readResource);
  if (offer.has('attributes')) offer.filteredList('attributes', readAttribute);
  if (offer.has('executor_ids')) offer.list('executor_ids', readId);
  if (offer.has('url')) readUrl(offer);
  if (offer.has('domain')) readDomain(offer);
  if (offer.has('unavailability')) readUnavailability(offer);
  readAllocation(offer);
}

/** Checks an inverse offer, in place. */
export function readInverseOffer(value: unknown): void {
  const offer = new FieldReader(value, 'an inverse offer');
  for (const key of ['id', 'framework_id']) offer.id(key);
  offer.optionalIds('agent_id');
  if (offer.has('url')) readUrl(offer);
  readUnavailability(offer);
  if (offer.has('resources')) offer.filteredList('resources', readResource);
}

/** Checks a resource, in place. False: its type is one that this client doesn't know, and could only misread. */
export function readResource(value: unknown): boolean {
  const resource = new FieldReader(value, 'a resource');
  resource.string('name');
  if (resource.fields['type'] === 'TEXT' || !readValue(resource)) return false;
  readAllocation(resource);
  resource.optionalStrings('role');
  resource.optionalIds('provider_id');
  if (resource.has('reservations')) resource.list('reservations', readReservation);
  return true;
}

/** Checks labels, which stand in many places. */
export function readLabels(holder: FieldReader): void {
  if (!holder.has('labels')) return;
  holder.object('labels', 'labels').list('labels', (value) => {
    const label = new FieldReader(value, 'a label');
    label.string('key');
    label.optionalStrings('value');
  });
}

function readAttribute(value: unknown): boolean {
  const attribute = new FieldReader(value, 'an attribute');
  attribute.string('name');
  return readValue(attribute);
}

/** What protobuf calls a Value: resources and attributes are such. */
function readValue(holder: FieldReader): boolean {
  switch (holder.string('type')) {
    case 'SCALAR':
      holder.object('scalar', 'a scalar').number('value');
      return true;
    case 'TEXT':
      holder.object('text', 'a text').string('value');
      return true;
    case 'RANGES':
      holder.object('ranges', 'ranges').list('range', (value) => {
        const range = new FieldReader(value, 'a range');
        range.number('begin');
        range.number('end');
      });
      return true;
    case 'SET':
      holder.object('set', 'a set').list('item', (item) => expectString(item, 'an item of a set'));
      return true;
    default:
      return false;
  }
}

function readReservation(value: unknown): void {
  const reservation = new FieldReader(value, 'a reservation');
  reservation.optionalStrings('type', 'role', 'principal');
  readLabels(reservation);
}

function readAllocation(holder: FieldReader): void {
  if (holder.has('allocation_info')) {
    holder.object('allocation_info', 'allocation_info').optionalStrings('role');
  }
}

function readUrl(holder: FieldReader): void {
  const url = holder.object('url', 'a url');
  url.string('scheme');
  url.optionalStrings('path');
  const address = url.object('address', 'an address');
  address.optionalStrings('hostname', 'ip');
  address.number('port');
}

function readDomain(offer: FieldReader): void {
  const domain = offer.object('domain', 'a domain');
  if (!domain.has('fault_domain')) return;
  const faultDomain = domain.object('fault_domain', 'a fault domain');
  faultDomain.object('region', 'a region').string('name');
  faultDomain.object('zone', 'a zone').string('name');
}

function readUnavailability(holder: FieldReader): void {
  const unavailability = holder.object('unavailability', 'an unavailability');
  unavailability.object('start', 'a time').number('nanoseconds');
  if (unavailability.has('duration')) unavailability.object('duration', 'a duration').number('nanoseconds');
}

function readId(value: unknown): void {
  new FieldReader(value, 'an id').string('value');
}
