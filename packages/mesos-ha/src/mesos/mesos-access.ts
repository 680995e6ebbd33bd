import {
  HttpAsker,
  MesosOperator,
  parseMasters,
  runningTask,
  SandboxLogs,
  type MasterDetector,
  type RunningTask,
  type SchedulerOptions,
  type TaskRecord,
} from '@vibrissa/mesos';

import { systemClock } from '@vibrissa/cluster';

/** With what masters and agents are reached. */
export type AccessOptions = Pick<
  SchedulerOptions,
  'masters' | 'detector' | 'auth' | 'tls' | 'timeouts' | 'clock'
>;

/**
 * What an instance asks of masters and agents beside its subscription, whether or not it leads. Throws `InvalidMasters`
 * for masters that can't be understood.
 */
export class MesosAccess {
  readonly operator: MesosOperator;
  /** For schedulers, one after the other: closing it does nothing. */
  readonly detector: MasterDetector;
  readonly #http: HttpAsker;
  readonly #sandboxes: SandboxLogs;
  readonly #ownDetector: MasterDetector;

  constructor({ masters = [], detector, auth, tls, timeouts = {}, clock = systemClock }: AccessOptions) {
    const { connectMs, answerMs, detectMs } = timeouts;
    const timeoutMs = detectMs === undefined ? {} : { timeoutMs: detectMs };
    const own = (this.#ownDetector = detector ?? parseMasters(masters, { clock, ...timeoutMs }));
    this.#http = new HttpAsker({
      clock,
      ...(auth ? { credentials: auth } : {}),
      ...(tls ? { tls } : {}),
      ...(connectMs === undefined ? {} : { connectTimeoutMs: connectMs }),
      ...(answerMs === undefined ? {} : { answerTimeoutMs: answerMs }),
    });
    this.#sandboxes = new SandboxLogs(this.#http, { clock });
    this.detector = { detect: (signal) => own.detect(signal), close: async () => {} };
    this.operator = new MesosOperator({
      http: this.#http,
      masters: () => own.detect(this.#http.closed),
    });
  }

  /** A task that runs, whoever has launched it; its logs are read from here. */
  describe(record: TaskRecord, ended: Promise<unknown>, frameworkId: () => string | undefined): RunningTask {
    return runningTask(record, ended, { sandboxes: this.#sandboxes, frameworkId, closed: this.#http.closed });
  }

  /** Idempotent. */
  async close(): Promise<void> {
    await Promise.all([this.#http.close(), this.#ownDetector.close()]);
  }
}
