import { didYouMean } from '../faults/did-you-mean.ts';
import type { MarathonOptions } from '../marathon/marathon-options.ts';
import type { AgentOptions, SimulatorOptions } from './simulator-options.ts';

/** An option that makes no sense; the message says which, why, and what would. */
export class InvalidOption extends Error {
  override readonly name = 'InvalidOption';
}

/** Throws an {@link InvalidOption} when the value at this place is none that it can be. */
type Check = (value: unknown, at: string) => void;

function quoted(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

function refuse(at: string, value: unknown, mend: string): never {
  throw new InvalidOption(`${at} is ${quoted(value)}: give ${mend}.`);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function amount(give: string, min: number, max = Number.MAX_SAFE_INTEGER): Check {
  return (value, at) => {
    if (typeof value !== 'number' || !(value >= min && value <= max)) refuse(at, value, give);
  };
}

function whole(give: string, min: number, max?: number): Check {
  const check = amount(give, min, max);
  return (value, at) => {
    check(value, at);
    if (!Number.isInteger(value)) refuse(at, value, give);
  };
}

function text(give: string): Check {
  return (value, at) => {
    if (typeof value !== 'string' || value === '') refuse(at, value, give);
  };
}

function flag(value: unknown, at: string): void {
  if (typeof value !== 'boolean') refuse(at, value, 'true or false');
}

function word(...words: readonly string[]): Check {
  return (value, at) => {
    if (!words.includes(value as string)) refuse(at, value, words.map((each) => `"${each}"`).join(' or '));
  };
}

function listOf(item: Check, give: string): Check {
  return (value, at) => {
    if (!Array.isArray(value)) return refuse(at, value, give);
    for (const [index, each] of value.entries()) item(each, `${at}[${index}]`);
  };
}

function mapOf(item: Check, give: string): Check {
  return (value, at) => {
    if (!isObject(value)) return refuse(at, value, give);
    for (const [name, each] of Object.entries(value)) item(each, `${at}.${name}`);
  };
}

/** An object with these fields, none of which has to be there. */
function fieldsOf(fields: Readonly<Record<string, Check>>, what: string): Check {
  return (value, at) => {
    if (!isObject(value)) return refuse(at || 'What open() takes', value, `an object, ${what}`);
    for (const [name, each] of Object.entries(value)) {
      if (each === undefined) continue;
      if (!Object.hasOwn(fields, name))
        throw new InvalidOption(
          `${at && `${at}.`}${name} is no option: ${didYouMean(name, Object.keys(fields))}`,
        );
      fields[name]?.(each, at ? `${at}.${name}` : name);
    }
  };
}

/** What has these methods: a port that a program implements. */
function withMethods(...names: readonly string[]): Check {
  return (value, at) => {
    const found = value as Readonly<Record<string, unknown>> | null;
    if (typeof value !== 'object' || names.some((name) => typeof found?.[name] !== 'function'))
      refuse(at, value, `an object with ${names.map((name) => `${name}()`).join(', ')}`);
  };
}

const valueFields: Readonly<Record<string, Check>> = {
  SCALAR: (value, at) => {
    const scalar = isObject(value) ? value['scalar'] : undefined;
    amount('{ value } of 0 or more', 0)(isObject(scalar) ? scalar['value'] : scalar, `${at}.scalar`);
  },
  RANGES: (value, at) => {
    const ranges = isObject(value) ? value['ranges'] : undefined;
    const item: Check = (range, place) => {
      if (!isObject(range)) return refuse(place, range, '{ begin, end }');
      whole('a whole number', 0)(range['begin'], `${place}.begin`);
      whole('a whole number, not below begin', Number(range['begin']))(range['end'], `${place}.end`);
    };
    listOf(item, 'a list of { begin, end }')(
      isObject(ranges) ? ranges['range'] : ranges,
      `${at}.ranges.range`,
    );
  },
  SET: (value, at) => {
    const set = isObject(value) ? value['set'] : undefined;
    listOf(text('a text'), 'a list of texts')(isObject(set) ? set['item'] : set, `${at}.set.item`);
  },
  TEXT: (value, at) => {
    const found = isObject(value) ? value['text'] : undefined;
    if (!isObject(found) || typeof found['value'] !== 'string') refuse(`${at}.text`, found, '{ value }');
  },
};

/** In Mesos's notation, which is read later, or as a list of what travels on the wire. */
function notation(types: readonly string[], example: string): Check {
  const give = `a text as "${example}", or a list of Mesos's objects`;
  const item: Check = (value, at) => {
    if (!isObject(value)) return refuse(at, value, `an object with name, type and value`);
    text('a name')(value['name'], `${at}.name`);
    word(...types)(value['type'], `${at}.type`);
    valueFields[String(value['type'])]?.(value, at);
  };
  return (value, at) => {
    if (typeof value !== 'string') listOf(item, give)(value, at);
  };
}

const span = amount('milliseconds, 0 or more', 0);
const interval = amount('milliseconds, more than 0', Number.MIN_VALUE);
const port = whole('a port, 0 to 65535', 0, 65_535);

const agentFields: Readonly<Record<keyof AgentOptions, Check>> = {
  resources: notation(['SCALAR', 'RANGES', 'SET'], 'cpus:8;mem:16384'),
  attributes: notation(['SCALAR', 'RANGES', 'SET', 'TEXT'], 'rack:r1;zone:z1'),
  hostname: text('a name'),
  host: text('an address of this machine'),
  port,
  region: text('a name'),
  zone: text('a name'),
};

const marathonFields: Readonly<Record<keyof MarathonOptions, Check>> = {
  host: text('an address of this machine'),
  port,
  credentials: mapOf(text('a password'), 'passwords by user, as { admin: "secret" }'),
  token: text('a token'),
  version: text('a version, as "1.11.24"'),
};

const MOST_AGENTS = 1000;
const howMany = `how many agents, 0 to ${MOST_AGENTS}, as a number, or a list of agents`;

const optionFields: Readonly<Record<keyof SimulatorOptions, Check>> = {
  agents: (value, at) => {
    if (Array.isArray(value)) listOf(fieldsOf(agentFields, 'as { resources: "cpus:8" }'), howMany)(value, at);
    else whole(howMany, 0, MOST_AGENTS)(value, at);
  },
  masters: whole('how many masters, 1 to 100, as a number', 1, 100),
  host: text('an address of this machine'),
  port,
  agentPort: port,
  controlPort: port,
  registry: word('in_memory', 'replicated_log'),
  credentials: mapOf(text('a secret'), 'secrets by principal, as { app: "secret" }'),
  electionMs: span,
  images: mapOf(text('a directory'), 'directories by image, as { alpine: "/srv/alpine" }'),
  dockerSocket: text('a path'),
  marathon: (value, at) => {
    if (typeof value === 'object') fieldsOf(marathonFields, 'as { port: 8080 }')(value, at);
    else if (typeof value !== 'boolean') refuse(at, value, 'true, false, or an object, as { port: 8080 }');
  },
  workDirectory: text('a path'),
  clock: withMethods('now', 'monotonicMs', 'after'),
  random: withMethods('next'),
  cluster: text('a name'),
  version: (value, at) => {
    if (typeof value !== 'string' || !/^\d+\.\d+\.\d+/.test(value))
      refuse(at, value, 'a version, as "1.12.0"');
  },
  allocationIntervalMs: interval,
  offerTimeoutMs: interval,
  agentPingTimeoutMs: interval,
  maxAgentPingTimeouts: whole('a whole number from 1', 1),
  agentReregisterTimeoutMs: span,
  recoveryMs: span,
  maxCompletedFrameworks: whole('a whole number, 0 or more', 0),
  maxCompletedTasks: whole('a whole number, 0 or more', 0),
  weights: mapOf(amount('a number above 0', Number.MIN_VALUE), 'numbers by role, as { web: 2 }'),
  roles: listOf(text('a role'), 'a list of roles'),
  rootSubmissions: flag,
  heartbeatIntervalMs: interval,
};

/**
 * Refuses what is misspelt or has another shape: in a test it would be left out in silence, and the test would prove
 * something else. Throws an {@link InvalidOption}.
 */
export function checkOptions(options: SimulatorOptions): void {
  fieldsOf(optionFields, 'as { agents: 3 }')(options, '');
}
