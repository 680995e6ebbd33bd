import { Type } from 'typebox';

import { choice, count, duration, list, megabytes, optionalText, text, yesOrNo } from './setting.ts';

const HOUR_MS = 3_600_000;
/** Timers count no further: some 24 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const timeouts = Type.Object({
  failover: duration('How long tasks outlive a stopped platform; 0 would end them with it.', {
    default: 7 * 24 * HOUR_MS,
  }),
  taskLaunch: duration(
    'From the wish for a container until it takes connections; launches that an agent loses included.',
    {
      default: 45_000,
      minimum: 100,
    },
  ),
  taskDelete: duration("How long a container's end is waited for.", { default: 30_000, minimum: 100 }),
  subscribe: duration('How long a start waits for the master.', { default: 10_000, minimum: 100 }),
  teardown: duration(
    'How long the master may take to remove the framework; after that, its tasks stay until the failover timeout.',
    { default: 30_000, minimum: 100 },
  ),
});

const healthCheck = Type.Object({
  enabled: yesOrNo(
    'Lets Mesos check by TCP that a container listens: it then runs when it was healthy once.',
    false,
  ),
  delay: duration('From the start to the first check.', { default: 0 }),
  interval: duration('From check to check.', { default: 10_000, minimum: 100 }),
  timeout: duration('For one check.', { default: 5000, minimum: 100 }),
  gracePeriod: duration('Failures that early do not count.', { default: 25_000 }),
  maxConsecutiveFailures: count('Failed checks after which the container is killed.', {
    default: 3,
    minimum: 1,
  }),
});

const command = Type.Object({
  runtimePath: optionalText(
    "Directory on every agent with the platform's runtimes (what `vibrissa mesos pack` writes, unpacked). Absent: agents fetch an archive from the platform.",
  ),
  node: text('The Node.js program on the agents.', 'node'),
  allowUnconfined: yesOrNo('Lets actions run as plain processes on agents without bubblewrap.', false),
  overhead: megabytes("What a container's task takes beyond its action's memory.", { default: 48 }),
});

const images = Type.Object({
  runtimesRegistry: text(
    'Registry of the images of managed runtimes; empty: as the manifest names them.',
    '',
  ),
  userImagesRegistry: text("Registry of users' images; empty: as they name them.", ''),
  forcePull: yesOrNo('Pulls images anew for each container.', false),
  parameters: list('Further options of `docker run`, as key=value (Docker tasks only).', [
    'cap-drop=NET_RAW',
    'cap-drop=NET_ADMIN',
    'ulimit=nofile=1024:1024',
    'pids-limit=1024',
  ]),
  owned: list('Prefixes of images whose runtimes are ours: they take tokens and stamp their lines.', [
    'vibrissa/',
  ]),
});

const offers = Type.Object({
  maxHeld: count('Offers held at most; the others of the cluster can not use them meanwhile.', {
    default: 10,
    minimum: 1,
  }),
  inAdvance: count('Offers kept in hand, so that a container starts without waiting for one.', {
    default: 2,
  }),
  hold: duration("How long an unneeded offer is kept; shorter than the master's --offer_timeout.", {
    default: 30_000,
    maximum: LONGEST_TIMER_MS,
  }),
  refuse: duration("How long an offer that fits nothing is refused (OpenWhisk's offer-refuse-duration).", {
    default: 5000,
    minimum: 100,
    maximum: LONGEST_TIMER_MS,
  }),
});

/** Containers as tasks of Apache Mesos: `containers.factory` is `mesos`. OpenWhisk's `whisk.mesos.*` where it has the setting. */
export const mesosSettings = Type.Object(
  {
    masterUrl: text(
      'The masters: http://a:5050,http://b:5050, zk://h1:2181,h2:2181/mesos, or dns:leader.mesos:5050.',
      'http://127.0.0.1:5050',
    ),
    masterPublicUrl: optionalText('Where people find the Mesos page; absent: the master itself.'),
    frameworkName: text('Name of the framework, for people.', 'vibrissa'),
    role: text('Role whose resources are used.', '*'),
    user: optionalText("User of the agents that tasks run as; absent: the platform's own."),
    principal: optionalText('Principal of the framework. Needs mesos.secretFile.'),
    secretFile: optionalText("File with the principal's secret."),
    caFile: optionalText('File with the CA (PEM) that masters and agents are trusted by; for https masters.'),
    task: choice(
      'What a managed container is: `command` (the runtime on the agent, confined by bubblewrap), `docker`, or `ucr` (an image under the Mesos containerizer).',
      ['command', 'docker', 'ucr'],
      'command',
    ),
    blackboxTask: choice(
      "What a container of a user's image is; `none` refuses such actions.",
      ['docker', 'ucr', 'none'],
      'docker',
    ),
    network: text(
      'Network of image tasks: `bridge` (Docker; a `ucr` task then has the network of its agent), `host`, or the name of a Docker or CNI network.',
      'bridge',
    ),
    networkIsRoutable: yesOrNo(
      "Addresses of a named network can be dialled from here; else the agent's mapped ports are.",
      false,
    ),
    constraints: list(
      'Constraints on agents for managed containers: `attribute LIKE regex`, UNLIKE, EQUALS, EXISTS.',
    ),
    blackboxConstraints: list("The same for containers of users' images."),
    constraintDelimiter: text('Regular expression between the parts of a constraint.', ' '),
    teardownOnExit: yesOrNo('Removes the framework and all its tasks when the platform stops.', false),
    linkLogMessage: yesOrNo(
      "Says where the task's sandbox is when an activation's logs could not be read.",
      true,
    ),
    heartbeatMaxFailures: count('Missed heartbeats after which a master counts as dead.', {
      default: 3,
      minimum: 1,
      maximum: 1000,
    }),
    command,
    images,
    offers,
    healthCheck,
    timeouts,
  },
  { description: 'Containers as tasks of Apache Mesos (`containers.factory` = `mesos`).' },
);
