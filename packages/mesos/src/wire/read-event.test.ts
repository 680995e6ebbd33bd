import { describe, expect, it } from 'vitest';
import { MalformedEvent, readEvent } from './read-event.ts';

const read = (event: unknown) => readEvent(JSON.stringify(event));

const offer = {
  id: { value: 'O1' },
  framework_id: { value: 'F1' },
  agent_id: { value: 'S1' },
  hostname: 'agent-1',
  url: { scheme: 'http', address: { hostname: 'agent-1', ip: '10.0.0.1', port: 5051 }, path: '/slave(1)' },
  allocation_info: { role: 'web' },
  resources: [
    { name: 'cpus', type: 'SCALAR', scalar: { value: 8 }, allocation_info: { role: 'web' } },
    { name: 'ports', type: 'RANGES', ranges: { range: [{ begin: 31000, end: 32000 }] } },
    { name: 'disks', type: 'SET', set: { item: ['sda'] }, reservations: [{ type: 'STATIC', role: 'web' }] },
  ],
  attributes: [
    { name: 'rack', type: 'TEXT', text: { value: 'r1' } },
    { name: 'level', type: 'SCALAR', scalar: { value: 3 } },
  ],
};
const offers = (changes: object) => ({ type: 'OFFERS', offers: { offers: [{ ...offer, ...changes }] } });

const status = {
  task_id: { value: 't' },
  state: 'TASK_RUNNING',
  uuid: 'AAECAwQFBgcICQoLDA0ODw==',
  agent_id: { value: 'S1' },
  timestamp: 1795336512.44,
  healthy: true,
  container_status: {
    container_id: { value: 'c', parent: { value: 'p' } },
    network_infos: [{ ip_addresses: [{ protocol: 'IPv4', ip_address: '10.0.0.1' }] }],
  },
};
const update = (changes: object) => ({ type: 'UPDATE', update: { status: { ...status, ...changes } } });

describe('events', () => {
  it('are taken as they are', () => {
    for (const event of [
      { type: 'HEARTBEAT' },
      {
        type: 'SUBSCRIBED',
        subscribed: {
          framework_id: { value: 'F1' },
          heartbeat_interval_seconds: 15,
          master_info: { id: 'M1', version: '1.12.0', capabilities: [{ type: 'AGENT_UPDATE' }] },
        },
      },
      offers({}),
      { type: 'RESCIND', rescind: { offer_id: { value: 'O1' } } },
      update({}),
      {
        type: 'UPDATE_OPERATION_STATUS',
        update_operation_status: { status: { state: 'OPERATION_FINISHED', uuid: { value: 'AA==' } } },
      },
      {
        type: 'INVERSE_OFFERS',
        inverse_offers: {
          inverse_offers: [
            {
              id: { value: 'I1' },
              framework_id: { value: 'F1' },
              unavailability: { start: { nanoseconds: 5 } },
            },
          ],
        },
      },
      { type: 'RESCIND_INVERSE_OFFER', rescind_inverse_offer: { inverse_offer_id: { value: 'I1' } } },
      { type: 'MESSAGE', message: { agent_id: { value: 'S1' }, executor_id: { value: 'e' }, data: 'AA==' } },
      { type: 'FAILURE', failure: { agent_id: { value: 'S1' }, executor_id: { value: 'e' }, status: 2304 } },
      { type: 'ERROR', error: { message: 'Framework has been removed' } },
    ])
      expect(read(event)).toEqual(event);
  });

  it('of an unknown type or with an unknown task state are skipped', () => {
    expect(read({ type: 'TASK_ADDED', task_added: {} })).toBeUndefined();
    expect(read({ type: 'toString' })).toBeUndefined();
    expect(read(update({ state: 'TASK_DREAMING' }))).toBeUndefined();
    expect(read(update({ state: 'constructor' }))).toBeUndefined();
  });

  it('keep fields that this client does not know', () => {
    expect(read(offers({ novelty: { a: [1] } }))).toEqual(offers({ novelty: { a: [1] } }));
  });

  it('take numbers that were sent as strings', () => {
    const resources = [{ name: 'mem', type: 'SCALAR', scalar: { value: '128.5' } }];
    const times = { unavailability: { start: { nanoseconds: '1795337690395044352' } } };
    const event = read(offers({ resources, ...times }));
    expect(event).toMatchObject({
      offers: {
        offers: [
          {
            resources: [{ scalar: { value: 128.5 } }],
            unavailability: { start: { nanoseconds: 1795337690395044352 } },
          },
        ],
      },
    });
  });

  it('lose only the resources and attributes whose type is not known', () => {
    const cpus = offer.resources[0];
    const odd = { name: 'x', type: 'MATRIX', matrix: {} };
    const text = { name: 'y', type: 'TEXT', text: { value: 'no resource' } };
    expect(read(offers({ resources: [odd, cpus, text], attributes: [odd] }))).toEqual(
      offers({ resources: [cpus], attributes: [] }),
    );
  });

  it('may lack what protobuf leaves out: empty lists, optional fields', () => {
    const bare = { ...offer, resources: [{ name: 'ports', type: 'RANGES', ranges: {} }], attributes: null };
    const { attributes: _, ...expected } = bare;
    expect(read({ type: 'OFFERS', offers: { offers: [bare] } })).toEqual({
      type: 'OFFERS',
      offers: {
        offers: [{ ...expected, resources: [{ name: 'ports', type: 'RANGES', ranges: { range: [] } }] }],
      },
    });
    expect(read({ type: 'OFFERS', offers: {} })).toEqual({ type: 'OFFERS', offers: { offers: [] } });
  });

  it('hold __proto__ and its like as data', () => {
    const text =
      '{"__proto__":{"type":"HEARTBEAT"},"type":"ERROR","error":{"message":"m","constructor":{"prototype":{"x":1}}}}';
    const event = readEvent(text);
    expect(event?.type).toBe('ERROR');
    expect(Object.getPrototypeOf(event)).toBe(Object.prototype);
    expect(({} as { x?: unknown }).x).toBeUndefined();
    expect(() => readEvent('{"__proto__":{"type":"HEARTBEAT"}}')).toThrow(
      /type of An event must be a string/,
    );
  });

  it.each([
    ['no JSON', 'not json', /begins with "not json" is no JSON/],
    ['half of one', '{"type":"HEARTBEAT"', /no JSON/],
    ['nothing', '', /no JSON/],
    ['a list', '[]', /must be an object/],
    ['null', 'null', /must be an object/],
    ['no type', '{}', /type of An event must be a string/],
    [
      'SUBSCRIBED without an id',
      '{"type":"SUBSCRIBED","subscribed":{}}',
      /framework_id of SUBSCRIBED must be an id/,
    ],
    [
      'an id that is a string',
      JSON.stringify(offers({ agent_id: 'S1' })),
      /agent_id of an offer must be an id/,
    ],
    ['an offer without a host', JSON.stringify(offers({ hostname: undefined })), /hostname of an offer/],
    ['offers in the flat form', '{"type":"OFFERS","offers":[]}', /OFFERS must be an object/],
    [
      'a scalar that is no number',
      JSON.stringify(offers({ resources: [{ name: 'cpus', type: 'SCALAR', scalar: { value: 'many' } }] })),
      /value of a scalar must be a number/,
    ],
    [
      'an endless scalar',
      JSON.stringify(
        offers({ resources: [{ name: 'cpus', type: 'SCALAR', scalar: { value: 'Infinity' } }] }),
      ),
      /value of a scalar must be a number/,
    ],
    [
      'a status without a task',
      JSON.stringify(update({ task_id: undefined })),
      /task_id of a status must be an id/,
    ],
    [
      'a uuid that is an object',
      JSON.stringify(update({ uuid: { value: 'AA==' } })),
      /uuid of a status must be a string/,
    ],
    ['an UPDATE without a status', '{"type":"UPDATE","update":{}}', /a status must be an object/],
    ['an ERROR in the flat form', '{"type":"ERROR","message":"x"}', /ERROR must be an object/],
  ])('that are %s are refused with the place of the fault', (_, text, message) => {
    expect(() => readEvent(text)).toThrow(MalformedEvent);
    expect(() => readEvent(text)).toThrow(message);
  });

  it('may name a task by an empty id, as the TASK_ERROR for one does (O28)', () => {
    const event = update({ task_id: { value: '' }, state: 'TASK_ERROR' });
    expect(read(event)).toEqual(event);
  });

  it('are quoted only at their beginning when they are no JSON', () => {
    expect(() => readEvent(`<html>${'x'.repeat(100_000)}`)).toThrow(/^A record of 100006 characters.{0,80}$/);
  });
});
