import { hostname, userInfo } from 'node:os';

import { systemClock, type Clock } from '../base/clock.ts';
import { systemRandom, type RandomSource } from '../base/random.ts';
import type { SessionOptions } from '../session/session.ts';
import type { FrameworkState } from '../state/framework-state.ts';
import { MemoryFrameworkState } from '../state/memory-framework-state.ts';
import { parseMasters } from '../transport/detectors/parse-masters.ts';
import type { HttpTransportOptions } from '../transport/http-settings.ts';
import { HttpTransport } from '../transport/http-transport.ts';
import type { MasterDetector, MasterTransport } from '../transport/transport.ts';
import type { FrameworkCapability, WireFrameworkInfo } from '../wire/index.ts';
import type { CoreOptions } from './core/core-options.ts';
import { InvalidOptionsError } from './errors/options-error.ts';
import { optionProblem } from './option-shape.ts';
import type { FrameworkOptions, SchedulerOptions, TimeoutOptions } from './options.ts';

/** The options in the forms that the scheduler's parts want; nothing of them is checked again. */
export interface CompiledOptions {
  readonly core: CoreOptions;
  readonly http: HttpTransportOptions;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly transport: MasterTransport;
  readonly detector: MasterDetector;
  readonly state: FrameworkState;
  readonly onTask: NonNullable<SchedulerOptions['onTask']>;
  readonly onNotice: SchedulerOptions['onNotice'];
  readonly logger: SchedulerOptions['logger'];
}

const HOUR_MS = 3_600_000;

/** Without these, lost agents and killed tasks can't be told from dead ones, and resources come in an old format. */
const alwaysCapable: readonly FrameworkCapability[] = [
  'MULTI_ROLE',
  'PARTITION_AWARE',
  'RESERVATION_REFINEMENT',
  'TASK_KILLING_STATE',
];

/** Throws {@link InvalidOptionsError}, or `InvalidMasters` for masters that can't be understood. */
export function compileOptions(options: SchedulerOptions): CompiledOptions {
  const problem = optionProblem(options);
  if (problem !== undefined) throw new InvalidOptionsError(problem);
  const clock = options.clock ?? systemClock;
  const http = httpOptions(options, clock);
  return {
    core: coreOptions(options),
    http,
    clock,
    random: options.random ?? systemRandom,
    transport: options.transport ?? new HttpTransport(http),
    detector: options.detector ?? detectorOf(options, clock),
    state: options.state ?? new MemoryFrameworkState(),
    onTask: options.onTask ?? (() => {}),
    onNotice: options.onNotice,
    logger: options.logger,
  };
}

function httpOptions({ auth, tls, timeouts }: SchedulerOptions, clock: Clock): HttpTransportOptions {
  return {
    clock,
    ...(auth ? { credentials: auth } : {}),
    ...(tls ? { tls } : {}),
    ...(timeouts?.connectMs === undefined ? {} : { connectTimeoutMs: timeouts.connectMs }),
    ...(timeouts?.answerMs === undefined ? {} : { answerTimeoutMs: timeouts.answerMs }),
  };
}

function detectorOf({ masters = [], timeouts }: SchedulerOptions, clock: Clock): MasterDetector {
  const { detectMs } = timeouts ?? {};
  return parseMasters(masters, { clock, ...(detectMs === undefined ? {} : { timeoutMs: detectMs }) });
}

function coreOptions(options: SchedulerOptions): CoreOptions {
  const { framework, offers = {}, tasks = {}, reconcile = {}, timeouts = {}, matcher, mayAct } = options;
  const { holdMs = 0, maxHeld = 100, inAdvance, maintenanceHorizonMs, inverseOffers, ...demand } = offers;
  const { unknown, returned, ...limits } = tasks;
  const { youngMasterMs, boundMs, knownMaster, ...plan } = reconcile;
  return {
    framework: frameworkInfo(framework, options.auth),
    ...(framework.id === undefined ? {} : { frameworkId: framework.id }),
    session: sessionOptions(timeouts, options.auth),
    heldOffers: { holdMs, maxOffers: holdMs === 0 ? 0 : maxHeld },
    demand: given(demand),
    reconcile: given(plan),
    limits: given({
      ...limits,
      youngMasterMs,
      reconcileBoundMs: boundMs,
      storeTimeoutMs: timeouts.storeMs,
    }),
    removedFramework: framework.onRemoved ?? 'fail',
    ...given({
      offersInAdvance: inAdvance,
      maintenanceHorizonMs,
      unknownTasks: unknown,
      onReturn: returned,
      inverseOffers,
      matcher,
      mayAct,
      knownMaster,
    }),
  };
}

function sessionOptions(timeouts: TimeoutOptions, auth: SchedulerOptions['auth']): SessionOptions {
  const { detectMs = 15_000, subscribeMs = 20_000 } = timeouts;
  return {
    // The detector's own limit says more; this one is for a detector that never answers.
    detectTimeoutMs: detectMs + 1000,
    subscribeTimeoutMs: subscribeMs,
    firstConnectDelayMs: timeouts.firstConnectDelayMs ?? 0,
    backoffMinMs: timeouts.backoffMinMs ?? Math.min(500, timeouts.backoffMaxMs ?? 500),
    backoffMaxMs: timeouts.backoffMaxMs ?? Math.max(15_000, timeouts.backoffMinMs ?? 0),
    missedHeartbeats: timeouts.missedHeartbeats ?? 3,
    heartbeatSlackMs: timeouts.heartbeatSlackMs ?? 5000,
    maxRedirects: timeouts.maxRedirects ?? 5,
    canRefreshCredentials: auth !== undefined && 'token' in auth,
  };
}

function frameworkInfo(framework: FrameworkOptions, auth: SchedulerOptions['auth']): WireFrameworkInfo {
  const principal = framework.principal ?? (auth && 'principal' in auth ? auth.principal : undefined);
  const capabilities = new Set([...alwaysCapable, ...(framework.capabilities ?? [])]);
  const labels = Object.entries(framework.labels ?? {}).map(([key, value]) => ({ key, value }));
  return {
    name: framework.name,
    user: framework.user ?? ownUser(),
    roles: framework.roles ?? ['*'],
    failover_timeout: (framework.failoverTimeoutMs ?? HOUR_MS) / 1000,
    checkpoint: framework.checkpoint ?? true,
    hostname: framework.hostname ?? hostname(),
    capabilities: [...capabilities].map((type) => ({ type })),
    ...given({ principal, webui_url: framework.webuiUrl }),
    ...(labels.length > 0 ? { labels: { labels } } : {}),
  };
}

/** A container may run under a number that no user has. */
function ownUser(): string {
  try {
    return userInfo().username;
  } catch {
    return process.env['USER'] ?? 'root';
  }
}

/** Leaves out what was not given, so that the defaults of whoever takes it hold. */
function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const present = Object.entries(values).filter(([, value]) => value !== undefined);
  // The values are those of `T`; only absent ones were left out.
  return Object.fromEntries(present) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
