import { SENTINEL_HEADER, TOKEN_HEADER, type ActivationResponse } from '@vibrissa/protocol';
import type { Clock } from '../../base/clock.ts';
import type { ContainerAddress, ContainerExit } from '../../containers/container.ts';
import type { Job } from '../job.ts';
import type { ContainerClient } from './container-client.ts';
import type { Exchange } from './exchange.ts';
import { interpretInit, interpretRun, type ContainerAnswer } from './interpret-result.ts';
import { reachesHost } from './reaches-host.ts';
import { initBody, runBody, runBodyMiddle, splitArguments } from './request-bodies.ts';

/** A container that says so is about to end: what it was asked runs elsewhere. */
const SHUTTING_DOWN = 503;

/** A runtime that doesn't know the token that it was shown says so before it reads any more. */
const FORBIDDEN = 403;
const WRONG_TOKEN = '{"error":"The access token of this container is missing or wrong."}';

/** An answer of `/init` that is not 200 may be this long. */
const MAX_INIT_ANSWER_BYTES = 1024 * 1024;

/** How `/init` or `/run` ended. */
export type Step<R> =
  | {
      readonly outcome: 'done';
      readonly response: R;
      readonly startedAt: number;
      readonly tookMs: number;
      readonly timedOut: boolean;
      /** The runtime gave an answer, whatever it says: what the code had written came before it. */
      readonly answered: boolean;
    }
  /** The code did not start: the activation may run elsewhere. */
  | NotRun;

export interface NotRun {
  readonly outcome: 'not-run';
  readonly why: string;
  /** No connection to its host and port could be made, or who listens there is not it. */
  readonly unreachable: boolean;
}

/** Its host had gone silent: the code may have run, and even in time. */
const OUT_OF_REACH = "The container could not be reached any more when the action's time was up.";

/** How much of an answer is taken. */
export interface AnswerLimits {
  readonly maxBytes: number;
  readonly keepBytes: number;
}

export interface RunDeps {
  readonly client: ContainerClient;
  readonly address: ContainerAddress;
  readonly clock: Clock;
  /** How the container ended; undefined when it is there after all. Asked after it gave no answer. */
  readonly exit: () => Promise<ContainerExit | undefined>;
}

/** Sends `/init` and `/run` to one container, and reads what comes of it. */
export class ContainerSession {
  readonly #deps: RunDeps;
  readonly #initHead: string;
  readonly #runHead: string;
  #bodyMiddle: string | undefined;

  constructor(deps: RunDeps) {
    this.#deps = deps;
    const { address } = deps;
    const host = 'socketPath' in address ? 'action' : `${address.host}:${address.port}`;
    const token =
      'port' in address && address.token !== undefined ? `${TOKEN_HEADER}: ${address.token}\r\n` : '';
    const headers = `HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nAccept: application/json\r\n${token}${SENTINEL_HEADER}: `;
    this.#initHead = `POST /init ${headers}`;
    this.#runHead = `POST /run ${headers}`;
  }

  /** Sends `/init`; its response is undefined when it succeeded. */
  async initialise(
    job: Job,
    code: string | undefined,
    token: string,
  ): Promise<Step<ActivationResponse | undefined>> {
    const timeoutMs = job.action.entity.limits.timeout;
    const { clock } = this.#deps;
    const startedAt = clock.now();
    const beganMs = clock.monotonicMs();
    const { init } = splitArguments(job.content, job.message.initArgs);
    const exchange = await this.#deps.client.post({
      head: `${this.#initHead}${token}\r\n`,
      body: initBody(job, code, { init, deadline: startedAt + timeoutMs }),
      timeoutMs,
      maxBytes: MAX_INIT_ANSWER_BYTES,
      keepBytes: MAX_INIT_ANSWER_BYTES,
    });
    const tookMs = this.#since(beganMs);
    const unsent = notRun(exchange);
    if (unsent) return unsent;
    const answer = await this.#look(exchange);
    const response = interpretInit(answer, { timeoutMs, maxBytes: MAX_INIT_ANSWER_BYTES });
    return { outcome: 'done', response, startedAt, tookMs, ...endingOf(answer) };
  }

  /** Sends `/run`. */
  async run(job: Job, token: string, limits: AnswerLimits): Promise<Step<ActivationResponse>> {
    const timeoutMs = job.action.entity.limits.timeout;
    const { clock, client } = this.#deps;
    const startedAt = clock.now();
    const beganMs = clock.monotonicMs();
    const { runJson } = splitArguments(job.content, job.message.initArgs);
    this.#bodyMiddle ??= runBodyMiddle(job);
    const exchange = await client.post({
      head: `${this.#runHead}${token}\r\n`,
      body: runBody(job, this.#bodyMiddle, { json: runJson, deadline: startedAt + timeoutMs }),
      timeoutMs,
      maxBytes: limits.maxBytes,
      keepBytes: limits.keepBytes,
    });
    const tookMs = this.#since(beganMs);
    const unsent = notRun(exchange);
    if (unsent) return unsent;
    const answer = exchange.outcome === 'answered' ? exchange : await this.#look(exchange);
    const response = interpretRun(answer, { timeoutMs, maxBytes: limits.maxBytes });
    return { outcome: 'done', response, startedAt, tookMs, ...endingOf(answer) };
  }

  #since(beganMs: number): number {
    return Math.round(this.#deps.clock.monotonicMs() - beganMs);
  }

  /** A machine that is gone says nothing, as code that takes too long. */
  async #isInReach(): Promise<boolean> {
    const { address, clock } = this.#deps;
    return 'socketPath' in address || reachesHost(address, clock);
  }

  async #look(exchange: Exchange): Promise<ContainerAnswer> {
    if (exchange.outcome === 'answered') return exchange;
    if (exchange.outcome === 'timed-out')
      return (await this.#isInReach())
        ? exchange
        : { outcome: 'lost', outOfMemory: false, lost: OUT_OF_REACH };
    const exit = await this.#deps.exit();
    const lost = exit?.lost;
    return { outcome: 'lost', outOfMemory: exit?.outOfMemory ?? false, ...(lost !== undefined && { lost }) };
  }
}

function endingOf({ outcome }: ContainerAnswer): { readonly timedOut: boolean; readonly answered: boolean } {
  return { timedOut: outcome === 'timed-out', answered: outcome === 'answered' };
}

/** Undefined when the code has or may have run. */
function notRun(exchange: Exchange): NotRun | undefined {
  if (exchange.outcome === 'unsent') {
    const { why, unreachable = false } = exchange;
    return { outcome: 'not-run', why, unreachable };
  }
  if (exchange.outcome !== 'answered') return undefined;
  if (exchange.status === SHUTTING_DOWN)
    return { outcome: 'not-run', why: 'it is shutting down', unreachable: false };
  if (exchange.status === FORBIDDEN && exchange.body === WRONG_TOKEN)
    return { outcome: 'not-run', why: 'it refused its access token', unreachable: true };
  return undefined;
}
