import type { SessionCall, WireFrameworkInfo, WireOffer } from '@vibrissa/mesos/wire';
import type { VirtualCluster } from '../../src/virtual/virtual-cluster.ts';
import type { VirtualConnection } from '../../src/virtual/virtual-transport.ts';

/** Of all frameworks of a simulation. */
export const capabilities = [
  'MULTI_ROLE',
  'PARTITION_AWARE',
  'RESERVATION_REFINEMENT',
  'TASK_KILLING_STATE',
].map((type) => ({ type })) as NonNullable<WireFrameworkInfo['capabilities']>;

/**
 * Another framework (or, with an id, another instance of the same one), of the simplest kind: it takes the first offers
 * for a task each, acknowledges what it hears, and keeps all further offers until it goes.
 */
export class RawFramework {
  readonly #cluster: VirtualCluster;
  readonly #connection: VirtualConnection;
  #frameworkId: string | undefined;
  #calls = 0;
  #tasks = 0;

  constructor(
    cluster: VirtualCluster,
    given: { readonly master: string; readonly info: WireFrameworkInfo; readonly tasks: number },
  ) {
    this.#cluster = cluster;
    this.#frameworkId = given.info.id?.value;
    this.#tasks = given.tasks;
    const call = {
      type: 'SUBSCRIBE' as const,
      ...(given.info.id ? { framework_id: given.info.id } : {}),
      subscribe: { framework_info: { capabilities, ...given.info } },
    };
    this.#connection = cluster.transport(given.info.name).subscribe(given.master, call, {
      onOpened: () => undefined,
      onAlive: () => undefined,
      onEnded: () => undefined,
      onAnswered: () => undefined,
      onEvent: (event) => {
        if (event.type === 'SUBSCRIBED') this.#frameworkId = event.subscribed.framework_id.value;
        if (event.type === 'OFFERS') for (const offer of event.offers.offers) this.#take(offer);
        if (event.type !== 'UPDATE' || given.info.id) return;
        const { agent_id, task_id, uuid } = event.update.status;
        if (uuid !== undefined && agent_id) {
          this.#send({ type: 'ACKNOWLEDGE', acknowledge: { agent_id, task_id, uuid } });
        }
      },
    });
  }

  /** Its tasks die, its offers come back. */
  teardown(): void {
    this.#send({ type: 'TEARDOWN' });
    this.#cluster.clock.after(5000, () => this.#connection.close());
  }

  close(): void {
    this.#connection.close();
  }

  #take(offer: WireOffer): void {
    if (this.#tasks <= 0) return;
    this.#tasks -= 1;
    const task = {
      name: 'other',
      task_id: { value: `other-${this.#tasks}` },
      agent_id: offer.agent_id,
      resources: [
        { name: 'cpus', type: 'SCALAR' as const, scalar: { value: 1 } },
        { name: 'mem', type: 'SCALAR' as const, scalar: { value: 64 } },
      ],
      command: { shell: true, value: 'sleep 60' },
      // A master that forgets its framework must not keep it for ever.
      labels: { labels: [{ key: 'simulator.run-ms', value: '60000' }] },
    };
    const operations = [{ type: 'LAUNCH' as const, launch: { task_infos: [task] } }];
    this.#send({ type: 'ACCEPT', accept: { offer_ids: [offer.id], operations } });
  }

  #send(call: SessionCall): void {
    if (this.#frameworkId === undefined) return;
    this.#connection.send(++this.#calls, { ...call, framework_id: { value: this.#frameworkId } });
  }
}
