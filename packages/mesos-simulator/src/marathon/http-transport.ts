import { Agent, request, type IncomingMessage } from 'node:http';

import type { FrameworkCall, MesosEvent, SubscribeCall } from '@vibrissa/mesos/wire';

import type { VirtualConnection, VirtualHandlers, VirtualTransport } from '../virtual/virtual-transport.ts';

/** Who calls, where the master wants to know. */
export interface Credential {
  readonly principal: string;
  readonly secret: string;
}

/** A framework's connections with a real master's port: one for the stream, one for calls, in their order. */
export function httpTransport(credential: Credential | undefined): VirtualTransport {
  return {
    subscribe: (master, call, handlers) => {
      const connection = new HttpConnection(`${master}/api/v1/scheduler`, credential, handlers);
      connection.open(call);
      return connection;
    },
  };
}

class HttpConnection implements VirtualConnection {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #handlers: VirtualHandlers;
  readonly #stream = new Agent({ keepAlive: false });
  readonly #calls = new Agent({ keepAlive: true, maxSockets: 1 });
  #streamId = '';
  #isClosed = false;
  #unread = Buffer.alloc(0);

  constructor(url: string, credential: Credential | undefined, handlers: VirtualHandlers) {
    this.#url = url;
    this.#handlers = handlers;
    const basic =
      credential && Buffer.from(`${credential.principal}:${credential.secret}`).toString('base64');
    this.#headers = {
      'Content-Type': 'application/json',
      Accept: 'application/json',
      ...(basic === undefined ? {} : { Authorization: `Basic ${basic}` }),
    };
  }

  open(call: SubscribeCall): void {
    const sent = request(this.#url, { method: 'POST', agent: this.#stream, headers: this.#headers });
    sent.on('error', (error) => this.#end({ kind: 'unreachable', error }));
    sent.once('response', (response) => {
      const { statusCode: status = 0, headers } = response;
      response.on('error', (error) => this.#end({ kind: 'unreachable', error }));
      if (status !== 200) return this.#end({ kind: 'refused', status, text: '' });
      this.#streamId = String(headers['mesos-stream-id'] ?? '');
      this.#handlers.onOpened({ streamId: this.#streamId });
      this.#read(response);
    });
    sent.end(JSON.stringify(call));
  }

  send(callId: number, call: FrameworkCall): void {
    if (this.#isClosed) return;
    const headers = { ...this.#headers, 'Mesos-Stream-Id': this.#streamId };
    const sent = request(this.#url, { method: 'POST', agent: this.#calls, headers });
    sent.on('error', (error) => this.#answered(callId, 0, error.message));
    sent.once('response', (response) => {
      response.resume();
      this.#answered(callId, response.statusCode ?? 0, '');
    });
    sent.end(JSON.stringify(call));
  }

  close(): void {
    this.#isClosed = true;
    this.#stream.destroy();
    this.#calls.destroy();
  }

  #answered(callId: number, status: number, text: string): void {
    if (!this.#isClosed) this.#handlers.onAnswered({ callId, status, text });
  }

  #end(end: Parameters<VirtualHandlers['onEnded']>[0]): void {
    if (!this.#isClosed) this.#handlers.onEnded(end);
  }

  #read(response: IncomingMessage): void {
    response.once('close', () => this.#end({ kind: 'ended' }));
    response.on('data', (piece: Buffer) => {
      if (this.#isClosed) return;
      this.#unread = Buffer.concat([this.#unread, piece]);
      try {
        this.#takeRecords();
      } catch (error) {
        response.destroy();
        this.#end({ kind: 'garbage', error: error instanceof Error ? error : new Error(String(error)) });
      }
    });
  }

  /** A record is its length in bytes, in digits, a line break, and so many bytes. Throws when it isn't. */
  #takeRecords(): void {
    for (;;) {
      const end = this.#unread.indexOf('\n');
      if (end < 0) return;
      const length = Number(this.#unread.subarray(0, end).toString());
      if (!Number.isInteger(length)) throw new Error('The length of a record is no number.');
      const whole = end + 1 + length;
      if (this.#unread.length < whole) return;
      const event = JSON.parse(this.#unread.subarray(end + 1, whole).toString()) as MesosEvent;
      this.#unread = this.#unread.subarray(whole);
      if (this.#isClosed) return;
      this.#handlers.onAlive();
      this.#handlers.onEvent(event);
    }
  }
}
