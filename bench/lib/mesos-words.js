// What the masters of a large cluster say and what frameworks want of them, in the shapes and lengths of real ones.
import { seededRandom } from './statistics.js';

const cluster = '5ad7b8a4-87ad-4b03-ab2d-41e5400a4d0a';
export const frameworkId = `${cluster}-0000`;
export const agentId = (agent) => `${cluster}-S${agent}`;
export const agentNumber = (id) => Number(id.slice(cluster.length + 2));
const address = (agent) => `10.${1 + (agent >> 16)}.${(agent >> 8) & 255}.${agent & 255}`;
const uuid = (number) =>
  `93e770f8-3269-46e0-${(number >>> 16).toString(16).padStart(4, '0')}-${number.toString(16).padStart(12, '0')}`;

/** One number after the other, each as another 16 bytes. */
export const updateUuid = (number) => Buffer.from(uuid(number).replaceAll('-', ''), 'hex').toString('base64');

/** An offer of an agent; no two have the same number. */
export function offer(number, { agent = number, cpus = 8, mem = 16_384, role = '*' } = {}) {
  const scalar = (name, value) => ({
    name,
    type: 'SCALAR',
    scalar: { value },
    allocation_info: { role },
  });
  const ip = address(agent);
  return {
    id: { value: `${cluster}-O${number}` },
    framework_id: { value: frameworkId },
    agent_id: { value: agentId(agent) },
    hostname: ip,
    url: { scheme: 'http', address: { hostname: ip, ip, port: 5051 }, path: '/slave(1)' },
    resources: [
      {
        name: 'ports',
        type: 'RANGES',
        ranges: { range: [{ begin: 31_000, end: 32_000 }] },
        allocation_info: { role },
      },
      scalar('cpus', cpus),
      scalar('mem', mem),
      scalar('disk', 100_000),
    ],
    attributes: [
      { name: 'rack', type: 'TEXT', text: { value: `r${agent % 20}` } },
      { name: 'zone', type: 'TEXT', text: { value: `z${agent % 3}` } },
    ],
    allocation_info: { role },
  };
}

/** Offers of so many agents, each with what others have left of it. */
export function offersOf(count, { seed, first = 0 }) {
  const random = seededRandom(seed);
  const pick = (list) => list[Math.floor(random() * list.length)];
  return Array.from({ length: count }, (_, index) => {
    const cpus = pick([4, 8, 16, 32]);
    const used = random() * 0.9;
    return offer(first + index, {
      agent: index,
      cpus: Math.max(1, Math.round(cpus * (1 - used) * 10) / 10),
      mem: Math.max(1024, Math.round(cpus * pick([2048, 4096, 8192]) * (1 - used))),
    });
  });
}

/** What an executor tells of a task. */
export function status(taskId, { agent, number, state = 'TASK_RUNNING', seconds = number / 1000 }) {
  return {
    task_id: { value: taskId },
    state,
    source: 'SOURCE_EXECUTOR',
    agent_id: { value: agentId(agent) },
    executor_id: { value: taskId },
    timestamp: 1_795_336_671.789922 + seconds,
    uuid: updateUuid(number),
    container_status: {
      container_id: { value: uuid(number) },
      network_infos: [{ ip_addresses: [{ protocol: 'IPv4', ip_address: address(agent) }] }],
      executor_pid: 4000 + (number % 60_000),
    },
  };
}

/** What a master answers when it is asked about a task. */
export function reconciliation(told, state = told.state) {
  const { uuid: _, executor_id: __, ...known } = told;
  return {
    ...known,
    state,
    message: 'Reconciliation: Latest task state',
    source: 'SOURCE_MASTER',
    reason: 'REASON_RECONCILIATION',
  };
}

export const update = (told) => ({ type: 'UPDATE', update: { status: told } });

/** A task as many frameworks have them. */
export function taskSpec(id, { cpus = 0.1, memoryMb = 128, ports = 1 } = {}) {
  return {
    id,
    image: { name: 'registry.example.com/team/service:1.24.3', network: 'bridge' },
    command: 'exec ./service --port $PORT0',
    cpus,
    memoryMb,
    ports: Array.from({ length: ports }, (_, index) => ({
      name: `port-${index}`,
      containerPort: 8080 + index,
    })),
    env: { SERVICE: 'service', REGION: 'eu-central-1', LOG_LEVEL: 'info' },
    labels: { team: 'team', version: '1.24.3' },
  };
}

/** Small, medium and large tasks, a half of them in a few sizes; some bound to racks, zones or away from hosts. */
export function mixedSpecs(count, { seed, prefix = 'task' }) {
  const random = seededRandom(seed);
  const pick = (list) => list[Math.floor(random() * list.length)];
  return Array.from({ length: count }, (_, index) => {
    const [cpus, memoryMb] = pick([
      [0.1, 128],
      [0.1, 128],
      [0.25, 256],
      [0.5, 512],
      [1, 1024],
      [2, 2048],
    ]);
    const odd = random() < 0.5 ? 1 + random() : 1;
    const spec = taskSpec(`${prefix}-${String(index).padStart(6, '0')}`, {
      cpus: Math.round(cpus * odd * 1000) / 1000,
      memoryMb: Math.round(memoryMb * odd),
      ports: pick([0, 0, 1, 1, 1, 2]),
    });
    const constraints = constraintsOf(random, index);
    return constraints.length === 0 ? spec : { ...spec, constraints };
  });
}

function constraintsOf(random, index) {
  const die = random();
  const rack = () => Math.floor(random() * 20);
  if (die < 0.2) return [{ attribute: 'rack', operator: 'LIKE', value: `r${rack()}|r${rack()}|r1[0-5]` }];
  if (die < 0.25) return [{ attribute: 'zone', operator: 'EQUALS', value: `z${index % 3}` }];
  if (die < 0.3)
    return [
      { attribute: 'hostname', operator: 'UNLIKE', value: `10\\.1\\.\\d+\\.${index % 250}` },
      { attribute: 'zone', operator: 'UNLIKE', value: 'z2' },
    ];
  return [];
}
