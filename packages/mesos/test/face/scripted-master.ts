import type {
  ConnectionHandlers,
  MasterConnection,
  MasterTransport,
  StreamEnd,
} from '../../src/transport/transport.ts';
import type {
  FrameworkCall,
  MesosEvent,
  SubscribeCall,
  TaskState,
  WireOffer,
  WireTaskStatus,
} from '../../src/wire/index.ts';

/** What the master says to a SUBSCRIBE. */
export type Welcome =
  | { readonly kind: 'subscribed'; readonly frameworkId?: string; readonly masterId?: string }
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'end'; readonly end: StreamEnd }
  | { readonly kind: 'silence' };

/** A master in memory that does what the test says, and what masters do by themselves when it says nothing. */
export class ScriptedMaster implements MasterTransport {
  readonly subscribes: SubscribeCall[] = [];
  readonly calls: FrameworkCall[] = [];
  /** Told at each SUBSCRIBE; the last one for good. */
  welcomes: Welcome[] = [{ kind: 'subscribed' }];
  /** Answers calls; default 202. */
  answer: (call: FrameworkCall) => { status: number; text: string } | undefined = () => ({
    status: 202,
    text: '',
  });
  /** Launched tasks start and run, killed ones end, by themselves. */
  isObedient = true;
  /** Of connections that are open. */
  readonly open = new Set<ConnectionHandlers>();
  #handlers: ConnectionHandlers | undefined;
  #offers = 0;
  #uuids = 0;

  subscribe(_master: string, call: SubscribeCall, handlers: ConnectionHandlers): MasterConnection {
    this.subscribes.push(call);
    this.open.add(handlers);
    this.#handlers = handlers;
    this.#later(handlers, () => this.#welcome(handlers, call));
    return {
      send: (callId, sent) => {
        this.calls.push(sent);
        this.#later(handlers, () => {
          const answer = this.answer(sent);
          if (answer) handlers.onAnswered({ callId, ...answer });
          if (answer?.status === 202) this.#obey(sent);
        });
      },
      close: () => this.open.delete(handlers),
    };
  }

  tell(event: MesosEvent): void {
    this.#handlers?.onEvent(event);
  }

  /** Ends the stream. */
  end(end: StreamEnd = { kind: 'ended' }): void {
    const handlers = this.#handlers;
    if (handlers && this.open.delete(handlers)) handlers.onEnded(end);
  }

  offer(cpus: number, mem: number, agent = { name: 'agent-1', port: 5051 }): void {
    this.#offers += 1;
    const offer: WireOffer = {
      id: { value: `offer-${this.#offers}` },
      framework_id: { value: 'fw' },
      agent_id: { value: agent.name },
      hostname: `${agent.name}.test`,
      url: { scheme: 'http', address: { ip: '127.0.0.1', hostname: `${agent.name}.test`, port: agent.port } },
      allocation_info: { role: '*' },
      resources: [
        { name: 'cpus', type: 'SCALAR', scalar: { value: cpus }, allocation_info: { role: '*' } },
        { name: 'mem', type: 'SCALAR', scalar: { value: mem }, allocation_info: { role: '*' } },
        { name: 'disk', type: 'SCALAR', scalar: { value: 1000 }, allocation_info: { role: '*' } },
        {
          name: 'ports',
          type: 'RANGES',
          ranges: { range: [{ begin: 31_000, end: 32_000 }] },
          allocation_info: { role: '*' },
        },
      ],
    };
    this.tell({ type: 'OFFERS', offers: { offers: [offer] } });
  }

  update(taskId: string, state: TaskState, more: Partial<WireTaskStatus> = {}): void {
    this.#uuids += 1;
    const uuid = Buffer.from(String(this.#uuids).padStart(16, '0')).toString('base64');
    const status: WireTaskStatus = {
      task_id: { value: taskId },
      agent_id: { value: 'agent-1' },
      executor_id: { value: taskId },
      state,
      source: 'SOURCE_EXECUTOR',
      uuid,
      ...more,
    };
    this.tell({ type: 'UPDATE', update: { status } });
  }

  /** Of the calls of a type. */
  sent<T extends FrameworkCall['type']>(type: T): (FrameworkCall & { type: T })[] {
    return this.calls.filter((call): call is FrameworkCall & { type: T } => call.type === type);
  }

  #welcome(handlers: ConnectionHandlers, call: SubscribeCall): void {
    const welcome = this.welcomes.length > 1 ? this.welcomes.shift()! : this.welcomes[0]!;
    if (welcome.kind === 'end') {
      this.open.delete(handlers);
      return handlers.onEnded(welcome.end);
    }
    if (welcome.kind === 'silence') return;
    handlers.onOpened({ streamId: `stream-${this.subscribes.length}` });
    if (welcome.kind === 'error') {
      this.tell({ type: 'ERROR', error: { message: welcome.message } });
      return this.end();
    }
    const { frameworkId = call.framework_id?.value ?? 'fw', masterId = 'master-1' } = welcome;
    this.tell({
      type: 'SUBSCRIBED',
      subscribed: {
        framework_id: { value: frameworkId },
        heartbeat_interval_seconds: 15,
        master_info: { id: masterId, version: '1.11.0' },
      },
    });
  }

  #obey(call: FrameworkCall): void {
    if (call.type === 'TEARDOWN') return this.end();
    if (!this.isObedient) return;
    if (call.type === 'KILL') this.update(call.kill.task_id.value, 'TASK_KILLED');
    if (call.type !== 'ACCEPT') return;
    for (const operation of call.accept.operations) {
      const infos =
        operation.type === 'LAUNCH'
          ? operation.launch.task_infos
          : operation.type === 'LAUNCH_GROUP'
            ? operation.launch_group.task_group.tasks
            : [];
      for (const { task_id } of infos) {
        this.update(task_id.value, 'TASK_STARTING');
        this.update(task_id.value, 'TASK_RUNNING');
      }
    }
  }

  /** Nothing is told within the call that causes it, nor to who has hung up. */
  #later(handlers: ConnectionHandlers, run: () => void): void {
    setImmediate(() => {
      if (this.open.has(handlers)) run();
    });
  }
}
