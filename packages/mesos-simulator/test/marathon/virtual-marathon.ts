import { seededRandom } from '@vibrissa/testkit';

import type { ProbeResult } from '../../src/agent/messages.ts';
import { MarathonDriver, type ProbeOrder } from '../../src/marathon/marathon-driver.ts';
import type { MarathonApp, MarathonTask } from '../../src/marathon/marathon-json.ts';
import { VirtualCluster, type VirtualClusterOptions } from '../../src/virtual/virtual-cluster.ts';

export interface Answered {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: unknown;
}

/** Marathon's core on a virtual cluster: hours in milliseconds, and nothing real. */
export class VirtualMarathon {
  readonly cluster: VirtualCluster;
  /** What Marathon's own health checks find. */
  probe: (order: ProbeOrder) => ProbeResult = () => ({ statusCode: 200, connected: true });
  readonly #driver: MarathonDriver;

  constructor(options: Partial<VirtualClusterOptions> = {}) {
    const random = { next: seededRandom(7) };
    this.cluster = new VirtualCluster({ random, agents: 3, ...options });
    this.#driver = new MarathonDriver({
      clock: this.cluster.clock,
      random,
      settings: { version: '1.11.24', address: '10.0.0.9:8080', user: 'root' },
      transport: this.cluster.transport('marathon'),
      leaderUrl: () => this.cluster.masterUrls[0],
      probe: (order) => Promise.resolve(this.probe(order)),
    });
    this.#driver.start();
    this.cluster.run(2000);
  }

  ask(method: string, target: string, body?: unknown): Answered {
    const [path = '', query = ''] = target.split('?');
    let answered: Answered | undefined;
    const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
    this.#driver.request({ method, path, query: new URLSearchParams(query), body: text }, (answer) => {
      const isJson = answer.headers.some(([, value]) => value === 'application/json');
      const raw = answer.body.toString();
      const parsed: unknown = isJson ? JSON.parse(raw) : raw;
      answered = { status: answer.status, headers: new Map(answer.headers), body: parsed };
    });
    if (!answered) throw new Error(`${method} ${target} has no answer`);
    return answered;
  }

  app(id: string): MarathonApp {
    return (this.ask('GET', `/v2/apps${id}`).body as { readonly app: MarathonApp }).app;
  }

  tasks(id: string): readonly MarathonTask[] {
    return this.app(id).tasks;
  }

  deployments(): readonly { readonly id: string }[] {
    return this.ask('GET', '/v2/deployments').body as readonly { readonly id: string }[];
  }

  /** Lets time pass until an app has so many running tasks and nothing is deployed. False: it took too long. */
  settles(id: string, running: number, limitMs = 60_000): boolean {
    return this.cluster.runUntil(
      () =>
        this.app(id).tasksRunning === running &&
        this.tasks(id).length === running &&
        this.deployments().length === 0,
      limitMs,
    );
  }
}
