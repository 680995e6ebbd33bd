import { quoted, shapes, type Shape } from './shape.ts';
import { roleProblem, submittedIdProblem } from './validate-names.ts';

const { amount, text, flag, callback, word, list, map, object, textOr } = shapes;

/** A text whose rules stand in a function that gives the end of a sentence. */
function named(give: string, problemOf: (name: string) => string | undefined): Shape {
  const asText = text(give, { mayBeEmpty: true });
  return (value, at) => {
    const untyped = asText(value, at);
    if (untyped !== undefined) return untyped;
    const problem = problemOf(value as string);
    return problem === undefined ? undefined : `${at} is ${quoted(value)}: ${problem}.`;
  };
}

function variableProblem(name: string): string | undefined {
  return name === '' || name.includes('=') ? "a variable's name can't be empty and holds no '='" : undefined;
}

function portNameProblem(name: string): string | undefined {
  return /^[a-z][\w-]{0,62}$/i.test(name)
    ? undefined
    : "give up to 63 letters, digits, '-' and '_', a letter first";
}

function uriProblem(uri: string): string | undefined {
  if (uri === '') return "it can't be empty";
  // The agent refuses them, because fetchers are started through a shell.
  return /['\\]/.test(uri)
    ? "Mesos allows no quotes ' and no backslashes in it; encode them (%27, %5C)"
    : undefined;
}

/** Mesos counts thousandths, and takes what is less for nothing. */
function resource(give: string): Shape {
  return amount({ smallest: 0.001, give });
}

const id = named('1 to 244 characters', submittedIdProblem);
const role = named('one of the roles of the framework', roleProblem);
const ms = (give: string) => amount({ max: 9e12, give: `${give} in milliseconds` });
const texts = list(text('arguments', { mayBeEmpty: true }));

const command = textOr(
  text("a line for the shell, such as 'exec ./server'"),
  object({ program: text("a program's path") }, { arguments: texts }),
);

const network = textOr(
  word('bridge', 'host'),
  object({ name: text("the network's name, as the agents know it") }, {}),
);

const image = textOr(
  text("an image's name, such as 'nginx:1.27'"),
  object(
    { name: text("an image's name, such as 'nginx:1.27'") },
    {
      runtime: word('docker', 'ucr'),
      network,
      routable: flag,
      forcePull: flag,
      arguments: texts,
      parameters: list(
        object(
          { key: text("an option of 'docker run'"), value: text('its value', { mayBeEmpty: true }) },
          {},
        ),
      ),
      privileged: flag,
    },
  ),
);

const port = object(
  {},
  {
    name: named('a name', portNameProblem),
    containerPort: amount({ max: 65_535, whole: true, give: 'a port from 0 to 65535' }),
    protocol: word('tcp', 'udp'),
  },
);

const fetch = object(
  { uri: named('a URI', uriProblem) },
  {
    extract: flag,
    executable: flag,
    cache: flag,
    outputFile: named('a path in the sandbox', (path) =>
      path === '' || path.startsWith('/') || path.split('/').includes('..')
        ? 'it must be a path below the sandbox'
        : uriProblem(path),
    ),
  },
);

const volume = object(
  { hostPath: text("a path of the agent's machine"), containerPath: text('a path in the container') },
  { readOnly: flag },
);

const constraint = object(
  {
    attribute: text("an agent's attribute, 'hostname', '@region' or '@zone'"),
    operator: word('LIKE', 'UNLIKE', 'EXISTS', 'EQUALS'),
  },
  { value: text('a value', { mayBeEmpty: true }) },
);

const healthCheck = object(
  { type: word('TCP', 'HTTP', 'COMMAND') },
  {
    portIndex: amount({ whole: true, give: 'an index into ports' }),
    path: text("a path, such as '/health'"),
    scheme: word('http', 'https'),
    command: text('a line for the shell'),
    delayMs: ms('the wait before the first check'),
    intervalMs: ms('the time between two checks'),
    timeoutMs: amount({ min: 1, max: 9e12, give: 'the longest that a check may take, in milliseconds' }),
    maxFailures: amount({ min: 1, max: 4e9, whole: true, give: 'the failures in a row that kill the task' }),
    gracePeriodMs: ms('the time in which failures do not count'),
  },
);

/** What a {@link TaskSpec} may look like, field by field; how fields go together is `task-problem.ts`'s affair. */
export const taskShape: Shape = object(
  {
    cpus: resource('units of a processor, such as 0.5'),
    memoryMb: resource('megabytes, such as 128'),
  },
  {
    id,
    name: text('a name for people'),
    role,
    diskMb: resource('megabytes'),
    gpus: amount({ whole: true, give: 'a number of GPUs' }),
    ports: list(port),
    command,
    image,
    env: map(named('a name', variableProblem), text('a value', { mayBeEmpty: true })),
    fetch: list(fetch),
    user: text("a user of the agent's machine"),
    constraints: list(constraint),
    healthCheck,
    killGraceMs: ms('the grace'),
    maxRunMs: amount({ min: 1, max: 9e12, give: 'the longest run in milliseconds' }),
    labels: map(text('a label'), text('a value', { mayBeEmpty: true })),
    volumes: list(volume),
    customize: callback,
  },
);

/** What a {@link TaskGroupSpec} may look like, without its tasks' insides. */
export const groupShape: Shape = object(
  { tasks: list(taskShape) },
  {
    id,
    // Mesos's minima for an executor of its own.
    executor: object(
      {},
      {
        cpus: amount({ min: 0.01, give: 'units of a processor for the executor, such as 0.1' }),
        memoryMb: amount({ min: 32, give: 'megabytes for the executor' }),
        diskMb: amount({ min: 0.001, give: 'megabytes for the executor, such as 32: it needs a disk' }),
      },
    ),
    network: object({ name: text("a CNI network's name, as the agents know it") }, {}),
  },
);
