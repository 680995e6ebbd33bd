import type { AgentToMaster, MasterToAgent } from '../agent/link.ts';
import type { Clock } from '../base/clock.ts';
import type { RandomSource } from '../base/random.ts';
import type { FaultRules } from '../faults/fault-rules.ts';
import { noSuchFile, textAnswer, type HttpAnswer } from '../http/answer.ts';
import type { Exchange } from '../http/exchange.ts';
import { HttpListener } from '../http/http-listener.ts';
import { RouteTable } from '../http/route-table.ts';
import { MasterCore } from '../master/master-core.ts';
import type { MasterOptions } from '../master/master-options.ts';
import type { HttpCall, MasterAddress, MasterEffect, MasterInput } from '../master/messages.ts';
import type { Registry } from '../master/registry.ts';
import { addMasterRoutes } from '../operator/master-routes.ts';
import type { MasterSnapshot } from '../master/snapshot.ts';
import { CallGate, type AnswerWay, type WaitingCall } from './call-gate.ts';
import { authenticate, unauthorized, type Credentials } from './credentials.ts';
import { EventLine } from './event-line.ts';
import { StepLoop } from './step-loop.ts';

export interface MasterHostOptions {
  /** Counted from 1. */
  readonly number: number;
  readonly host: string;
  /** 0: any free one, which it keeps over restarts. */
  readonly port: number;
  readonly hostname?: string;
  readonly settings: Omit<MasterOptions, 'address'>;
  /** Those of the driver, beside the master's own. */
  readonly flags: Readonly<Record<string, string>>;
  readonly credentials: Credentials;
  /** Asked at each start. */
  readonly registry: () => Registry;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly rules: FaultRules;
  /** Adds what isn't Mesos's own: the page and the control endpoint. */
  readonly addRoutes: (table: RouteTable, host: MasterHost) => void;
  /** Its process has ended of itself. */
  readonly onExit: (host: MasterHost) => void;
}

interface Pending {
  readonly way: AnswerWay;
  readonly answer: (answer: HttpAnswer) => void;
  readonly exchange?: Exchange;
  readonly line: () => EventLine;
}

/** What lives as long as one run of a master's process. */
interface Life {
  readonly core: MasterCore;
  readonly loop: StepLoop<MasterInput, MasterEffect>;
  readonly listener: HttpListener;
  readonly gate: CallGate;
  readonly pending: Map<number, Pending>;
  readonly lines: Map<number, EventLine>;
  readonly agents: Map<string, MasterSide>;
}

/** What a master knows of a connection with an agent. */
export interface MasterSide {
  readonly send: (message: MasterToAgent) => void;
  readonly closed: () => void;
}

/** A master's process: it can be started, killed, and started again on the same port. */
export class MasterHost {
  readonly #options: MasterHostOptions;
  readonly #turns = new WeakMap<object, Promise<void>>();
  #life: Life | undefined;
  #port: number;
  #requests = 0;

  constructor(options: MasterHostOptions) {
    this.#options = options;
    this.#port = options.port;
  }

  get number(): number {
    return this.#options.number;
  }

  get isRunning(): boolean {
    return this.#life !== undefined;
  }

  /** Its port is known from the first start on. */
  get address(): MasterAddress {
    const { host, hostname = host } = this.#options;
    return { hostname, ip: host, port: this.#port };
  }

  get url(): string {
    return `http://${this.#options.host}:${this.#port}`;
  }

  /** Rejects with node's error when its port is taken. Does nothing when it runs. */
  async start(): Promise<void> {
    if (this.#life) return;
    const { host, clock } = this.#options;
    const table = new RouteTable();
    const listener = await HttpListener.open({
      host,
      port: this.#port,
      clock,
      handle: (exchange) => void table.serve(exchange),
    });
    this.#port = listener.port;
    this.#life = this.#newLife(listener);
    this.#addRoutes(table, this.#life.core);
  }

  /** As SIGKILL: every connection ends at once. Its agents are told. */
  async kill(): Promise<void> {
    const life = this.#life;
    if (!life) return;
    this.#life = undefined;
    life.loop.close();
    life.gate.close();
    for (const side of life.agents.values()) side.closed();
    await life.listener.close();
  }

  setLeader(leader: MasterAddress | undefined): void {
    this.#life?.loop.take({ type: 'leader', ...(leader ? { leader } : {}) });
  }

  connectAgent(link: string, side: MasterSide): void {
    this.#life?.agents.set(link, side);
  }

  agentMessage(link: string, message: AgentToMaster): void {
    if (this.#life?.agents.has(link)) this.#life.loop.take({ type: 'agent-message', link, message });
  }

  agentDisconnected(link: string): void {
    if (this.#life?.agents.delete(link)) this.#life.loop.take({ type: 'agent-disconnected', link });
  }

  rescindOffers(frameworkId?: string): void {
    this.#life?.loop.take({ type: 'rescind-offers', ...(frameworkId === undefined ? {} : { frameworkId }) });
  }

  /** A call of the operator API, from inside. */
  operatorCall(json: unknown): Promise<HttpAnswer> {
    return new Promise((resolve) => {
      const life = this.#life;
      if (!life) return resolve(textAnswer(503, 'The master does not run'));
      const request = ++this.#requests;
      life.pending.set(request, {
        way: 'answer',
        answer: resolve,
        line: () => this.#newLine(request, false),
      });
      life.loop.take({
        type: 'operator-call',
        request,
        call: { method: 'POST', contentType: 'application/json', accept: 'application/json', body: { json } },
      });
    });
  }

  /** Undefined while it doesn't lead. */
  snapshot(): MasterSnapshot | undefined {
    const core = this.#life?.core;
    return core?.leadership === 'leading' ? core.snapshot() : undefined;
  }

  #newLife(listener: HttpListener): Life {
    const { clock, random, rules, settings, registry } = this.#options;
    const core = new MasterCore({ ...settings, address: this.address }, { random, registry: registry() });
    return {
      core,
      listener,
      loop: new StepLoop<MasterInput, MasterEffect>({
        clock,
        stepper: core,
        tick: { type: 'tick' },
        execute: (effect) => this.#execute(effect),
      }),
      gate: new CallGate({ clock, rules, pass: (call, way) => this.#pass(call, way) }),
      pending: new Map(),
      lines: new Map(),
      agents: new Map(),
    };
  }

  #addRoutes(table: RouteTable, core: MasterCore): void {
    addMasterRoutes(table, {
      address: () => this.address,
      leadership: () => core.leadership,
      operatorCall: (call) => this.operatorCall(call),
      snapshot: () => {
        const snapshot = core.snapshot();
        return { ...snapshot, flags: { ...snapshot.flags, ...this.#options.flags } };
      },
    });
    table
      .add(['/api/v1/scheduler', '/master/api/v1/scheduler'], (exchange) => this.#schedulerCall(exchange))
      .add(['/api/v1', '/master/api/v1'], (exchange) => this.#operatorRequest(exchange));
    this.#options.addRoutes(table, this);
  }

  async #schedulerCall(exchange: Exchange): Promise<void> {
    const who = authenticate(this.#options.credentials, exchange.header('authorization'));
    if (who.kind === 'refused') return exchange.answer(unauthorized);
    const principal = who.kind === 'principal' ? { principal: who.principal } : {};
    await this.#inTurn(exchange, (body) => this.#life?.gate.take({ exchange, body, ...principal }));
  }

  async #operatorRequest(exchange: Exchange): Promise<void> {
    await this.#inTurn(exchange, (body) => {
      if (asksForFile(body)) return exchange.answer(noSuchFile);
      const request = this.#expect({ exchange, body }, 'answer', false);
      this.#life?.loop.take({ type: 'operator-call', request, call: toCall(exchange, body) });
    });
  }

  /** Pipelined calls are heard in the order of their connection, however long their bodies take to be read. */
  async #inTurn(exchange: Exchange, hear: (body: string) => void): Promise<void> {
    const before = this.#turns.get(exchange.connection) ?? Promise.resolve();
    const body = exchange.body();
    const mine = before.then(async () => hear((await body).toString()));
    this.#turns.set(
      exchange.connection,
      mine.catch(() => {}),
    );
    await mine;
  }

  #pass(call: WaitingCall, way: AnswerWay): void {
    const request = this.#expect(call, way, true);
    const { principal } = call;
    this.#life?.loop.take({
      type: 'scheduler-call',
      request,
      call: { ...toCall(call.exchange, call.body), ...(principal === undefined ? {} : { principal }) },
    });
  }

  #expect({ exchange }: WaitingCall, way: AnswerWay, ofFramework: boolean): number {
    const request = ++this.#requests;
    this.#life?.pending.set(request, {
      way,
      exchange,
      answer: (answer) => exchange.answer(answer),
      line: () => this.#newLine(request, ofFramework),
    });
    return request;
  }

  #newLine(stream: number, ofFramework: boolean): EventLine {
    const { clock, rules } = this.#options;
    return new EventLine({
      clock,
      ...(ofFramework ? { rules } : {}),
      onBroken: () => {
        this.#life?.lines.delete(stream);
        this.#life?.loop.take({ type: 'stream-closed', stream });
      },
    });
  }

  #execute(effect: MasterEffect): void {
    const life = this.#life;
    if (!life) return;
    switch (effect.type) {
      case 'answer':
        return this.#answer(effect);
      case 'open-stream':
        return this.#openStream(effect);
      case 'event':
        return life.lines.get(effect.stream)?.send(effect.event);
      case 'end-stream':
        life.lines.get(effect.stream)?.end();
        life.lines.delete(effect.stream);
        return;
      case 'to-agent':
        return life.agents.get(effect.link)?.send(effect.message);
      case 'exit':
        void this.kill().then(() => this.#options.onExit(this));
    }
  }

  #answer({ request, status, headers, text }: Extract<MasterEffect, { type: 'answer' }>): void {
    const pending = this.#life?.pending.get(request);
    this.#life?.pending.delete(request);
    if (pending?.way === 'answer') pending.answer({ status, headers, body: text });
    else if (pending?.way === 'lose') pending.exchange?.cut();
  }

  #openStream({ stream, headers }: Extract<MasterEffect, { type: 'open-stream' }>): void {
    const life = this.#life;
    const pending = life?.pending.get(stream);
    life?.pending.delete(stream);
    if (!life || !pending) return;
    const line = pending.line();
    life.lines.set(stream, line);
    if (pending.way === 'answer' && pending.exchange) {
      line.attach(pending.exchange.openStream(headers, () => line.closed()));
    } else {
      // Nobody listens at the other end.
      if (pending.way === 'lose') pending.exchange?.cut();
      queueMicrotask(() => line.closed());
    }
  }
}

function toCall(exchange: Exchange, body: string): HttpCall {
  const [contentType, accept, streamId] = ['content-type', 'accept', 'mesos-stream-id'].map((name) =>
    exchange.header(name),
  );
  return {
    method: exchange.method,
    ...(contentType === undefined ? {} : { contentType }),
    ...(accept === undefined ? {} : { accept }),
    ...(streamId === undefined ? {} : { streamId }),
    body: { text: body },
  };
}

/** A master that logs to its terminal shows no files. */
function asksForFile(body: string): boolean {
  return /^\s*\{\s*"type"\s*:\s*"(LIST_FILES|READ_FILE)"/.test(body);
}
