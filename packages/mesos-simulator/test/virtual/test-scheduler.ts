import type {
  FrameworkCall,
  MesosEvent,
  SessionCall,
  SubscribeCall,
  TaskState,
  WireFrameworkInfo,
  WireOffer,
  WireTaskInfo,
  WireTaskStatus,
} from '@vibrissa/mesos/wire';
import type { VirtualCluster } from '../../src/virtual/virtual-cluster.ts';
import type { VirtualConnection, VirtualEnd } from '../../src/virtual/virtual-transport.ts';

export const allCapabilities = [
  'MULTI_ROLE',
  'PARTITION_AWARE',
  'RESERVATION_REFINEMENT',
  'TASK_KILLING_STATE',
].map((type) => ({ type })) as NonNullable<WireFrameworkInfo['capabilities']>;

/** A scheduler by hand: it notes what it hears, and does what a test says. */
export class TestScheduler {
  readonly events: MesosEvent[] = [];
  readonly ends: VirtualEnd[] = [];
  readonly answers: { readonly callId: number; readonly status: number; readonly text: string }[] = [];
  /** In hand. */
  readonly offers = new Map<string, WireOffer>();
  frameworkId = '';
  streamId = '';
  acknowledges = true;
  readonly #cluster: VirtualCluster;
  readonly #info: WireFrameworkInfo;
  readonly #name: string;
  #connection: VirtualConnection | undefined;
  #calls = 0;

  constructor(cluster: VirtualCluster, info: Partial<WireFrameworkInfo> = {}) {
    this.#cluster = cluster;
    this.#name = info.name ?? 'test';
    this.#info = {
      user: 'root',
      name: this.#name,
      roles: ['*'],
      checkpoint: true,
      failover_timeout: 120,
      capabilities: allCapabilities,
      ...info,
    };
  }

  /** On a new connection; `extra` goes into the body of SUBSCRIBE. Lets 50 ms pass. */
  subscribe(extra: object = {}, url = this.#cluster.masterUrls[0] ?? ''): this {
    const id = this.frameworkId === '' ? {} : { id: { value: this.frameworkId } };
    const call = {
      type: 'SUBSCRIBE',
      ...(this.frameworkId === '' ? {} : { framework_id: { value: this.frameworkId } }),
      subscribe: { framework_info: { ...this.#info, ...id }, ...extra },
    } as SubscribeCall;
    this.#connection = this.#cluster.transport(this.#name).subscribe(url, call, {
      onOpened: ({ streamId }) => {
        this.streamId = streamId;
      },
      onAlive: () => undefined,
      onEvent: (event) => this.#hear(event),
      onEnded: (end) => this.ends.push(end),
      onAnswered: (answer) => this.answers.push(answer),
    });
    this.#cluster.run(50);
    return this;
  }

  send(call: SessionCall): void {
    this.#connection?.send(++this.#calls, {
      ...call,
      framework_id: { value: this.frameworkId },
    } as FrameworkCall);
  }

  close(): void {
    this.#connection?.close();
    this.offers.clear();
  }

  launch(offer: WireOffer, tasks: readonly WireTaskInfo[], refuseSeconds = 1): void {
    this.offers.delete(offer.id.value);
    this.send({
      type: 'ACCEPT',
      accept: {
        offer_ids: [offer.id],
        operations: [{ type: 'LAUNCH', launch: { task_infos: tasks } }],
        filters: { refuse_seconds: refuseSeconds },
      },
    });
  }

  decline(offers: Iterable<WireOffer>, refuseSeconds?: number): void {
    const ids = [...offers].map(({ id }) => id);
    for (const { value } of ids) this.offers.delete(value);
    const filters = refuseSeconds === undefined ? {} : { filters: { refuse_seconds: refuseSeconds } };
    this.send({ type: 'DECLINE', decline: { offer_ids: ids, ...filters } });
  }

  /** The offer of an agent that is in hand. */
  offerOf(agentId: string | undefined): WireOffer {
    const found = [...this.offers.values()].find((offer) => offer.agent_id.value === agentId);
    if (found === undefined) throw new Error(`No offer of ${String(agentId)} in hand`);
    return found;
  }

  get firstOffer(): WireOffer {
    const [offer] = this.offers.values();
    if (offer === undefined) throw new Error('No offer in hand');
    return offer;
  }

  /** Of one task, in order. */
  statuses(taskId: string): WireTaskStatus[] {
    return this.events
      .flatMap((event) => (event.type === 'UPDATE' ? [event.update.status] : []))
      .filter((status) => status.task_id.value === taskId);
  }

  states(taskId: string): TaskState[] {
    return this.statuses(taskId).map(({ state }) => state);
  }

  last(taskId: string): WireTaskStatus | undefined {
    return this.statuses(taskId).at(-1);
  }

  ofType<Type extends MesosEvent['type']>(type: Type): Extract<MesosEvent, { type: Type }>[] {
    return this.events.filter((event): event is Extract<MesosEvent, { type: Type }> => event.type === type);
  }

  acknowledge(status: WireTaskStatus): void {
    if (status.uuid === undefined || status.agent_id === undefined) return;
    this.send({
      type: 'ACKNOWLEDGE',
      acknowledge: { agent_id: status.agent_id, task_id: status.task_id, uuid: status.uuid },
    });
  }

  #hear(event: MesosEvent): void {
    this.events.push(event);
    switch (event.type) {
      case 'SUBSCRIBED':
        this.frameworkId = event.subscribed.framework_id.value;
        this.offers.clear();
        return;
      case 'OFFERS':
        for (const offer of event.offers.offers) this.offers.set(offer.id.value, offer);
        return;
      case 'RESCIND':
        this.offers.delete(event.rescind.offer_id.value);
        return;
      case 'UPDATE':
        if (this.acknowledges) this.acknowledge(event.update.status);
        return;
      default:
    }
  }
}

/** A command task that runs until it is killed, unless its labels say something else. */
export function command(
  taskId: string,
  agentId: string,
  extra: Partial<WireTaskInfo> & { readonly labelled?: Readonly<Record<string, string | number>> } = {},
): WireTaskInfo {
  const { labelled = {}, ...rest } = extra;
  const labels = Object.entries(labelled).map(([key, value]) => ({
    key: `simulator.${key}`,
    value: String(value),
  }));
  return {
    name: taskId,
    task_id: { value: taskId },
    agent_id: { value: agentId },
    resources: [cpus(0.1), mem(32)],
    command: { shell: true, value: 'sleep 1000' },
    labels: { labels },
    ...rest,
  };
}

export function cpus(value: number): WireTaskInfo['resources'][number] {
  return { name: 'cpus', type: 'SCALAR', scalar: { value } };
}

export function mem(value: number): WireTaskInfo['resources'][number] {
  return { name: 'mem', type: 'SCALAR', scalar: { value } };
}

/** `cpus:8 mem:16384 …` of an offer. */
export function amounts(offer: WireOffer): Record<string, number | string> {
  return Object.fromEntries(
    offer.resources.map((resource) => [
      resource.name,
      resource.type === 'SCALAR' ? resource.scalar.value : resource.type,
    ]),
  );
}
