import type { Dispatcher } from 'undici';
import type { FrameworkCall } from '../wire/index.ts';
import { AnswerWatch } from './answer-watch.ts';
import { Fifo } from './fifo.ts';
import { HttpLine, TextBody } from './http-line.ts';
import type { HttpSettings } from './http-settings.ts';
import { brokenExchange, neverAnswered } from './transport-error.ts';
import type { CallAnswer, MasterUrl } from './transport.ts';

/** Calls under way at a time: enough to fill a round trip, and the most whose fate is unknown when the connection breaks. */
const WINDOW = 256;

/** So many calls that wait hold up the events that cause them, until there are so few. */
const CONGESTED = 8192;
const RELIEVED = 1024;

export interface CallChannelDeps {
  readonly settings: HttpSettings;
  readonly master: MasterUrl;
  readonly onAnswered: (answer: CallAnswer) => void;
  /** The master is told more than it takes; or no longer. */
  readonly onCongested: (isCongested: boolean) => void;
}

interface QueuedCall {
  readonly callId: number;
  readonly call: FrameworkCall;
  /** It was refused with 401 once, and is sent with another token. */
  readonly isRetried: boolean;
}

/**
 * The ordered channel for all calls but SUBSCRIBE. Mesos keeps the order of what comes on one connection, and of no
 * more; so everything goes on one, each call written without waiting for the answers to those before.
 */
export class CallChannel {
  readonly #deps: CallChannelDeps;
  readonly #queue = new Fifo<QueuedCall>();
  /** In the order in which they were sent, which is that of the answers. */
  readonly #underWay = new Set<Exchange>();
  readonly #watch: AnswerWatch;
  /** Refused with 401, to be sent again before all others. */
  #unauthorized: QueuedCall[] = [];
  #line: HttpLine | undefined;
  #streamId: string | undefined;
  #isPumping = false;
  #isRefreshing = false;
  #isCongested = false;
  readonly #closing = new AbortController();
  #isClosed = false;
  #onQuiet: (() => void) | undefined;

  constructor(deps: CallChannelDeps) {
    this.#deps = deps;
    const { clock, answerTimeoutMs: timeoutMs } = deps.settings;
    this.#watch = new AnswerWatch({ clock, timeoutMs, onStuck: () => this.#break(neverAnswered()) });
  }

  /** The stream stands: calls that were queued leave. */
  bind(streamId: string): void {
    this.#streamId = streamId;
    this.#pump();
  }

  send(callId: number, call: FrameworkCall): void {
    if (this.#isClosed) return;
    this.#queue.push({ callId, call, isRetried: false });
    // Before the stream stands none of them can leave, and it must not be held up.
    if (this.#queue.length > CONGESTED && this.#streamId !== undefined) this.#congest(true);
    this.#pump();
  }

  /** No answer is missing. */
  get isQuiet(): boolean {
    return this.#underWay.size === 0;
  }

  /** Sends nothing more, and calls `run` once when no answer is missing any more. */
  finish(run: () => void): void {
    this.#queue.drain();
    this.#streamId = undefined;
    this.#congest(false);
    if (this.isQuiet) run();
    else this.#onQuiet = run;
  }

  /** Answers nothing any more; the socket is gone. Idempotent. */
  close(): void {
    this.#isClosed = true;
    this.#closing.abort();
    this.#queue.drain();
    this.#underWay.clear();
    this.#watch.end();
    this.#onQuiet = undefined;
    this.#line?.destroy();
  }

  /** Later in this turn: calls that are made in one go are written in one go, and never from within a parser's call. */
  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    queueMicrotask(() => {
      this.#isPumping = false;
      this.#fillWindow();
    });
  }

  #congest(isCongested: boolean): void {
    if (this.#isClosed || this.#isCongested === isCongested) return;
    this.#isCongested = isCongested;
    this.#deps.onCongested(isCongested);
  }

  #fillWindow(): void {
    while (!this.#isClosed && !this.#isRefreshing && this.#underWay.size < WINDOW) {
      if (this.#streamId === undefined) return;
      const next = this.#queue.shift();
      if (!next) return;
      this.#post(next, this.#streamId);
      if (this.#queue.length <= RELIEVED) this.#congest(false);
    }
  }

  #post(call: QueuedCall, streamId: string): void {
    const body = jsonOf(call.call);
    if (typeof body !== 'string') return this.#answer(call, body);
    this.#line ??= this.#open();
    const { header: authorization, canRefresh } = this.#deps.settings.authorizer;
    const retry = canRefresh && !call.isRetried ? call : undefined;
    const { callId } = call;
    const exchange = new Exchange({ callId, retry, authorization, onDone: (done) => this.#take(done) });
    this.#underWay.add(exchange);
    this.#watch.begin();
    const bodyTimeoutMs = this.#deps.settings.answerTimeoutMs;
    this.#line.post({ body, authorization, streamId, bodyTimeoutMs }, exchange);
  }

  #open(): HttpLine {
    return new HttpLine(this.#deps.settings, { master: this.#deps.master, pipelining: WINDOW });
  }

  #take(exchange: Exchange): void {
    if (this.#isClosed || !this.#underWay.has(exchange)) return;
    if (exchange.error) return this.#break(exchange.error);
    this.#underWay.delete(exchange);
    this.#watch.proceeds();
    const { retry } = exchange;
    if (exchange.status === 401 && retry) {
      this.#unauthorized.push({ ...retry, isRetried: true });
      this.#isRefreshing = true;
    } else this.#answer(exchange, exchange);
    if (this.#isRefreshing && this.isQuiet) void this.#refresh(exchange.authorization);
    else this.#proceed();
  }

  /** All that was sent with the old token has come back: the refused calls go first, in their order. */
  async #refresh(refused: string | undefined): Promise<void> {
    let problem: unknown;
    try {
      await this.#deps.settings.authorizer.refresh(refused, this.#closing.signal);
    } catch (error) {
      problem = error;
    }
    if (this.#isClosed) return;
    const calls = this.#unauthorized;
    this.#unauthorized = [];
    this.#isRefreshing = false;
    if (problem === undefined) this.#queue.unshift(calls);
    else for (const call of calls) this.#answer(call, { status: 401, text: String(problem) });
    this.#proceed();
  }

  #proceed(): void {
    if (this.isQuiet) {
      this.#watch.end();
      this.#onQuiet?.();
    }
    this.#pump();
  }

  /**
   * Whether the master has heard what was under way, nobody knows, and what was queued behind must not overtake it.
   * undici would send it again on a new connection, and the master do it twice: so its client goes, too. (When a server
   * ends a connection by `Connection: close`, it promises to have done nothing of what came after: that is sent again.)
   */
  #break(cause: Error): void {
    const { message } = brokenExchange(this.#deps.master, cause, true);
    const lost = [...this.#unauthorized, ...this.#underWay, ...this.#queue.drain()];
    this.#unauthorized = [];
    this.#underWay.clear();
    this.#isRefreshing = false;
    this.#line?.destroy();
    this.#line = undefined;
    for (const call of lost) this.#answer(call, { status: 0, text: message });
    this.#congest(false);
    this.#proceed();
  }

  #answer(
    { callId }: Pick<QueuedCall, 'callId'>,
    { status, text }: { readonly status: number; readonly text: string },
  ): void {
    if (this.#isClosed) return;
    this.#deps.onAnswered({ callId, status, text: this.#deps.settings.authorizer.redact(text) });
  }
}

/**
 * A call holds what its author gave, and parts of what a master sent: cycles, BigInts, a nesting that overflows the
 * stack. Then it is answered as Mesos answers what it can't read, and the others go on.
 */
function jsonOf(call: FrameworkCall): string | { readonly status: number; readonly text: string } {
  try {
    return JSON.stringify(call);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { status: 400, text: `The call was not sent, since it can't be written as JSON: ${why}` };
  }
}

/** One call and its answer. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly callId: number;
  /** The call, where a 401 would have it sent again: others are held only until they are written. */
  readonly retry: QueuedCall | undefined;
  /** With what it was sent. */
  readonly authorization: string | undefined;
  readonly #onDone: (exchange: Exchange) => void;
  readonly #text = new TextBody();
  status = 0;
  error: Error | undefined;

  constructor(options: {
    readonly callId: number;
    readonly retry: QueuedCall | undefined;
    readonly authorization: string | undefined;
    readonly onDone: (exchange: Exchange) => void;
  }) {
    this.callId = options.callId;
    this.retry = options.retry;
    this.authorization = options.authorization;
    this.#onDone = options.onDone;
  }

  get text(): string {
    return this.#text.toString();
  }

  // undici knows the new kind of handler by this method.
  onRequestStart(): void {}

  onResponseStart(_: Dispatcher.DispatchController, status: number): void {
    this.status = status;
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#text.push(chunk);
  }

  onResponseEnd(): void {
    this.#onDone(this);
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.error = error;
    this.#onDone(this);
  }
}
