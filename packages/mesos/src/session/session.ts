import type { RandomSource } from '../base/random.ts';
import type { CallAnswer, MasterUrl, StreamEnd } from '../transport/transport.ts';
import type { MesosEvent, WireMasterInfo } from '../wire/index.ts';
import { BackOff } from './back-off.ts';
import { judgeAnswer, judgeError, judgeRefusal } from './judge.ts';
import { MasterRound, type MasterFault } from './master-round.ts';
import { apply, type SessionEvent, type SessionState } from './session-state.ts';

export interface SessionOptions {
  /** How long a search for masters may take. */
  readonly detectTimeoutMs: number;
  /** From the connection attempt to the SUBSCRIBED event. */
  readonly subscribeTimeoutMs: number;
  /** The first attempt is made at a random time within this; 0: at once. */
  readonly firstConnectDelayMs: number;
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
  /** Heartbeat intervals without a byte after which the master counts as dead. */
  readonly missedHeartbeats: number;
  /** What a heartbeat may be late. */
  readonly heartbeatSlackMs: number;
  /** Redirects followed from one master of the list. */
  readonly maxRedirects: number;
  /** The credentials are fetched anew after a 401: one more attempt is worth it. */
  readonly canRefreshCredentials: boolean;
}

/** What the session wants done; the order is binding. Each `connect` but the first follows a `disconnect`. */
export type SessionAction =
  | { readonly type: 'detect' }
  | { readonly type: 'connect'; readonly master: MasterUrl }
  | { readonly type: 'disconnect' }
  | {
      readonly type: 'subscribed';
      readonly frameworkId: string;
      readonly masterInfo: WireMasterInfo | undefined;
      /** Another master than at the last subscription, or the same one restarted; also at the first one. */
      readonly newMaster: boolean;
    }
  /** No subscription; the next attempt follows after `retryInMs`. */
  | {
      readonly type: 'lost';
      readonly reason: string;
      readonly retryInMs: number;
      /** Of the call that was refused, where one was. */
      readonly status?: number;
    }
  | { readonly type: 'stepped-down'; readonly reason: string }
  /** The framework's id is dead. Who wants to go on under a new id starts the session again. */
  | { readonly type: 'removed'; readonly reason: string }
  /** `status`: the HTTP status of the refusal, 200 when it came as an ERROR event, 0 when no Mesos answered. */
  | { readonly type: 'refused'; readonly status: number; readonly reason: string };

/** Mesos's own interval, should SUBSCRIBED not tell one. */
const DEFAULT_HEARTBEAT_SECONDS = 15;
/** What a master may claim instead: with more, a dead one would go unnoticed; with less, a slow one would be left. */
const HEARTBEAT_SECONDS = { least: 1, most: 300 };
/** A tick that comes later than this says that this process has slept, not that the master was silent. */
const OVERSLEPT_MS = 1000;
/** Rounds in a row that may look like no Mesos before it is believed: a dying master, too, breaks off a record. */
const ALIEN_ROUNDS = 3;

type Deadline = 'begin' | 'detect' | 'subscribe' | 'retry';

/**
 * One framework's subscription, from the search for a master to its loss. Pure: it takes what has happened and the
 * monotonic time in ms, and says what to do. Who calls it passes on only what concerns the current connection.
 *
 *     session.start(now)                       // → [{ type: 'detect' }]
 *     session.masters(now, ['http://m1:5050']) // → [{ type: 'connect', master: 'http://m1:5050' }]
 *     session.event(now, subscribed)           // → [{ type: 'subscribed', … }]
 */
export class Session {
  readonly #options: SessionOptions;
  readonly #random: RandomSource;
  readonly #backOff: BackOff;
  #state: SessionState = 'IDLE';
  #leading = true;
  #deadline: { readonly kind: Deadline; readonly atMs: number } | undefined;
  #round = new MasterRound([], 0);
  #master: MasterUrl | undefined;
  #opened = false;
  #connected = false;
  #subscribedAtMs = 0;
  #aliveAtMs = 0;
  #silenceMs = 0;
  #forgaveSleep = false;
  #masterId: string | undefined;
  #unauthorized = 0;
  #alienRounds = 0;

  constructor(options: SessionOptions, random: RandomSource) {
    this.#options = options;
    this.#random = random;
    this.#backOff = new BackOff({ minMs: options.backoffMinMs, maxMs: options.backoffMaxMs }, random);
  }

  get state(): SessionState {
    return this.#state;
  }

  /** The master that is asked or subscribed to. */
  get master(): MasterUrl | undefined {
    return this.#connected ? this.#master : undefined;
  }

  /** When {@link tick} has something to do, in monotonic ms. */
  get nextDeadlineMs(): number | undefined {
    return this.#state === 'SUBSCRIBED' ? this.#aliveAtMs + this.#silenceMs : this.#deadline?.atMs;
  }

  /** Begins, or begins anew after an end that only its caller can mend. */
  start(nowMs: number): readonly SessionAction[] {
    if (!this.#leading) return this.#stepDown('another instance leads');
    if (!this.#enter('started')) return [];
    this.#backOff.reset();
    this.#unauthorized = this.#alienRounds = 0;
    const delayMs = this.#options.firstConnectDelayMs;
    if (delayMs === 0) return this.#detect(nowMs);
    this.#deadline = { kind: 'begin', atMs: nowMs + this.#random.next() * delayMs };
    return [];
  }

  /** Ends, in whatever state. */
  stop(): readonly SessionAction[] {
    this.#enter('stopped');
    return this.#hangUp();
  }

  /** This instance may subscribe (and tries again, should it have been refused), or another one leads. */
  leadership(nowMs: number, leading: boolean): readonly SessionAction[] {
    this.#leading = leading;
    const waitsForIt = this.#state === 'STEPPED_DOWN' || this.#state === 'REFUSED';
    if (leading) return waitsForIt ? this.start(nowMs) : [];
    return this.#state === 'IDLE' ? [] : this.#stepDown('another instance leads');
  }

  masters(nowMs: number, masters: readonly MasterUrl[]): readonly SessionAction[] {
    if (this.#deadline?.kind !== 'detect') return [];
    if (masters.length === 0) return this.#lose(nowMs, 'there is no master');
    this.#enter('masters-found');
    this.#round = new MasterRound(masters, this.#options.maxRedirects);
    return this.#tryNext(nowMs);
  }

  noMasters(nowMs: number, error: Error): readonly SessionAction[] {
    return this.#deadline?.kind === 'detect' ? this.#lose(nowMs, error.message) : [];
  }

  /** The stream stands. */
  opened(nowMs: number): readonly SessionAction[] {
    this.#opened = true;
    this.#aliveAtMs = nowMs;
    return [];
  }

  /** Any byte came. */
  alive(nowMs: number): readonly SessionAction[] {
    this.#aliveAtMs = nowMs;
    this.#forgaveSleep = false;
    return [];
  }

  event(nowMs: number, event: MesosEvent): readonly SessionAction[] {
    this.alive(nowMs);
    if (event.type === 'SUBSCRIBED') return this.#onSubscribed(nowMs, event.subscribed);
    return event.type === 'ERROR' ? this.#onError(nowMs, event.error.message) : [];
  }

  /** The stream never stood, or has ended. */
  ended(nowMs: number, end: StreamEnd): readonly SessionAction[] {
    if (this.#state === 'SUBSCRIBED') return this.#lose(nowMs, describeEnd(end));
    return this.#state === 'SUBSCRIBING' ? this.#onAttemptEnded(nowMs, end) : [];
  }

  /** A call was answered. */
  answered(nowMs: number, answer: CallAnswer): readonly SessionAction[] {
    if (this.#state !== 'SUBSCRIBED') return [];
    const said = describeStatus(answer.status, answer.text);
    const verdict = judgeAnswer(answer);
    if (verdict === 'taken-over') return this.#stepDown(`another subscriber has taken over: ${said}`);
    if (verdict === 'fine') return [];
    if (answer.status === 0) return this.#lose(nowMs, 'the channel for calls broke');
    const lost = this.#lose(nowMs, `a call was refused: ${said}`);
    return lost.map((action) => (action.type === 'lost' ? { ...action, status: answer.status } : action));
  }

  tick(nowMs: number): readonly SessionAction[] {
    const dueMs = this.nextDeadlineMs;
    if (dueMs === undefined || nowMs < dueMs) return [];
    if (this.#state === 'SUBSCRIBED') return this.#onSilence(nowMs, dueMs);
    switch (this.#deadline!.kind) {
      case 'begin':
        return this.#detect(nowMs);
      case 'detect':
        return this.#lose(nowMs, `no master was found within ${this.#options.detectTimeoutMs} ms`);
      case 'subscribe':
        return this.#fail(
          nowMs,
          'unreachable',
          `no SUBSCRIBED within ${this.#options.subscribeTimeoutMs} ms`,
        );
      case 'retry':
        this.#enter('retried');
        return this.#detect(nowMs);
    }
  }

  #enter(event: SessionEvent): boolean {
    const next = apply(this.#state, event);
    if (next === undefined) return false;
    this.#state = next;
    this.#deadline = undefined;
    return true;
  }

  #detect(nowMs: number): readonly SessionAction[] {
    this.#deadline = { kind: 'detect', atMs: nowMs + this.#options.detectTimeoutMs };
    return [{ type: 'detect' }];
  }

  #tryNext(nowMs: number): readonly SessionAction[] {
    const master = this.#round.next();
    return master === undefined ? this.#onRoundEnded(nowMs) : this.#connect(nowMs, master);
  }

  #connect(nowMs: number, master: MasterUrl): readonly SessionAction[] {
    const before = this.#hangUp();
    this.#enter('next-master');
    this.#master = master;
    this.#opened = false;
    this.#connected = true;
    this.#deadline = { kind: 'subscribe', atMs: nowMs + this.#options.subscribeTimeoutMs };
    return [...before, { type: 'connect', master }];
  }

  #hangUp(): readonly SessionAction[] {
    if (!this.#connected) return [];
    this.#connected = false;
    return [{ type: 'disconnect' }];
  }

  #onAttemptEnded(nowMs: number, end: StreamEnd): readonly SessionAction[] {
    switch (end.kind) {
      case 'redirected': {
        const next = this.#round.follow(end.leader);
        return 'master' in next
          ? this.#connect(nowMs, next.master)
          : this.#fail(nowMs, 'unready', next.problem);
      }
      case 'refused':
        return this.#onRefused(nowMs, end);
      case 'garbage':
        return this.#fail(nowMs, this.#opened ? 'perhaps-alien' : 'alien', describeEnd(end));
      case 'unreachable':
        return this.#fail(nowMs, 'unreachable', describeEnd(end));
      case 'ended':
        return this.#fail(nowMs, 'unready', describeEnd(end));
    }
  }

  #onRefused(nowMs: number, { status, text }: StreamEnd & { kind: 'refused' }): readonly SessionAction[] {
    const said = describeStatus(status, text);
    const verdict = judgeRefusal(status, text);
    if (verdict === 'unauthorized' && this.#options.canRefreshCredentials && this.#unauthorized++ === 0) {
      return this.#lose(nowMs, `the credentials were refused and are fetched anew: ${said}`);
    }
    if (verdict === 'unauthorized' || verdict === 'refused') return this.#refuse(status, said);
    return this.#fail(nowMs, verdict === 'retry' ? 'unready' : verdict, said);
  }

  #fail(nowMs: number, fault: MasterFault, problem: string): readonly SessionAction[] {
    this.#round.failed(fault, problem);
    return this.#tryNext(nowMs);
  }

  #onRoundEnded(nowMs: number): readonly SessionAction[] {
    const { isAlien, problems } = this.#round;
    this.#alienRounds = isAlien === 'no' ? 0 : this.#alienRounds + 1;
    if (isAlien === 'yes' || this.#alienRounds >= ALIEN_ROUNDS) return this.#refuse(0, problems);
    return this.#lose(nowMs, problems);
  }

  #onSubscribed(
    nowMs: number,
    subscribed: (MesosEvent & { type: 'SUBSCRIBED' })['subscribed'],
  ): readonly SessionAction[] {
    if (!this.#enter('subscribed')) return [];
    const { framework_id, heartbeat_interval_seconds, master_info } = subscribed;
    const intervalMs = heartbeatSeconds(heartbeat_interval_seconds) * 1000;
    this.#silenceMs = intervalMs * this.#options.missedHeartbeats + this.#options.heartbeatSlackMs;
    this.#subscribedAtMs = nowMs;
    this.#unauthorized = this.#alienRounds = 0;
    const newMaster = master_info === undefined || master_info.id !== this.#masterId;
    this.#masterId = master_info?.id;
    return [{ type: 'subscribed', frameworkId: framework_id.value, masterInfo: master_info, newMaster }];
  }

  #onError(nowMs: number, message: string): readonly SessionAction[] {
    if (this.#state !== 'SUBSCRIBING' && this.#state !== 'SUBSCRIBED') return [];
    const verdict = judgeError(message);
    if (verdict === 'failed-over') return this.#stepDown(`another subscriber has taken over: ${message}`);
    if (verdict === 'removed') {
      this.#enter('removed');
      return [...this.#hangUp(), { type: 'removed', reason: message }];
    }
    const isRefusal = this.#state === 'SUBSCRIBING' && verdict === 'other';
    return isRefusal ? this.#refuse(200, message) : this.#lose(nowMs, message);
  }

  #onSilence(nowMs: number, dueMs: number): readonly SessionAction[] {
    if (nowMs - dueMs > OVERSLEPT_MS && !this.#forgaveSleep) {
      // What came meanwhile still waits in the socket; it is read after this tick.
      this.#forgaveSleep = true;
      this.#aliveAtMs = nowMs + OVERSLEPT_MS - this.#silenceMs;
      return [];
    }
    return this.#lose(nowMs, `the master has been silent for ${this.#silenceMs} ms`);
  }

  #lose(nowMs: number, reason: string): readonly SessionAction[] {
    // A master that ends each subscription at once must not be asked in a tight loop.
    const wasStable =
      this.#state === 'SUBSCRIBED' && nowMs - this.#subscribedAtMs > this.#options.backoffMaxMs;
    if (wasStable) this.#backOff.reset();
    if (!this.#enter('lost')) return [];
    const retryInMs = this.#backOff.next();
    this.#deadline = { kind: 'retry', atMs: nowMs + retryInMs };
    return [...this.#hangUp(), { type: 'lost', reason, retryInMs }];
  }

  #refuse(status: number, reason: string): readonly SessionAction[] {
    this.#enter('refused');
    return [...this.#hangUp(), { type: 'refused', status, reason }];
  }

  #stepDown(reason: string): readonly SessionAction[] {
    if (!this.#enter('stepped-down')) return [];
    return [...this.#hangUp(), { type: 'stepped-down', reason }];
  }
}

function heartbeatSeconds(told: number = DEFAULT_HEARTBEAT_SECONDS): number {
  return Math.min(HEARTBEAT_SECONDS.most, Math.max(HEARTBEAT_SECONDS.least, told));
}

/** Some servers begin the text with the status, and end it as a sentence. */
function describeStatus(status: number, text: string): string {
  const said = text.trim().replace(new RegExp(`^${status}\\s+`), '');
  return said === '' ? `HTTP status ${status}` : `HTTP status ${status}, ${said.replace(/\.$/, '')}`;
}

function describeEnd(end: StreamEnd): string {
  switch (end.kind) {
    case 'refused':
      return describeStatus(end.status, end.text);
    case 'redirected':
      return `it redirects to ${end.leader}`;
    case 'ended':
      return 'the master has ended the stream';
    case 'unreachable':
    case 'garbage':
      return end.error.message;
  }
}
