import type { Clock, Timer } from '../base/clock.ts';
import type { HttpAnswer } from '../http/answer.ts';
import type { Exchange } from '../http/exchange.ts';
import { HttpListener } from '../http/http-listener.ts';
import { refusal, unauthorized } from './authorize.ts';
import type { MarathonDriver } from './marathon-driver.ts';
import type {
  MarathonApp,
  MarathonAppDefinition,
  MarathonDeployment,
  MarathonTask,
} from './marathon-json.ts';
import type { MarathonOptions } from './marathon-options.ts';
import { outages, SLOW_MS, withHalfOfTasks, type MarathonOutage } from './outage.ts';
import { absoluteId } from './read-app.ts';

/** Marathon has refused something; the message is its own. */
export class MarathonError extends Error {
  override readonly name = 'MarathonError';
  /** Of HTTP: 404 there is none, 409 a deployment is under way, 422 a definition makes no sense. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

interface Force {
  /** Ends deployments that are under way; without it they are in the way (409). */
  readonly force?: boolean;
}

export interface MarathonParts {
  readonly options: MarathonOptions;
  readonly host: string;
  readonly clock: Clock;
  /** Asked once the port is known: `host:port`. */
  readonly drive: (address: string) => MarathonDriver;
}

/**
 * A simulated Marathon: a framework on the simulated master, and its REST API on a port. What stands here does the same
 * from inside, whatever outage the API has.
 *
 *     await simulator.marathon.run({ id: '/web', cmd: 'exec node server.js', instances: 3 });
 *     await simulator.marathon.settled('/web');
 *     await simulator.marathon.setOutage('partial');
 */
export class Marathon {
  /** Of the API. */
  readonly url: string;
  readonly #parts: MarathonParts;
  readonly #driver: MarathonDriver;
  readonly #port: number;
  #listener: HttpListener | undefined;
  #outage: MarathonOutage | undefined;
  #changing: Promise<void> = Promise.resolve();
  #lists = 0;
  /** Answers that are on their slow way. */
  readonly #slow = new Set<Timer>();
  #isClosed = false;

  private constructor(parts: MarathonParts, port: number) {
    this.#parts = parts;
    this.#port = port;
    this.url = `http://${parts.host}:${port}`;
    this.#driver = parts.drive(`${parts.host}:${port}`);
  }

  /** Rejects with node's error when its port is taken. */
  static async open(parts: MarathonParts): Promise<Marathon> {
    const { options, host, clock } = parts;
    // Nobody knows the port before this has returned.
    let serve = (exchange: Exchange): void => exchange.cut();
    const handle = (exchange: Exchange): void => serve(exchange);
    const listener = await HttpListener.open({ host, port: options.port ?? 0, clock, handle });
    const marathon = new Marathon(parts, listener.port);
    serve = (exchange) => void marathon.#serve(exchange);
    marathon.#listener = listener;
    marathon.#driver.start();
    return marathon;
  }

  /** Of Marathon on the master; undefined before it is subscribed. */
  get frameworkId(): string | undefined {
    return this.#driver.frameworkId;
  }

  /** What is wrong with the API; undefined: nothing. */
  get outage(): MarathonOutage | undefined {
    return this.#outage;
  }

  /** Makes the API go wrong, or right again; resolves when it does. Rejects with a RangeError for what is no outage. */
  async setOutage(outage: MarathonOutage | undefined): Promise<void> {
    if (outage !== undefined && !outages.includes(outage))
      throw new RangeError(
        `${String(outage)} is no outage: give one of ${outages.join(', ')}, or undefined.`,
      );
    this.#outage = outage;
    // Its port may have been taken meanwhile: who asks next tries again.
    this.#changing = this.#changing.catch(() => {}).then(() => this.#listen());
    await this.#changing;
  }

  /** Starts an app; resolves when it is accepted, not yet running. */
  async run(definition: MarathonAppDefinition): Promise<MarathonApp> {
    return (await this.#ask('POST', '/v2/apps', definition)) as MarathonApp;
  }

  /** Changes fields of an app: its tasks are replaced, unless only `instances` changes. */
  async change(id: string, fields: Readonly<Record<string, unknown>>, options: Force = {}): Promise<void> {
    await this.#ask('PATCH', `/v2/apps${absoluteId(id)}${forced(options)}`, fields);
  }

  scale(id: string, instances: number, options: Force = {}): Promise<void> {
    return this.change(id, { instances }, options);
  }

  /** Replaces all tasks of an app, as its upgrade strategy says. */
  async restart(id: string, options: Force = {}): Promise<void> {
    await this.#ask('POST', `/v2/apps${absoluteId(id)}/restart${forced(options)}`);
  }

  async remove(id: string, options: Force = {}): Promise<void> {
    await this.#ask('DELETE', `/v2/apps${absoluteId(id)}${forced(options)}`);
  }

  /** Kills a task; `scale`: its app shrinks, instead of getting another one. */
  async killTask(taskId: string, { scale = false }: { readonly scale?: boolean } = {}): Promise<void> {
    await this.#ask('POST', `/v2/tasks/delete?scale=${scale}`, { ids: [taskId] });
  }

  async app(id: string): Promise<MarathonApp> {
    const { app } = (await this.#ask('GET', `/v2/apps${absoluteId(id)}`)) as { readonly app: MarathonApp };
    return app;
  }

  /** Of an app, or all. */
  async tasks(id?: string): Promise<readonly MarathonTask[]> {
    const path = id === undefined ? '/v2/tasks' : `/v2/apps${absoluteId(id)}/tasks`;
    return ((await this.#ask('GET', path)) as { readonly tasks: readonly MarathonTask[] }).tasks;
  }

  async deployments(): Promise<readonly MarathonDeployment[]> {
    return (await this.#ask('GET', '/v2/deployments')) as readonly MarathonDeployment[];
  }

  /**
   * Resolves when no deployment of the app, or of any, is under way, and all its tasks run and are healthy. It never
   * does when that never comes; a task that has just died counts until Marathon has heard of it.
   */
  settled(id?: string): Promise<void> {
    return this.#driver.whenSettled(id === undefined ? undefined : absoluteId(id));
  }

  /** Closes its port and its subscription. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#driver.close();
    for (const timer of this.#slow) timer.cancel();
    await this.#changing.catch(() => {});
    await this.#listener?.close();
    this.#listener = undefined;
  }

  /** Answers a request of the API. */
  async #serve(exchange: Exchange): Promise<void> {
    const refused =
      this.#outage === 'unauthorized'
        ? unauthorized()
        : refusal(this.#parts.options, exchange.header('authorization'));
    if (refused) return exchange.answer(refused);
    let body: string;
    try {
      body = (await exchange.body()).toString();
    } catch {
      // The client went away in the middle of it.
      return exchange.cut();
    }
    const { method, path, query } = exchange;
    this.#driver.request({ method, path, query, body }, (answer) => this.#send(exchange, answer));
  }

  #send(exchange: Exchange, answer: HttpAnswer): void {
    if (this.#outage === 'slow') {
      const timer = this.#parts.clock.after(SLOW_MS, () => {
        this.#slow.delete(timer);
        exchange.answer(answer);
      });
      this.#slow.add(timer);
      return;
    }
    if (this.#outage === 'partial') return exchange.answer(withHalfOfTasks(answer, 'first'));
    if (this.#outage !== 'flapping') return exchange.answer(answer);
    exchange.answer(withHalfOfTasks(answer, ++this.#lists % 2 === 1 ? 'first' : 'second'));
  }

  async #listen(): Promise<void> {
    const isUp = this.#outage !== 'down' && !this.#isClosed;
    if (!isUp) {
      await this.#listener?.close();
      this.#listener = undefined;
      return;
    }
    const { host, clock } = this.#parts;
    this.#listener ??= await HttpListener.open({
      host,
      port: this.#port,
      clock,
      handle: (exchange) => void this.#serve(exchange),
    });
  }

  #ask(method: string, target: string, body?: unknown): Promise<unknown> {
    const [path = '', query = ''] = target.split('?');
    const call = {
      method,
      path,
      query: new URLSearchParams(query),
      body: body === undefined ? '' : JSON.stringify(body),
    };
    return new Promise((resolve, reject) => {
      if (this.#isClosed)
        return reject(new MarathonError(503, 'Marathon has been closed with its simulator.'));
      this.#driver.request(call, (answer) => {
        const value: unknown = answer.body.length === 0 ? undefined : JSON.parse(answer.body.toString());
        if (answer.status < 400) return resolve(value);
        reject(new MarathonError(answer.status, messageOf(value)));
      });
    });
  }
}

function forced({ force = false }: Force): string {
  return force ? '?force=true' : '';
}

/** Details name the fields that are wrong. */
function messageOf(value: unknown): string {
  const { message = '', details = [] } = (value ?? {}) as {
    readonly message?: string;
    readonly details?: readonly { readonly path: string; readonly errors: readonly string[] }[];
  };
  const lines = details.map(({ path, errors }) => `${path}: ${errors.join(', ')}`);
  return [message, ...lines].join('; ');
}
