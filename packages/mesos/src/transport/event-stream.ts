import type { Dispatcher } from 'undici';
import type { Timer } from '../base/clock.ts';
import type { MesosEvent } from '../wire/index.ts';
import { EventReader } from './event-reader.ts';
import { HttpLine, TextBody } from './http-line.ts';
import type { HttpSettings } from './http-settings.ts';
import { leaderOf, whyNotFollowed } from './master-url.ts';
import { brokenExchange, NotAMaster } from './transport-error.ts';
import type { MasterUrl, StreamEnd } from './transport.ts';

export interface EventStreamDeps {
  readonly settings: HttpSettings;
  readonly master: MasterUrl;
  /** It has answered a SUBSCRIBE before. */
  readonly isKnown: boolean;
  /** The SUBSCRIBE call as JSON. */
  readonly body: string;
  readonly onOpened: (streamId: string) => void;
  readonly onAlive: () => void;
  readonly onEvent: (event: MesosEvent) => void;
  /** The last that is told. */
  readonly onEnded: (end: StreamEnd) => void;
}

type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2];

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** One SUBSCRIBE, on a connection of its own that is never used again, and the stream that answers it. */
export class EventStream implements Dispatcher.DispatchHandler {
  readonly #deps: EventStreamDeps;
  readonly #line: HttpLine;
  readonly #reader: EventReader;
  #controller: Dispatcher.DispatchController | undefined;
  #refusal: { readonly status: number; readonly text: TextBody; readonly timer: Timer } | undefined;
  /** How the stream ended while events before it are still to be told. */
  #pendingEnd: StreamEnd | undefined;
  #isClosed = false;

  private constructor(deps: EventStreamDeps) {
    this.#deps = deps;
    this.#line = new HttpLine(deps.settings, { master: deps.master, pipelining: 1 });
    this.#reader = new EventReader({
      maxRecordBytes: deps.settings.maxRecordBytes,
      onEvent: (event) => {
        if (!this.#isClosed) deps.onEvent(event);
      },
      onGarbage: (error) => this.#endAsGarbage(error),
    });
  }

  /** Sends SUBSCRIBE. A `Mesos-Stream-Id` must not go with it: the master would refuse it. */
  static open(deps: EventStreamDeps): EventStream {
    const stream = new EventStream(deps);
    const authorization = deps.settings.authorizer.header;
    stream.#line.post({ body: deps.body, authorization, bodyTimeoutMs: 0 }, stream);
    return stream;
  }

  pause(): void {
    this.#reader.pause();
    this.#controller?.pause();
  }

  resume(): void {
    this.#reader.resume();
    this.#tellPendingEnd();
    if (this.#reader.isPaused) return;
    // Not from within another connection's parser, of which undici has one for all.
    queueMicrotask(() => {
      if (!this.#reader.isPaused && !this.#isClosed) this.#controller?.resume();
    });
  }

  /** Tells nothing any more; the socket is gone. Idempotent. */
  close(): void {
    this.#isClosed = true;
    this.#refusal?.timer.cancel();
    this.#reader.stop();
    this.#line.destroy();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#reader.isPaused) controller.pause();
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Headers): void {
    if (this.#isClosed || status < 200) return;
    if (status === 200) this.#open(headers);
    else if (REDIRECTS.has(status)) this.#redirect(headers);
    else this.#refuse(status);
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isClosed) return;
    if (this.#refusal) {
      this.#refusal.text.push(chunk);
      if (!this.#refusal.text.wantsMore) this.#endAsRefused(this.#refusal);
      return;
    }
    this.#deps.onAlive();
    if (!this.#isClosed) this.#reader.push(chunk);
  }

  onResponseEnd(): void {
    if (this.#refusal) this.#endAsRefused(this.#refusal);
    else if (this.#reader.isWithinRecord)
      this.#endAsGarbage(new Error('it ended a stream in the middle of a record'));
    else this.#end({ kind: 'ended' });
  }

  onResponseError(_: Dispatcher.DispatchController, cause: Error): void {
    if (this.#refusal) this.#endAsRefused(this.#refusal);
    else this.#endAsBroken(cause);
  }

  #open(headers: Headers): void {
    const type = first(headers['content-type'])?.split(';')[0]?.trim().toLowerCase();
    if (type !== 'application/json') {
      return this.#endAsGarbage(
        new Error(
          `its stream has ${type ? `the content type ${type}` : 'no content type'} instead of application/json`,
        ),
      );
    }
    const streamId = first(headers['mesos-stream-id']);
    if (!streamId) {
      return this.#endAsGarbage(
        new Error('its answer to SUBSCRIBE has no Mesos-Stream-Id, as that of another API of Mesos has'),
      );
    }
    this.#deps.onOpened(streamId);
  }

  #redirect(headers: Headers): void {
    const location = first(headers['location']) ?? '';
    const leader = leaderOf(location, this.#deps.master);
    if (leader) this.#end({ kind: 'redirected', leader });
    else this.#endAsGarbage(new Error(whyNotFollowed(location, this.#deps.master)));
  }

  /** Its text is told, too; a body that doesn't come is not waited for. */
  #refuse(status: number): void {
    const { clock, answerTimeoutMs } = this.#deps.settings;
    const timer = clock.after(answerTimeoutMs, () => {
      if (this.#refusal) this.#endAsRefused(this.#refusal);
    });
    this.#refusal = { status, text: new TextBody(), timer };
  }

  #endAsRefused({ status, text }: { readonly status: number; readonly text: TextBody }): void {
    this.#end({ kind: 'refused', status, text: this.#deps.settings.authorizer.redact(text.toString()) });
  }

  #endAsGarbage({ message }: Error): void {
    const problem = this.#deps.settings.authorizer.redact(message);
    this.#end({ kind: 'garbage', error: new NotAMaster(this.#deps.master, problem) });
  }

  #endAsBroken(cause: Error): void {
    const error = brokenExchange(this.#deps.master, cause, this.#deps.isKnown);
    this.#end({ kind: error instanceof NotAMaster ? 'garbage' : 'unreachable', error });
  }

  #end(end: StreamEnd): void {
    if (this.#isClosed || this.#pendingEnd) return;
    this.#pendingEnd = end;
    this.#tellPendingEnd();
  }

  #tellPendingEnd(): void {
    const end = this.#pendingEnd;
    if (!end || this.#isClosed || !this.#reader.isDrained) return;
    this.close();
    this.#deps.onEnded(end);
  }
}

function first(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
