import type { Timer } from '../base/clock.ts';
import type { FrameworkCall, SubscribeCall } from '../wire/index.ts';
import { CallChannel } from './call-channel.ts';
import { EventStream, type EventStreamDeps } from './event-stream.ts';
import { settle, type HttpSettings, type HttpTransportOptions } from './http-settings.ts';
import { MasterUnreachable } from './transport-error.ts';
import type {
  ConnectionHandlers,
  MasterConnection,
  MasterTransport,
  MasterUrl,
  StreamEnd,
} from './transport.ts';

/** A stream may end before the answer to the TEARDOWN that ended it: so long its end is kept back for the answer. */
const LAST_ANSWERS_MS = 1000;

/** Talks to masters over HTTP/1.1, as `POST /api/v1/scheduler` with JSON. */
export class HttpTransport implements MasterTransport {
  readonly #settings: HttpSettings;
  /** Masters that have answered a SUBSCRIBE. */
  readonly #known = new Set<MasterUrl>();

  /** Throws a TypeError when the principal can't be sent. */
  constructor(options: HttpTransportOptions = {}) {
    this.#settings = settle(options);
  }

  subscribe(master: MasterUrl, call: SubscribeCall, handlers: ConnectionHandlers): MasterConnection {
    const connection = new HttpConnection({ settings: this.#settings, known: this.#known, master, handlers });
    connection.open(JSON.stringify(call));
    return connection;
  }
}

interface HttpConnectionDeps {
  readonly settings: HttpSettings;
  readonly known: Set<MasterUrl>;
  readonly master: MasterUrl;
  readonly handlers: ConnectionHandlers;
}

class HttpConnection implements MasterConnection {
  readonly #deps: HttpConnectionDeps;
  readonly #calls: CallChannel;
  #stream: EventStream | undefined;
  readonly #closing = new AbortController();
  #isPaused = false;
  /** A master that causes more calls than it takes is not heard meanwhile: they would fill the memory. */
  #isCongested = false;
  #isClosed = false;
  #lastAnswers: Timer | undefined;

  constructor(deps: HttpConnectionDeps) {
    this.#deps = deps;
    this.#calls = new CallChannel({
      settings: deps.settings,
      master: deps.master,
      onAnswered: (answer) => loudly(() => deps.handlers.onAnswered(answer)),
      onCongested: (isCongested) => {
        this.#isCongested = isCongested;
        this.#holdOrGoOn();
      },
    });
  }

  open(body: string): void {
    const { authorizer } = this.#deps.settings;
    this.#after(authorizer.ready(this.#closing.signal), () => this.#subscribe(body, true));
  }

  send(callId: number, call: FrameworkCall): void {
    this.#calls.send(callId, call);
  }

  pause(): void {
    this.#isPaused = true;
    this.#holdOrGoOn();
  }

  resume(): void {
    this.#isPaused = false;
    this.#holdOrGoOn();
  }

  close(): void {
    this.#isClosed = true;
    this.#closing.abort();
    this.#lastAnswers?.cancel();
    this.#stream?.close();
    this.#calls.close();
  }

  #holdOrGoOn(): void {
    if (this.#isPaused || this.#isCongested) this.#stream?.pause();
    else this.#stream?.resume();
  }

  #subscribe(body: string, mayRefresh: boolean): void {
    const { settings, known, master, handlers } = this.#deps;
    const authorization = settings.authorizer.header;
    const deps: EventStreamDeps = {
      settings,
      master,
      isKnown: known.has(master),
      body,
      onOpened: (streamId) => {
        known.add(master);
        this.#calls.bind(streamId);
        loudly(() => handlers.onOpened({ streamId }));
      },
      onAlive: () => loudly(() => handlers.onAlive()),
      onEvent: (event) => loudly(() => handlers.onEvent(event)),
      onEnded: (end) => {
        const isStale = end.kind === 'refused' && end.status === 401 && settings.authorizer.canRefresh;
        if (!isStale || !mayRefresh) return this.#finish(end);
        const refreshed = settings.authorizer.refresh(authorization, this.#closing.signal);
        this.#after(refreshed, () => this.#subscribe(body, false));
      },
    };
    try {
      this.#stream = EventStream.open(deps);
    } catch (error) {
      // An address that is no URL, of a detector of another hand.
      return this.#finish({ kind: 'unreachable', error: new MasterUnreachable(master, error) });
    }
    if (this.#isPaused) this.#stream.pause();
  }

  /** A token that can't be had is as a master that can't be reached: the session tries again later. */
  #after(token: Promise<void>, run: () => void): void {
    token.then(
      () => {
        if (!this.#isClosed) run();
      },
      (error: unknown) =>
        this.#finish({ kind: 'unreachable', error: new MasterUnreachable(this.#deps.master, error) }),
    );
  }

  #finish(end: StreamEnd): void {
    const tell = () => {
      if (this.#isClosed) return;
      this.close();
      loudly(() => this.#deps.handlers.onEnded(end));
    };
    if (end.kind !== 'ended' || this.#calls.isQuiet) return tell();
    this.#lastAnswers = this.#deps.settings.clock.after(LAST_ANSWERS_MS, tell);
    this.#calls.finish(tell);
  }
}

/** An error of a handler is an uncaught exception: undici, which calls it, would take it for one of the connection. */
function loudly(run: () => void): void {
  try {
    run();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
