import type { FrameworkCall, MesosEvent, SubscribeCall } from '@vibrissa/mesos/wire';
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
  /** Frozen: bytes go in and never come out. */
  #isHalfOpen = false;
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
    this.#calls.send(() => {
      if (this.#isHalfOpen || this.#isClosed) return;
      if (!this.#master.isRunning) {
        this.#end({ kind: 'unreachable', error: new Error(`connect ECONNREFUSED ${this.#master.url}`) });
        return;
      }
      this.#subscribe(call);
    });
  }

  send(callId: number, call: FrameworkCall): void {
    if (this.#isClosed) return;
    this.#waiting.add(callId);
    if (this.#channelBroken) {
      this.#answer(callId, { status: 0, text: '' });
      return;
    }
    const fault = this.#world.faults.onCall?.(call, this.#client) ?? 'deliver';
    this.#calls.send(
      () => {
        if (this.#isHalfOpen || this.#channelBroken) return;
        if (fault === 'break' || !this.#master.isRunning) return this.#breakChannel();
        if (fault === 'swallow') return this.#answer(callId, { status: 202, text: '' });
        this.#hear(callId, call, fault !== 'break-after');
        if (fault === 'duplicate') this.#hear(callId, call, false);
        if (fault === 'break-after') this.#breakChannel();
      },
      typeof fault === 'object' ? fault.delayMs : 0,
    );
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const told = this.#isHalfOpen ? tcpGivesUpMs : this.#world.latencyMs();
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
    const fault = this.#world.faults.onEvent?.(event, this.#client) ?? 'deliver';
    if (fault === 'drop') return;
    const deliver = (): void => {
      this.#handlers.onAlive();
      this.#handlers.onEvent(event);
    };
    this.#toClient(deliver, typeof fault === 'object' ? fault.delayMs : 0);
    if (fault === 'duplicate') this.#toClient(deliver);
  }

  /** On the stream; nothing is told after its end. */
  #toClient(deliver: () => void, delayMs = 0): void {
    this.#events.send(() => {
      if (!this.#isHalfOpen && !this.#isClosed && !this.#streamEnded) deliver();
    }, delayMs);
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

  #hear(callId: number, call: FrameworkCall, wantsAnswer: boolean): void {
    this.#master.request('scheduler-call', httpCall(call, this.#streamId), {
      answered: ({ status, text }) => {
        if (wantsAnswer) this.#answer(callId, { status, text });
      },
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
