import { defaultSystemLimits as limits } from '@vibrissa/protocol';
import { Type, type Static } from 'typebox';

import { mesosSettings } from './mesos-settings.ts';
import {
  bytes,
  choice,
  computedMegabytes,
  count,
  duration,
  list,
  megabytes,
  optionalCount,
  optionalPort,
  optionalText,
  port,
  text,
  yesOrNo,
} from './setting.ts';
import { groupsOf, type Setting } from './settings-index.ts';

const http = Type.Object(
  {
    host: text('Address that the API listens on; 0.0.0.0 for all of IPv4.', '127.0.0.1'),
    port: port('Port of the API; 0 takes any free one.', 3233),
    adminPort: optionalPort(
      'Port of the admin listener, on loopback only; 0 takes any free one. Absent: admin.sock only.',
    ),
    apiHost: optionalText('Host and port by which users reach the API, where it is not the address itself.'),
    vanityDomain: optionalText(
      'Domain below which each namespace has a host for its web actions (guest.DOMAIN); its DNS wildcard leads here.',
    ),
    tls: Type.Object({
      cert: optionalText('File with the certificate chain (PEM). With http.tls.key, the API speaks HTTPS.'),
      key: optionalText('File with the private key of the certificate (PEM).'),
    }),
    redirectPort: optionalPort(
      'Port without TLS that sends every request to the API with it; 80 is the usual one.',
    ),
  },
  { description: 'Listeners.' },
);

const controller = Type.Object(
  {
    disabler: optionalText('user:password for POST /disable; absent: nobody may.', { secret: true }),
  },
  { description: 'The controller.' },
);

const users = Type.Object(
  {
    guest: optionalText('uuid:key for namespace guest at the first start; random if absent.', {
      secret: true,
    }),
  },
  { description: "Users made at the first start (OpenWhisk's whisk.users)." },
);

const limitsGroup = Type.Object(
  {
    actions: Type.Object({
      invokes: Type.Object({
        perMinute: count('Invocations of a namespace in a calendar minute.', {
          default: limits.invokesPerMinute,
        }),
        concurrent: count('Invocations of a namespace at a time.', { default: limits.invokesConcurrent }),
      }),
      sequence: Type.Object({
        maxLength: count('Components of a sequence.', { default: limits.sequenceMaxLength, minimum: 1 }),
      }),
    }),
    triggers: Type.Object({
      fires: Type.Object({
        perMinute: count('Trigger fires of a namespace in a calendar minute.', {
          default: limits.firesPerMinute,
        }),
      }),
    }),
    feeds: Type.Object({
      alarms: count('Alarms of a namespace.', { default: limits.maxAlarms }),
      webhooks: count('Webhooks of a namespace.', { default: limits.maxWebhooks }),
    }),
  },
  {
    description:
      'Throttles of every namespace, and how many feeds it may have; `vibrissa admin limits set` overrides them for one.',
  },
);

const timeLimit = Type.Object(
  {
    min: duration('Shortest time limit an action may ask for.', { default: limits.timeLimit.minMs }),
    std: duration('Time limit of an action that names none.', { default: limits.timeLimit.stdMs }),
    max: duration('Longest time limit an action may ask for.', { default: limits.timeLimit.maxMs }),
  },
  { description: 'Time limits of actions.' },
);

const memory = Type.Object(
  {
    min: megabytes('Least memory an action may ask for.', { default: limits.memory.minMb, minimum: 1 }),
    std: megabytes('Memory of an action that names none.', { default: limits.memory.stdMb, minimum: 1 }),
    max: megabytes('Most memory an action may ask for.', { default: limits.memory.maxMb, minimum: 1 }),
  },
  { description: 'Memory of actions.' },
);

const logLimit = Type.Object(
  {
    min: megabytes('Smallest log limit an action may ask for.', { default: limits.logLimit.minMb }),
    std: megabytes('Log limit of an action that names none.', { default: limits.logLimit.stdMb }),
    max: megabytes('Largest log limit an action may ask for.', { default: limits.logLimit.maxMb }),
  },
  { description: 'Log size of an activation.' },
);

const concurrencyLimit = Type.Object(
  {
    min: count('Least concurrency an action may ask for.', {
      default: limits.concurrencyLimit.min,
      minimum: 1,
    }),
    std: count('Concurrency of an action that names none.', {
      default: limits.concurrencyLimit.std,
      minimum: 1,
    }),
    max: count('Most activations at a time in one container that an action may ask for.', {
      default: limits.concurrencyLimit.max,
      minimum: 1,
    }),
  },
  { description: 'Concurrency inside one container.' },
);

const storeLevels = ['STORE_ALWAYS', 'STORE_FAILURES', 'STORE_FAILURES_NOT_APPLICATION_ERRORS'] as const;

const activation = Type.Object(
  {
    payload: Type.Object({
      max: bytes('Largest arguments and results.', { default: limits.payloadMaxBytes, minimum: 1024 }),
      truncation: bytes('What is kept of a result that is larger.', {
        default: limits.payloadTruncationBytes,
      }),
    }),
    storeBlockingResultLevel: choice(
      'Which records of blocking invocations are kept.',
      storeLevels,
      'STORE_ALWAYS',
    ),
    storeNonBlockingResultLevel: choice(
      'Which records of non-blocking invocations, and of triggers, are kept.',
      storeLevels,
      'STORE_ALWAYS',
    ),
    maxBlockingWait: duration('How long a blocking invocation waits before it answers 202.', {
      default: limits.maxBlockingWaitMs,
      minimum: 1,
    }),
  },
  { description: 'Arguments, results, waiting and records.' },
);

const sizes = Type.Object(
  {
    parameters: bytes('Largest bound parameters of an action, and largest annotations.', {
      default: limits.parameterSizeBytes,
    }),
    exec: bytes('Largest code of an action, as sent.', { default: limits.execSizeBytes, minimum: 1024 }),
  },
  { description: "Sizes of entities (OpenWhisk's parameter-size-limit and exec-size-limit)." },
);

const queryLimit = Type.Object(
  {
    defaultListLimit: count('Entries of a list that names no limit.', {
      default: limits.listLimit.std,
      minimum: 1,
    }),
    maxListLimit: count('Most entries of a list.', { default: limits.listLimit.max, minimum: 1 }),
  },
  { description: 'Lists.' },
);

const containers = Type.Object(
  {
    factory: choice(
      'Where actions run: `sandbox` (bubblewrap), `process` (plain child processes, no isolation), `mesos` (tasks of a Mesos cluster), or `auto`: the sandbox where the machine has its parts.',
      ['auto', 'sandbox', 'process', 'mesos'],
      'auto',
    ),
    listenWithoutIsolation: yesOrNo(
      'Lets the API listen beyond loopback although actions run without any isolation.',
      false,
    ),
    sandbox: Type.Object({
      internet: yesOrNo(
        'Lets actions that ask for it (annotation `internet`) reach the internet, filtered.',
        true,
      ),
      allow: list('host:port addresses that the filter lets through although they are private.'),
      tmp: megabytes('Quota of /tmp.', { default: 128, minimum: 1 }),
      actionDirectory: megabytes('Quota of the directory that holds the unpacked action.', {
        default: 256,
        minimum: 1,
      }),
      sharedMemory: megabytes('Quota of /dev/shm.', { default: 16, minimum: 1 }),
      pids: count('Processes and threads of one container.', { default: 1024, minimum: 16 }),
      cpuCores: optionalCount(
        'Processors that one container may use at most; absent: as many as are idle.',
        1,
      ),
      firstUid: count('First of the user ids that containers run under, where the platform runs as root.', {
        default: 1_900_000_000,
        minimum: 1000,
        maximum: 4_000_000_000,
      }),
      uidCount: count('How many of them.', { default: 65_536, minimum: 16 }),
    }),
  },
  { description: 'Containers.' },
);

const containerPool = Type.Object(
  {
    userMemoryMb: computedMegabytes(
      'Memory for the containers of all actions together.',
      "half of the machine's memory; with containers on Mesos half of what its agents have, found at the start",
      128,
    ),
    prewarm: yesOrNo('Keeps started containers of common kinds ready.', true),
  },
  { description: 'The pool of containers.' },
);

const containerProxy = Type.Object(
  {
    timeouts: Type.Object({
      pauseGrace: duration('An idle container is frozen after this.', { default: 10_000 }),
      idleContainer: duration('A frozen container is removed after this.', { default: 600_000 }),
    }),
  },
  { description: 'Life of a container.' },
);

const journal = Type.Object(
  {
    durability: choice(
      '`on`: a 202 leaves after fdatasync. `off`: nothing is forced to the disk; a power cut may lose accepted work.',
      ['on', 'off'],
      'on',
    ),
    segmentSize: bytes('A new file is begun after this.', { default: 64 * 1024 * 1024, minimum: 65_536 }),
  },
  { description: 'The journal of activations.' },
);

const retention = Type.Object(
  {
    activationAge: duration('Activation records older than this are removed.', {
      default: 7 * 86_400_000,
      minimum: 1000,
    }),
    activationSize: bytes('The oldest records are removed when all of them take more than this.', {
      default: 4 * 1024 ** 3,
      minimum: 1024 * 1024,
    }),
  },
  { description: 'How long activation records are kept.' },
);

const secrets = Type.Object(
  {
    keyFile: optionalText(
      'File with the master key; absent: <data-dir>/secret.key, made at the first start.',
    ),
    keyCommand: optionalText('Command that prints the master key; instead of a file.', { secret: true }),
  },
  { description: 'Encryption of keys and parameter values at rest.' },
);

const parameterStorage = Type.Object(
  {
    current: choice(
      'How values of bound parameters are locked before they are stored. `off`, `noop`: not at all, and documents show what was put. Else they show what is locked.',
      ['off', 'noop', 'aes-128', 'aes-256'],
      'off',
    ),
    aes128: optionalText(
      'Keys for aes-128, 16 bytes in base64 each, between commas: the first locks, all unlock.',
      { secret: true },
    ),
    aes128File: optionalText('File with the keys for aes-128, one a line, in place of the setting.'),
    aes256: optionalText(
      'Keys for aes-256, 32 bytes in base64 each, between commas: the first locks, all unlock.',
      { secret: true },
    ),
    aes256File: optionalText('File with the keys for aes-256, one a line, in place of the setting.'),
  },
  { description: "Locked parameters (OpenWhisk's whisk.parameter-storage)." },
);

const runtimes = Type.Object(
  {
    manifest: optionalText(
      "File with a runtimes manifest in OpenWhisk's format; absent: what the machine has.",
    ),
  },
  { description: 'Runtimes.' },
);

const log = Type.Object(
  {
    level: choice('Least severe messages that are logged.', ['debug', 'info', 'warn', 'error'], 'info'),
    file: optionalText(
      'File for the log (JSON lines). Absent: standard error, or <data-dir>/vibrissa.log when that is a terminal.',
    ),
    extraLogging: list(
      'Namespaces whose requests with `X-OW-EXTRA-LOGGING: on` are logged in full from anywhere, not from this machine only.',
    ),
  },
  { description: "The platform's own log." },
);

const tracing = Type.Object(
  {
    endpoint: optionalText(
      'Collector that takes traces by OTLP over HTTP, for example http://127.0.0.1:4318. Absent: no traces.',
    ),
    samplePercent: count('Share of the traces that are kept, of those that begin here.', {
      default: 100,
      maximum: 100,
    }),
  },
  { description: 'OpenTelemetry traces.' },
);

const userEvents = Type.Object(
  {
    enabled: yesOrNo("Counts what becomes of users' actions, action by action, for GET /metrics.", true),
    ignoredNamespaces: list('Namespaces of which nothing is counted.', []),
  },
  { description: "Metrics of users' actions (OpenWhisk's whisk.user-events)." },
);

const catalogue = Type.Object(
  {
    install: yesOrNo(
      'Keeps the packages of whisk.system (utils, samples, alarms, webhooks) as this version defines them.',
      true,
    ),
  },
  { description: 'What the platform brings along.' },
);

const shutdown = Type.Object(
  {
    grace: duration('How long running activations may go on when the platform is told to stop.', {
      default: 2000,
      maximum: 600_000,
    }),
  },
  { description: 'Stopping.' },
);

/** Every setting of the platform, by component: the one source of types, defaults, checks, help and reference. */
export const configSchema = Type.Object({
  dataDir: Type.Optional(
    Type.String({
      description: 'Directory that holds everything the platform keeps.',
      computed: '~/.vibrissa',
    }),
  ),
  http,
  controller,
  users,
  limits: limitsGroup,
  timeLimit,
  memory,
  logLimit,
  concurrencyLimit,
  activation,
  sizes,
  queryLimit,
  containers,
  mesos: mesosSettings,
  containerPool,
  containerProxy,
  journal,
  retention,
  secrets,
  parameterStorage,
  runtimes,
  catalogue,
  log,
  tracing,
  userEvents,
  shutdown,
});

/** Settings as the schema has them; those the machine decides may be absent. */
type Declared = Static<typeof configSchema>;

/** Settings as components get them: what the machine decides is filled in. */
export type Config = Omit<Declared, 'dataDir' | 'containerPool'> & {
  readonly dataDir: string;
  readonly containerPool: Omit<Declared['containerPool'], 'userMemoryMb'> & {
    readonly userMemoryMb: number;
    /** False: it is half of this machine's memory, and a cluster knows better. */
    readonly isUserMemoryGiven: boolean;
  };
};

/** The settings by component. */
export const settingGroups = groupsOf(configSchema);

/** Every setting by its dotted path. */
export const settings: ReadonlyMap<string, Setting> = new Map(
  settingGroups.flatMap((group) => group.settings).map((setting) => [setting.path, setting]),
);
