import { LONGEST_TIMER_MS } from '../base/clock.ts';
import { quoted, shapes, type Shape } from '../tasks/shape.ts';
import { idProblem, roleProblem } from '../tasks/validate-names.ts';
import type { SchedulerOptions } from './options.ts';

const { amount, text, flag, callback, word, list, map, object } = shapes;

const ms = amount({ max: LONGEST_TIMER_MS, give: 'milliseconds' });
const someMs = amount({ min: 1, max: LONGEST_TIMER_MS, give: 'milliseconds' });
const count = amount({ min: 1, max: 1e9, whole: true, give: 'a whole number' });

function orInfinity(shape: Shape): Shape {
  return (value, at) => (value === Infinity ? undefined : shape(value, at));
}

/** An object that has these methods: a port that the program brings along. */
function port(...methods: readonly string[]): Shape {
  return (value, at) => {
    const missing = methods.filter(
      (method) => typeof (value as Readonly<Record<string, unknown>> | null)?.[method] !== 'function',
    );
    return missing.length === 0 ? undefined : `${at} lacks the method ${missing.join(', ')}.`;
  };
}

function named(give: string, problemOf: (name: string) => string | undefined): Shape {
  const asText = text(give, { mayBeEmpty: true });
  return (value, at) => {
    const problem = asText(value, at) ?? problemOf(value as string);
    return problem === undefined || problem.startsWith(at)
      ? problem
      : `${at} is ${quoted(value)}: ${problem}.`;
  };
}

const texts = list(text('texts'));

const roles: Shape = (value, at) => {
  const problem = list(named('a role', roleProblem))(value, at);
  if (problem !== undefined) return problem;
  const given = value as readonly string[];
  if (given.length === 0) return `${at} is empty: give a role, or leave it out for '*'.`;
  const twice = given.find((role, index) => given.indexOf(role) !== index);
  return twice === undefined ? undefined : `${at} holds ${JSON.stringify(twice)} twice: Mesos refuses that.`;
};

const framework = object(
  { name: text('a name for people') },
  {
    user: text("a user of the agents' machines"),
    roles,
    failoverTimeoutMs: amount({ max: 1e14, give: 'milliseconds' }),
    principal: text('a principal'),
    hostname: text('a host name', { mayBeEmpty: true }),
    webuiUrl: text('a URL', { mayBeEmpty: true }),
    labels: map(text('a key'), text('a text', { mayBeEmpty: true })),
    capabilities: list(
      word(
        'GPU_RESOURCES',
        'REVOCABLE_RESOURCES',
        'SHARED_RESOURCES',
        'REGION_AWARE',
        'MULTI_ROLE',
        'PARTITION_AWARE',
        'RESERVATION_REFINEMENT',
        'TASK_KILLING_STATE',
      ),
    ),
    checkpoint: flag,
    id: named('1 to 255 characters', idProblem),
    onRemoved: word('fail', 'new-id'),
  },
);

/** Nothing of a secret is quoted, wherever it was put by mistake. */
const token: Shape = (value, at) =>
  typeof value === 'string'
    ? `${at} is a text: give a function that resolves with it, such as async () => 'Bearer …'.`
    : callback(value, at);

const auth: Shape = (value, at) => {
  if (typeof value === 'string') return `${at} is a text: give { principal, secret } or { token }.`;
  const isToken = typeof value === 'object' && value !== null && 'token' in value;
  const shape = isToken
    ? object({ token }, {})
    : object({ principal: text('a principal'), secret: text('its secret', { mayBeEmpty: true }) }, {});
  return shape(value, at);
};

const groups = {
  offers: object(
    {},
    {
      holdMs: ms,
      maxHeld: count,
      inAdvance: amount({ max: 1e9, whole: true, give: 'a whole number' }),
      refuseWaitingMs: ms,
      refuseIdleMs: ms,
      reviveIntervalMs: someMs,
      suppressAfterMs: ms,
      maintenanceHorizonMs: amount({ max: 1e14, give: 'milliseconds' }),
      inverseOffers: word('accept', 'decline'),
    },
  ),
  tasks: object(
    {},
    {
      launchTimeoutMs: someMs,
      startTimeoutMs: someMs,
      launchAttempts: count,
      killRetryMs: someMs,
      capacityTimeoutMs: orInfinity(ms),
      capacityRounds: orInfinity(count),
      impossibleAfterMs: orInfinity(ms),
      portBlockedMs: ms,
      retellMs: someMs,
      unknown: word('adopt', 'kill'),
      returned: word('adopt', 'kill'),
    },
  ),
  reconcile: object(
    {},
    {
      periodMs: someMs,
      firstWaitMs: someMs,
      longestWaitMs: someMs,
      chunk: count,
      boundMs: ms,
      youngMasterMs: ms,
      knownMaster: object(
        { id: text("a master's id"), sinceEpochMs: amount({ max: 1e14, give: 'epoch milliseconds' }) },
        {},
      ),
    },
  ),
  timeouts: object(
    {},
    {
      detectMs: someMs,
      connectMs: someMs,
      subscribeMs: someMs,
      answerMs: someMs,
      storeMs: someMs,
      backoffMinMs: someMs,
      backoffMaxMs: someMs,
      firstConnectDelayMs: ms,
      missedHeartbeats: amount({ min: 1, max: 1000, give: 'a number' }),
      heartbeatSlackMs: ms,
      maxRedirects: amount({ max: 100, whole: true, give: 'a whole number' }),
    },
  ),
};

const tls = object(
  {},
  {
    ca: (value, at) => (Array.isArray(value) ? texts(value, at) : text('a PEM text')(value, at)),
    cert: text('a PEM text'),
    key: text('a PEM text'),
    passphrase: text('a text', { mayBeEmpty: true }),
    servername: text('a host name'),
  },
);

/** What stands in the texts is `parseMasters`' affair, and that one is there. */
const masters: Shape = (value, at) => {
  const shape = text("such as 'http://10.0.0.1:5050'", { mayBeEmpty: true });
  return Array.isArray(value) ? list(shape)(value, at) : shape(value, at);
};

const all = object(
  { framework },
  {
    masters,
    auth,
    tls,
    state: port('load', 'write', 'close'),
    onTask: callback,
    onNotice: callback,
    ...groups,
    matcher: callback,
    mayAct: callback,
    logger: port('info', 'warn', 'error'),
    clock: port('now', 'monotonicMs', 'after'),
    random: port('next'),
    transport: port('subscribe'),
    detector: port('detect', 'close'),
  },
);

/** What is wrong with the options, in a sentence that says how to mend it; undefined when nothing is. */
export function optionProblem(options: SchedulerOptions): string | undefined {
  const problem = all(options, 'options');
  if (problem !== undefined) return problem;
  const { masters, detector, auth, framework, offers, timeouts } = options;
  if (masters === undefined && detector === undefined) {
    return "options.masters is missing: give the masters' addresses, such as 'http://10.0.0.1:5050' or 'zk://10.0.0.1:2181/mesos'.";
  }
  if (
    auth &&
    'principal' in auth &&
    framework.principal !== undefined &&
    framework.principal !== auth.principal
  ) {
    return `options.framework.principal is ${JSON.stringify(framework.principal)}, but options.auth.principal is another one, which Mesos refuses: leave the first one out.`;
  }
  if (offers?.inAdvance && !offers.holdMs) {
    return 'options.offers.inAdvance asks for offers, but options.offers.holdMs gives them back at once: give both, or none.';
  }
  const { backoffMinMs = 0, backoffMaxMs = LONGEST_TIMER_MS } = timeouts ?? {};
  if (backoffMinMs > backoffMaxMs) {
    return `options.timeouts.backoffMinMs is ${backoffMinMs}, more than backoffMaxMs (${backoffMaxMs}): give less.`;
  }
  return undefined;
}
