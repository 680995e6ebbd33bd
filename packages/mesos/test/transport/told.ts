import { HttpTransport } from '../../src/transport/http-transport.ts';
import type { HttpTransportOptions } from '../../src/transport/http-settings.ts';
import type {
  CallAnswer,
  ConnectionHandlers,
  MasterConnection,
  StreamEnd,
} from '../../src/transport/transport.ts';
import type { FrameworkCall, MesosEvent, SubscribeCall } from '../../src/wire/index.ts';

export const subscribeCall: SubscribeCall = {
  type: 'SUBSCRIBE',
  subscribe: { framework_info: { user: 'root', name: 'test' } },
};

export const revive: FrameworkCall = { type: 'REVIVE', framework_id: { value: 'F1' } };

/** Everything that a connection told, in order, and a way to wait for more. */
export class Told implements ConnectionHandlers {
  readonly all: string[] = [];
  readonly events: MesosEvent[] = [];
  readonly answers: CallAnswer[] = [];
  streamId: string | undefined;
  end: StreamEnd | undefined;
  signsOfLife = 0;
  /** Called for each event, before those who wait. */
  onEach: (event: MesosEvent) => void = () => undefined;
  #waiting: { readonly until: () => boolean; readonly resolve: () => void }[] = [];

  onOpened({ streamId }: { readonly streamId: string }): void {
    this.streamId = streamId;
    this.#tell('opened');
  }

  onAlive(): void {
    this.signsOfLife += 1;
  }

  onEvent(event: MesosEvent): void {
    this.events.push(event);
    this.onEach(event);
    this.#tell(event.type);
  }

  onEnded(end: StreamEnd): void {
    this.end = end;
    this.#tell(`ended: ${end.kind}`);
  }

  onAnswered(answer: CallAnswer): void {
    this.answers.push(answer);
    this.#tell(`answered ${answer.callId}: ${answer.status}`);
  }

  async until(condition: (told: this) => boolean): Promise<this> {
    if (condition(this)) return this;
    await new Promise<void>((resolve) => this.#waiting.push({ until: () => condition(this), resolve }));
    return this;
  }

  ended(): Promise<this> {
    return this.until((told) => told.end !== undefined);
  }

  answered(count: number): Promise<this> {
    return this.until((told) => told.answers.length >= count);
  }

  heard(count: number): Promise<this> {
    return this.until((told) => told.events.length >= count);
  }

  #tell(what: string): void {
    this.all.push(what);
    const done = this.#waiting.filter((each) => each.until());
    this.#waiting = this.#waiting.filter((each) => !done.includes(each));
    for (const each of done) each.resolve();
  }
}

const open = new Set<MasterConnection>();

/** Subscribes with the real transport. */
export function subscribe(
  master: string,
  options: HttpTransportOptions = {},
  transport = new HttpTransport(options),
) {
  const told = new Told();
  const connection = transport.subscribe(master, subscribeCall, told);
  open.add(connection);
  return { told, connection };
}

/** For `afterEach`. */
export function closeConnections(): void {
  for (const connection of open) connection.close();
  open.clear();
}
