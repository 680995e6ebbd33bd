import { describe, expect, test } from 'vitest';
import type { WireNetworkInfo } from '../wire/index.ts';
import { endpointOf } from './endpoint.ts';
import type { Placement, TaskRecord } from './task-record.ts';
import type { ImageSpec, PortSpec } from './task-spec.ts';

const placement: Placement = {
  agentId: 'S1',
  hostname: 'agent1.local',
  agentUrl: { scheme: 'http', address: { hostname: 'agent1.local', ip: '10.0.0.1', port: 5051 } },
  hostPorts: [31_005, 31_006],
};

interface Given {
  readonly image?: ImageSpec;
  readonly ports?: readonly PortSpec[];
  readonly networks?: readonly WireNetworkInfo[];
  readonly data?: unknown;
  readonly place?: Placement;
}

function record({
  image,
  ports = [{ name: 'http' }, {}],
  networks,
  data,
  place = placement,
}: Given): TaskRecord {
  const spec = { id: 't', role: '*', cpus: 1, memoryMb: 1, ports, ...(image ? { image } : { command: 'x' }) };
  return {
    id: 't',
    mesosTaskId: 't',
    attempt: 1,
    spec,
    placement: place,
    state: 'TASK_RUNNING',
    status: {
      task_id: { value: 't' },
      state: 'TASK_RUNNING',
      ...(networks && { container_status: { network_infos: networks } }),
      ...(data !== undefined && { data: Buffer.from(JSON.stringify(data)).toString('base64') }),
    },
  };
}

const address = (...ips: string[]) => ips.map((ip_address) => ({ ip_address }));

describe('the agent is dialled', () => {
  test.each<[string, ImageSpec | undefined]>([
    ['for a plain command', undefined],
    ['for Docker on the host’s network', { name: 'i', runtime: 'docker', network: 'host' }],
    ['for Docker in the bridge', { name: 'i', runtime: 'docker' }],
    ['for Docker in a user network', { name: 'i', runtime: 'docker', network: { name: 'n' } }],
    ['for UCR on the host’s network', { name: 'i', runtime: 'ucr' }],
    ['for UCR in a CNI network with mapped ports', { name: 'i', runtime: 'ucr', network: { name: 'n' } }],
  ])('%s', (_, image) => {
    const networks = [{ name: 'n', ip_addresses: address('172.17.0.2') }];
    expect(endpointOf(record({ ...(image && { image }), networks }))).toEqual({
      host: '10.0.0.1',
      port: 31_005,
      ports: { http: { host: '10.0.0.1', port: 31_005 }, port1: { host: '10.0.0.1', port: 31_006 } },
    });
  });

  test('by its name when its address is not known', () => {
    const { agentUrl: _, ...place } = placement;
    expect(endpointOf(record({ place }))?.host).toBe('agent1.local');
  });

  test('by an IPv6 address', () => {
    const agentUrl = { scheme: 'http', address: { ip: 'fd00::1', port: 5051 } };
    expect(endpointOf(record({ place: { ...placement, agentUrl } }))?.host).toBe('fd00::1');
  });

  test('for a task that was found and not submitted here', () => {
    const { spec: _, ...adopted } = record({});
    expect(endpointOf(adopted)?.ports).toHaveProperty('port1.port', 31_006);
  });
});

describe('the container is dialled on a routable network', () => {
  const image: ImageSpec = { name: 'i', network: { name: 'overlay' }, routable: true };
  const ports = [{ name: 'http', containerPort: 80 }];

  test('by the address in that network', () => {
    const networks = [
      { name: 'other', ip_addresses: address('10.1.0.9') },
      { name: 'overlay', ip_addresses: address('fd00::5', '10.9.0.5') },
    ];
    expect(endpointOf(record({ image, ports, networks }))).toEqual({
      host: '10.9.0.5',
      port: 80,
      ports: { http: { host: '10.9.0.5', port: 80 } },
    });
  });

  test('by an IPv6 address when there is no other', () => {
    const networks = [{ name: 'overlay', ip_addresses: address('fd00::5') }];
    expect(endpointOf(record({ image, ports, networks }))?.host).toBe('fd00::5');
  });

  test('by what docker inspect says', () => {
    const inspected = (found: object) => [{ NetworkSettings: { Networks: { overlay: found } } }];
    const networks = [{ ip_addresses: address('10.0.0.1') }];
    const v4 = inspected({ IPAddress: '10.9.0.7', GlobalIPv6Address: 'fd00::7' });
    expect(endpointOf(record({ image, ports, networks, data: v4 }))?.host).toBe('10.9.0.7');
    const v6 = inspected({ IPAddress: '', GlobalIPv6Address: 'fd00::7' });
    expect(endpointOf(record({ image, ports, networks, data: v6 }))?.host).toBe('fd00::7');
  });

  test.each([['no JSON'], [[]], [[{}]], [null], [[{ NetworkSettings: { Networks: null } }]]])(
    'not by garbage (%j)',
    (data) => {
      expect(endpointOf(record({ image, ports, data }))).toBeUndefined();
    },
  );

  test('not before its address is known', () => {
    expect(endpointOf(record({ image, ports }))).toBeUndefined();
  });
});

test('a task without ports has a host only', () => {
  expect(endpointOf(record({ ports: [] }))).toEqual({ host: '10.0.0.1', ports: {} });
});

test('a task that is not placed has no endpoint', () => {
  const { placement: _, ...unplaced } = record({});
  expect(endpointOf(unplaced)).toBeUndefined();
});
