import { request, Agent, type IncomingMessage } from 'node:http';
import { inspect } from 'node:util';

import type { MesosEvent, WireOffer, WireTaskInfo, WireTaskStatus } from '@vibrissa/mesos/wire';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** As they came: names and values in turn. */
  readonly rawHeaders: readonly string[];
  readonly text: string;
}

export interface SendOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly agent?: Agent;
}

/** One request, without any convenience. */
export function send(url: string, options: SendOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request(url, {
      method: options.method ?? (options.body === undefined ? 'GET' : 'POST'),
      headers: { ...options.headers },
      agent: options.agent ?? new Agent({ keepAlive: false }),
    });
    call.once('error', reject);
    call.once('response', (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.once('error', reject);
      response.once('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          rawHeaders: response.rawHeaders,
          text: Buffer.concat(pieces).toString(),
        }),
      );
    });
    call.end(options.body);
  });
}

export function sendJson(url: string, value: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  return send(url, {
    headers: { 'Content-Type': 'application/json', Accept: 'application/json', ...headers },
    body: JSON.stringify(value),
  });
}

/** Nothing takes that long. A test's own time limit is longer, and doesn't say what there was instead. */
const PATIENCE_MS = 25_000;

/** Waits until `find` finds something; the error says what there is `instead`. */
export async function eventually<T>(
  find: () => T | undefined | false | Promise<T | undefined | false>,
  instead: () => unknown = () => find.toString(),
): Promise<T> {
  const untilMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = await find();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > untilMs)
      throw new Error(`It has never come. There is: ${inspect(instead(), { depth: 6 })}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export interface FrameworkOptions {
  readonly id?: string;
  readonly roles?: readonly string[];
  readonly failoverTimeout?: number;
  readonly checkpoint?: boolean;
  readonly user?: string;
  readonly headers?: Record<string, string>;
  /** Default true: every update that wants it is acknowledged. */
  readonly acknowledges?: boolean;
}

const capabilities = ['MULTI_ROLE', 'PARTITION_AWARE', 'RESERVATION_REFINEMENT', 'TASK_KILLING_STATE'];

/** A framework as small as can be: what it was told, in order, and calls. */
export class FrameworkClient {
  readonly events: MesosEvent[] = [];
  readonly bytes: Buffer[] = [];
  readonly url: string;
  readonly options: FrameworkOptions;
  readonly calls = new Agent({ keepAlive: true, maxSockets: 1 });
  response!: IncomingMessage;
  streamId = '';
  frameworkId = '';
  ended: 'complete' | 'broken' | undefined;
  #pending = Buffer.alloc(0);

  constructor(url: string, options: FrameworkOptions = {}) {
    this.url = url;
    this.options = options;
  }

  /** Resolves with SUBSCRIBED. */
  static async subscribe(url: string, options: FrameworkOptions = {}): Promise<FrameworkClient> {
    const client = new FrameworkClient(url, options);
    await client.connect();
    const subscribed = await client.event('SUBSCRIBED');
    client.frameworkId = subscribed.subscribed.framework_id.value;
    return client;
  }

  connect(): Promise<void> {
    const {
      id,
      roles = ['*'],
      failoverTimeout = 120,
      checkpoint = true,
      user = 'root',
      headers,
    } = this.options;
    const frameworkId = id === undefined ? {} : { id: { value: id } };
    const body = JSON.stringify({
      type: 'SUBSCRIBE',
      ...(id === undefined ? {} : { framework_id: { value: id } }),
      subscribe: {
        framework_info: {
          user,
          name: 'test',
          ...frameworkId,
          roles,
          checkpoint,
          failover_timeout: failoverTimeout,
          capabilities: capabilities.map((type) => ({ type })),
        },
      },
    });
    return new Promise((resolve, reject) => {
      const call = request(`${this.url}/api/v1/scheduler`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Accept: 'application/json', ...headers },
        agent: new Agent({ keepAlive: false }),
      });
      call.once('error', reject);
      call.once('response', (response) => {
        this.response = response;
        this.streamId = String(response.headers['mesos-stream-id'] ?? '');
        response.on('data', (piece: Buffer) => this.#read(piece));
        response.once('error', () => (this.ended ??= 'broken'));
        response.once('close', () => (this.ended ??= response.complete ? 'complete' : 'broken'));
        resolve();
      });
      call.end(body);
    });
  }

  call(call: { readonly type: string; readonly [body: string]: unknown }): Promise<Answer> {
    return send(`${this.url}/api/v1/scheduler`, {
      agent: this.calls,
      headers: {
        'Content-Type': 'application/json',
        Accept: 'application/json',
        'Mesos-Stream-Id': this.streamId,
        ...this.options.headers,
      },
      body: JSON.stringify({ framework_id: { value: this.frameworkId }, ...call }),
    });
  }

  /** The first event of a type from index `from` on. */
  event<Type extends MesosEvent['type']>(type: Type, from = 0): Promise<Extract<MesosEvent, { type: Type }>> {
    return eventually(
      () =>
        this.events
          .slice(from)
          .find((event): event is Extract<MesosEvent, { type: Type }> => event.type === type),
      () => this.events.map((event) => event.type),
    );
  }

  /** An offer that is neither used yet nor taken back, and not a small rest; of one agent, if named. */
  async offer(agentId?: string): Promise<WireOffer> {
    const fits = (each: WireOffer) =>
      cpusOf(each) >= 1 && (agentId === undefined || each.agent_id.value === agentId);
    const found = await eventually(
      () => this.events.flatMap(offersIn).find(fits),
      () => this.events,
    );
    this.#take(found.id.value);
    return found;
  }

  /** Launches tasks on one offer; what they don't say is small. */
  async launch(
    ...tasks: (Partial<WireTaskInfo> & { readonly id: string; readonly agentId?: string })[]
  ): Promise<WireOffer> {
    const offer = await this.offer(tasks[0]?.agentId);
    const infos = tasks.map(({ id, agentId: _agent, ...task }) => ({
      name: id,
      task_id: { value: id },
      agent_id: offer.agent_id,
      resources: smallResources,
      ...task,
    }));
    await this.accept(offer, [{ type: 'LAUNCH', launch: { task_infos: infos } }]);
    return offer;
  }

  accept(offer: WireOffer, operations: readonly unknown[]): Promise<Answer> {
    return this.call({
      type: 'ACCEPT',
      accept: { offer_ids: [offer.id], operations, filters: { refuse_seconds: 0 } },
    });
  }

  statuses(taskId: string): WireTaskStatus[] {
    return this.events.flatMap((event) =>
      event.type === 'UPDATE' && event.update.status.task_id.value === taskId ? [event.update.status] : [],
    );
  }

  /** The status with which a task gets into a state. */
  state(taskId: string, state: WireTaskStatus['state']): Promise<WireTaskStatus> {
    return eventually(
      () => this.statuses(taskId).find((status) => status.state === state),
      () => ({ wanted: state, of: taskId, told: this.statuses(taskId), stream: this.ended ?? 'open' }),
    );
  }

  close(): void {
    this.response.destroy();
    this.calls.destroy();
  }

  #read(piece: Buffer): void {
    this.bytes.push(piece);
    this.#pending = Buffer.concat([this.#pending, piece]);
    for (;;) {
      const end = this.#pending.indexOf('\n');
      const length = Number(this.#pending.subarray(0, end).toString());
      if (end < 0 || !Number.isInteger(length) || this.#pending.length < end + 1 + length) return;
      const event = JSON.parse(this.#pending.subarray(end + 1, end + 1 + length).toString()) as MesosEvent;
      this.#pending = this.#pending.subarray(end + 1 + length);
      if (event.type === 'RESCIND') this.#take(event.rescind.offer_id.value);
      this.events.push(event);
      this.#acknowledge(event);
    }
  }

  /** An offer can be used once. */
  #take(offerId: string): void {
    for (const [index, event] of this.events.entries()) {
      if (!offersIn(event).some(({ id }) => id.value === offerId)) continue;
      const left = offersIn(event).filter(({ id }) => id.value !== offerId);
      this.events[index] = { type: 'OFFERS', offers: { offers: left } };
    }
  }

  #acknowledge(event: MesosEvent): void {
    if (event.type !== 'UPDATE' || this.options.acknowledges === false) return;
    const { uuid, agent_id, task_id } = event.update.status;
    if (uuid === undefined || agent_id === undefined) return;
    void this.call({ type: 'ACKNOWLEDGE', acknowledge: { agent_id, task_id, uuid } }).catch(() => {});
  }
}

function offersIn(event: MesosEvent): readonly WireOffer[] {
  return event.type === 'OFFERS' ? event.offers.offers : [];
}

function cpusOf({ resources }: WireOffer): number {
  return resources.reduce(
    (sum, resource) =>
      resource.name === 'cpus' && resource.type === 'SCALAR' ? sum + resource.scalar.value : sum,
    0,
  );
}

export const smallResources: WireTaskInfo['resources'] = [
  { name: 'cpus', type: 'SCALAR', scalar: { value: 0.1 } },
  { name: 'mem', type: 'SCALAR', scalar: { value: 32 } },
];
