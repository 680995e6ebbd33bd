import type { AgentTotals } from '../scheduler/core-messages.ts';
import { leaderOf } from '../transport/master-url.ts';
import { brokenExchange, MasterUnreachable, NotAMaster } from '../transport/transport-error.ts';
import type { MasterUrl } from '../transport/transport.ts';
import { agentTotals } from './agent-totals.ts';
import type { HttpAsker, HttpReply } from './http-asker.ts';
import type {
  MasterAgent,
  MasterFramework,
  MasterFrameworks,
  MasterItself,
  MasterTasks,
  OperatorAnswers,
} from './operator-answers.ts';

/**
 * A master has refused an operator's call: 401 and 403 (credentials, or ACLs that hide it from this principal), 400
 * (a call that this version does not know).
 */
export class OperatorRefused extends Error {
  override readonly name = 'OperatorRefused';
  readonly status: number;

  constructor(master: MasterUrl, status: number, text: string) {
    const mend = status === 401 || status === 403 ? '; give credentials that may ask it' : '';
    super(`${master} answers ${status}${text === '' ? '' : `: ${text}`}${mend}`);
    this.status = status;
  }
}

/** By what a framework is recognised that has lost its id. All that is given must be the same. */
export interface FrameworkLikeness {
  readonly name: string;
  readonly principal?: string;
  readonly label?: { readonly key: string; readonly value: string };
}

const maxRedirects = 3;

/** A master that isn't ready: not elected, recovering, or still starting. Another one may be. */
const notReady: ReadonlySet<number> = new Set([404, 500, 502, 503, 504]);

/**
 * Asks the leading master what operators ask: its `POST /api/v1`.
 *
 *     const operator = new MesosOperator({ http: asker, masters: () => detector.detect(signal) });
 *     const [mine] = await operator.findFrameworks({ name: 'my-framework' });
 *
 * Each method rejects with `MasterUnreachable` when no master answers, `NotAMaster` when something else does, and
 * {@link OperatorRefused} when the master won't say. A master shows what the principal may see, and no more.
 */
export class MesosOperator {
  readonly #http: HttpAsker;
  readonly #masters: () => Promise<readonly MasterUrl[]>;

  constructor(deps: { readonly http: HttpAsker; readonly masters: () => Promise<readonly MasterUrl[]> }) {
    this.#http = deps.http;
    this.#masters = deps.masters;
  }

  async getFrameworks(signal?: AbortSignal): Promise<MasterFrameworks> {
    const { frameworks = [], completed_frameworks: completed = [] } = await this.#get(
      'GET_FRAMEWORKS',
      signal,
    );
    return { frameworks, completed };
  }

  /** Without `frameworkId`: of all frameworks. The master has no filter of its own. */
  async getTasks(frameworkId?: string, signal?: AbortSignal): Promise<MasterTasks> {
    const answer = await this.#get('GET_TASKS', signal);
    const of = <T extends { readonly framework_id: { readonly value: string } }>(tasks: readonly T[] = []) =>
      frameworkId === undefined ? tasks : tasks.filter((task) => task.framework_id.value === frameworkId);
    return {
      pending: of(answer.pending_tasks),
      tasks: of(answer.tasks),
      unreachable: of(answer.unreachable_tasks),
      completed: of(answer.completed_tasks),
    };
  }

  async getAgents(signal?: AbortSignal): Promise<readonly MasterAgent[]> {
    return (await this.#get('GET_AGENTS', signal)).agents ?? [];
  }

  getMaster(signal?: AbortSignal): Promise<MasterItself> {
    return this.#get('GET_MASTER', signal);
  }

  /** Such as `1.11.0`. */
  async getVersion(signal?: AbortSignal): Promise<string> {
    return (await this.#get('GET_VERSION', signal)).version_info.version;
  }

  /** Answered by any master, leading or not. */
  async isHealthy(signal?: AbortSignal): Promise<boolean> {
    return (await this.#get('GET_HEALTH', signal)).healthy;
  }

  /** What each agent has in all, free or not: more than that can't be placed, however long one waits. */
  async agentTotals(signal?: AbortSignal): Promise<readonly AgentTotals[]> {
    return agentTotals(await this.getAgents(signal));
  }

  /** Frameworks that are not completed and look like this, the last one to subscribe first. */
  async findFrameworks(like: FrameworkLikeness, signal?: AbortSignal): Promise<readonly MasterFramework[]> {
    const { frameworks } = await this.getFrameworks(signal);
    return frameworks
      .filter((framework) => resembles(framework, like))
      .toSorted((one, other) => subscribedAt(other) - subscribedAt(one));
  }

  async #get<T extends keyof OperatorAnswers>(type: T, signal?: AbortSignal): Promise<OperatorAnswers[T]> {
    let problem: Error | undefined;
    for (const master of await this.#masters()) {
      try {
        const { reply, from } = await this.#askLeader(master, type, signal);
        if (!notReady.has(reply.status)) return this.#read(type, reply, from);
        problem = new OperatorRefused(from, reply.status, this.#http.readable(reply.body.toString()));
      } catch (error) {
        if (signal?.aborted || !(error instanceof MasterUnreachable)) throw error;
        problem = error;
      }
    }
    throw problem ?? new MasterUnreachable('no master', new Error('the list of masters is empty'));
  }

  async #askLeader(
    master: MasterUrl,
    type: string,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly reply: HttpReply; readonly from: MasterUrl }> {
    let from = master;
    for (let hops = 0; ; hops += 1) {
      const reply = await this.#post(from, type, signal);
      if (reply.status !== 307) return { reply, from };
      const leader = leaderOf(reply.location ?? '', from);
      if (leader === undefined || leader === from || hops === maxRedirects) {
        throw new NotAMaster(from, `it redirects to '${reply.location ?? ''}', which leads nowhere`);
      }
      from = leader;
    }
  }

  async #post(master: MasterUrl, type: string, signal: AbortSignal | undefined): Promise<HttpReply> {
    try {
      return await this.#http.ask({
        origin: master,
        path: '/api/v1',
        body: { type },
        ...(signal && { signal }),
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw brokenExchange(master, error instanceof Error ? error : new Error(String(error)));
    }
  }

  #read<T extends keyof OperatorAnswers>(
    type: T,
    { status, body }: HttpReply,
    master: MasterUrl,
  ): OperatorAnswers[T] {
    if (status !== 200) throw new OperatorRefused(master, status, this.#http.readable(body.toString()));
    const answer = parse(body.toString(), master);
    if (answer['type'] !== type) throw new NotAMaster(master, `it does not answer ${type}`);
    return (answer[type.toLowerCase()] ?? {}) as OperatorAnswers[T];
  }
}

function parse(json: string, master: MasterUrl): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch {
    // Told below, without what the parser says: it quotes the answer, and some answers quote the credentials.
  }
  throw new NotAMaster(master, 'its answer is no JSON object');
}

function resembles({ framework_info: info }: MasterFramework, like: FrameworkLikeness): boolean {
  const { label } = like;
  const hasLabel = ({ key, value = '' }: { readonly key: string; readonly value?: string }) =>
    key === label?.key && value === label.value;
  return (
    info.name === like.name &&
    (like.principal === undefined || info.principal === like.principal) &&
    (label === undefined || (info.labels?.labels ?? []).some(hasLabel))
  );
}

/** When it subscribed last, in nanoseconds of Unix time; 0: the master doesn't say. */
export function subscribedAt({ reregistered_time: again, registered_time: first }: MasterFramework): number {
  return again?.nanoseconds ?? first?.nanoseconds ?? 0;
}
