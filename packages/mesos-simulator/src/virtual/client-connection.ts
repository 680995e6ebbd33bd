import type { FrameworkCall, MesosEvent, SubscribeCall } from '@vibrissa/mesos/wire';
import type { Fault } from '../faults/fault.ts';
import type { HttpCall, MasterEffect } from '../master/messages.ts';
import type { VirtualMaster } from './virtual-master.ts';
import type { VirtualConnection, VirtualEnd, VirtualHandlers } from './virtual-transport.ts';
import { Pipe, type World } from './world.ts';

/** When the operating system of a master gives up on a connection that nothing comes back from. */
const tcpGivesUpMs = 15 * 60_000;

/**
 * A subscription over virtual wires: the stream and the call channel are two connections, so that an answer may
 * overtake an event, but no answer another answer.
 */
export class ClientConnection implements VirtualConnection {
  readonly #world: World;
  readonly #client: string;
  readonly #master: VirtualMaster;
  readonly #handlers: VirtualHandlers;
  readonly #calls: Pipe;
  readonly #answers: Pipe;
  readonly #events: Pipe;
  readonly #waiting = new Set<number>();
  #stream: number | undefined;
  #streamId = '';
  #frameworkId: string | undefined;
  /** Frozen: bytes go in and never come out. */
  #isHalfOpen = false;
  /** The same of the stream alone. */
  #isStreamLost = false;
  #isClosed = false;
  #streamEnded = false;
  #channelBroken = false;

  constructor(
    world: World,
    parties: {
      readonly client: string;
      readonly master: VirtualMaster;
      readonly handlers: VirtualHandlers;
    },
  ) {
    this.#world = world;
    this.#client = parties.client;
    this.#master = parties.master;
    this.#handlers = parties.handlers;
    this.#calls = new Pipe(world);
    this.#answers = new Pipe(world);
    this.#events = new Pipe(world);
  }

  open(call: SubscribeCall): void {
    const fault = this.#strike(call);
    this.#calls.send(() => {
      if (this.#isHalfOpen || this.#isClosed) return;
      if (!this.#master.isRunning) {
        this.#end({ kind: 'unreachable', error: new Error(`connect ECONNREFUSED ${this.#master.url}`) });
        return;
      }
      this.#takeSubscribe(call, fault);
    }, delayOf(fault));
  }

  send(callId: number, call: FrameworkCall): void {
    if (this.#isClosed) return;
    this.#waiting.add(callId);
    if (this.#channelBroken) {
      this.#answer(callId, { status: 0, text: '' });
      return;
    }
    const fault = this.#strike(call);
    this.#calls.send(() => {
      if (this.#isHalfOpen || this.#channelBroken) return;
      if (fault?.kind === 'drop' || !this.#master.isRunning) return this.#breakChannel();
      if (fault?.kind === 'refuse') return this.#answer(callId, fault);
      if (fault?.kind === 'swallow') return this.#answer(callId, { status: 202, text: '' });
      const isLost = fault?.kind === 'lose-answer';
      this.#hear(call, isLost ? undefined : (answer) => this.#answer(callId, answer));
      if (fault?.kind === 'duplicate') this.#hear(call);
      if (isLost) this.#breakChannel();
    }, delayOf(fault));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const told = this.#isHalfOpen || this.#isStreamLost ? tcpGivesUpMs : this.#world.latencyMs();
    this.#world.queue.after(told, () => {
      if (this.#stream !== undefined) this.#master.closeStream(this.#stream);
    });
  }

  /** The network between both loses everything from now on; neither is told. */
  halfOpen(): void {
    this.#isHalfOpen = true;
  }

  #subscribe(call: SubscribeCall): void {
    this.#stream = this.#master.request('scheduler-call', httpCall(call), {
      answered: (answer) => this.#toClient(() => this.#end(endOf(answer))),
      opened: (headers) => {
        this.#streamId = headers.find(([name]) => name === 'Mesos-Stream-Id')?.[1] ?? '';
        const streamId = this.#streamId;
        this.#toClient(() => this.#handlers.onOpened({ streamId }));
      },
      event: (event) => this.#event(event as MesosEvent),
      ended: () => this.#toClient(() => this.#end({ kind: 'ended' })),
      broken: () => this.#toClient(() => this.#broken()),
    });
  }

  #event(event: MesosEvent): void {
    if (event.type === 'SUBSCRIBED') this.#frameworkId = event.subscribed.framework_id.value;
    const fault = this.#world.strike({
      on: 'events',
      type: event.type,
      client: this.#client,
      message: event,
      ...(this.#frameworkId === undefined ? {} : { frameworkId: this.#frameworkId }),
    });
    const deliver = (): void => {
      this.#handlers.onAlive();
      this.#handlers.onEvent(event);
    };
    this.#toClient(deliver, fault);
  }

  /** On the stream; nothing is told after its end. */
  #toClient(deliver: () => void, fault?: Fault): void {
    const whileOpen = (run: () => void) => (): void => {
      if (!this.#isHalfOpen && !this.#isStreamLost && !this.#isClosed && !this.#streamEnded) run();
    };
    this.#events.send(whileOpen(deliver), fault, (struck) => whileOpen(() => this.#spoil(struck))());
  }

  /** The client hangs up when its stream has come to an end that way. */
  #spoil(fault: Fault): void {
    if (fault.kind === 'half-open') {
      this.#isStreamLost = true;
      return;
    }
    if (fault.kind === 'garbage') this.#end({ kind: 'garbage', error: new Error('no record') });
    else if (fault.kind === 'cut') this.#end({ kind: 'unreachable', error: new Error('read ECONNRESET') });
    else this.#end({ kind: 'ended' });
    this.close();
  }

  #strike(call: FrameworkCall | SubscribeCall): Fault | undefined {
    const frameworkId = call.framework_id?.value;
    return this.#world.strike({
      on: 'calls',
      type: call.type,
      client: this.#client,
      message: call,
      ...(frameworkId === undefined ? {} : { frameworkId }),
    });
  }

  #takeSubscribe(call: SubscribeCall, fault: Fault | undefined): void {
    const broken = { kind: 'unreachable' as const, error: new Error('read ECONNRESET') };
    switch (fault?.kind) {
      case 'drop':
        return this.#toClient(() => this.#end(broken));
      case 'refuse':
        return this.#toClient(() => this.#end({ kind: 'refused', status: fault.status, text: fault.text }));
      case 'swallow':
        return this.#toClient(() => this.#end({ kind: 'refused', status: 202, text: '' }));
      case 'lose-answer':
        this.#master.closeStream(this.#hear(call));
        return this.#toClient(() => this.#end(broken));
      case 'duplicate':
        this.#subscribe(call);
        this.#hear(call);
        return;
      case undefined:
      // Only about when it arrives.
      case 'delay':
      case 'reorder':
      // Of events alone.
      case 'half-open':
      case 'garbage':
      case 'cut':
      case 'end':
        this.#subscribe(call);
    }
  }

  #end(end: VirtualEnd): void {
    if (this.#streamEnded || this.#isClosed) return;
    this.#streamEnded = true;
    this.#handlers.onEnded(end);
  }

  #broken(): void {
    this.#breakChannel();
    this.#end({ kind: 'unreachable', error: new Error('read ECONNRESET') });
  }

  /** Without `answered` its answer goes to nobody. */
  #hear(
    call: FrameworkCall | SubscribeCall,
    answered: (answer: { readonly status: number; readonly text: string }) => void = () => undefined,
  ): number {
    const streamId = call.type === 'SUBSCRIBE' ? undefined : this.#streamId;
    return this.#master.request('scheduler-call', httpCall(call, streamId), {
      answered,
      opened: () => undefined,
      event: () => undefined,
      ended: () => undefined,
      broken: () => undefined,
    });
  }

  #answer(callId: number, { status, text }: { readonly status: number; readonly text: string }): void {
    this.#answers.send(() => {
      if (this.#isHalfOpen || this.#isClosed || !this.#waiting.delete(callId)) return;
      this.#handlers.onAnswered({ callId, status, text });
    });
  }

  /** What waits for an answer gets none: status 0, in order. */
  #breakChannel(): void {
    this.#channelBroken = true;
    for (const callId of this.#waiting) this.#answer(callId, { status: 0, text: '' });
  }
}

/** On a channel of calls a fault changes what becomes of a call when it arrives; only these change when that is. */
function delayOf(fault: Fault | undefined): Fault | undefined {
  return fault?.kind === 'delay' || fault?.kind === 'reorder' ? fault : undefined;
}

function httpCall(json: unknown, streamId?: string): HttpCall {
  return {
    method: 'POST',
    contentType: 'application/json',
    accept: 'application/json',
    ...(streamId === undefined ? {} : { streamId }),
    body: { json },
  };
}

function endOf({ status, headers, text }: Extract<MasterEffect, { type: 'answer' }>): VirtualEnd {
  const location = headers.find(([name]) => name === 'Location')?.[1];
  if (status !== 307 || location === undefined) return { kind: 'refused', status, text };
  const [host = ''] = location.replace(/^\/\//, '').split('/');
  return { kind: 'redirected', leader: `http://${host}` };
}
