import { didYouMean } from './did-you-mean.ts';
import { placesOfFaults, type Fault, type FaultPlace, type FaultRule } from './fault.ts';
import { messagesByPlace } from './messages-by-place.ts';

/** A rule, or a request to the control endpoint, that makes no sense; the message says what would. */
export class InvalidFault extends Error {
  override readonly name = 'InvalidFault';
}

const places: readonly FaultPlace[] = ['calls', 'events', 'to-agent', 'from-agent'];
const kinds = Object.keys(placesOfFaults) as Fault['kind'][];
const DEFAULT_REFUSAL = { status: 503, text: 'Master has not finished recovery' };
const DEFAULT_GARBAGE = 'this is no record\n';

const ruleFields = ['on', 'fault', 'type', 'frameworkId', 'agent', 'times', 'skip'];
const fieldsOfFaults: Readonly<Partial<Record<Fault['kind'], readonly string[]>>> = {
  delay: ['delayMs'],
  refuse: ['status', 'text'],
  garbage: ['data'],
};

type Given = Readonly<Record<string, unknown>>;

/** Where a number may be. */
interface Bounds {
  readonly min: number;
  readonly max?: number;
  readonly whole?: boolean;
}

function quoted(value: unknown): string {
  const json = JSON.stringify(value) ?? String(value);
  return json.length > 40 ? `${json.slice(0, 40)}…` : json;
}

function numberOf(given: Given, name: string, bounds: Bounds): number | undefined {
  const { min, max = Infinity, whole = true } = bounds;
  const value = given[name];
  if (value === undefined) return undefined;
  const isFine =
    typeof value === 'number' &&
    Number.isFinite(value) &&
    value >= min &&
    value <= max &&
    (!whole || Number.isInteger(value));
  if (isFine) return value;
  const range = max === Infinity ? `not below ${min}` : `from ${min} to ${max}`;
  throw new InvalidFault(
    `"${name}" is ${quoted(value)}: it has to be a ${whole ? 'whole ' : ''}number, ${range}.`,
  );
}

function stringOf(given: Given, name: string): string | undefined {
  const value = given[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string')
    throw new InvalidFault(`"${name}" is ${quoted(value)}: it has to be a string.`);
  return value;
}

function isGiven(value: unknown): value is Given {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wordOf<Word extends string>(value: unknown, name: string, known: readonly Word[]): Word {
  const found = known.find((word) => word === value);
  if (found !== undefined) return found;
  const mend = typeof value === 'string' ? didYouMean(value, known) : `there are ${known.join(', ')}.`;
  throw new InvalidFault(
    value === undefined ? `"${name}" is missing: ${mend}` : `"${name}" is ${quoted(value)}: ${mend}`,
  );
}

/** A rule with a misspelt condition would strike everything. */
function refuseUnknown(given: Given, known: readonly string[], what: string): void {
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined && !known.includes(name))
      throw new InvalidFault(`"${name}" is no field of ${what}: ${didYouMean(name, known)}`);
  }
}

function faultOf(kind: Fault['kind'], given: Given): Fault {
  switch (kind) {
    case 'delay': {
      const delayMs = numberOf(given, 'delayMs', { min: 0, whole: false });
      if (delayMs === undefined) throw new InvalidFault('A delay needs "delayMs".');
      return { kind, delayMs };
    }
    case 'refuse':
      return {
        kind,
        status: numberOf(given, 'status', { min: 200, max: 599 }) ?? DEFAULT_REFUSAL.status,
        text: stringOf(given, 'text') ?? DEFAULT_REFUSAL.text,
      };
    case 'garbage':
      return { kind, data: stringOf(given, 'data') ?? DEFAULT_GARBAGE };
    default:
      return { kind };
  }
}

/** By name with its fields beside it, as it is posted, or as an object of its own, as it is in code. */
function parseFault(given: Given): Fault {
  const { fault } = given;
  if (isGiven(fault)) {
    const kind = wordOf(fault['kind'], 'fault.kind', kinds);
    refuseUnknown(given, ruleFields, 'a rule');
    refuseUnknown(fault, ['kind', ...(fieldsOfFaults[kind] ?? [])], `the fault ${kind}`);
    return faultOf(kind, fault);
  }
  const kind = wordOf(fault, 'fault', kinds);
  refuseUnknown(given, [...ruleFields, ...(fieldsOfFaults[kind] ?? [])], `a rule for ${kind}`);
  return faultOf(kind, given);
}

/**
 * Reads a rule as it is posted, `{"on":"calls","type":"ACCEPT","fault":"swallow","times":1}`, or as it is in code, where
 * the fault is an object. Throws an {@link InvalidFault}.
 */
export function parseFaultRule(given: unknown): FaultRule {
  if (!isGiven(given)) throw new InvalidFault('A rule is an object: {"on": "calls", "fault": "drop"}.');
  const on = wordOf(given['on'], 'on', places);
  const fault = parseFault(given);
  if (!placesOfFaults[fault.kind].includes(on))
    throw new InvalidFault(`"${fault.kind}" is for ${placesOfFaults[fault.kind].join(', ')}, not for ${on}.`);
  const type = given['type'] === undefined ? undefined : wordOf(given['type'], 'type', messagesByPlace[on]);
  const frameworkId = stringOf(given, 'frameworkId');
  const agent = numberOf(given, 'agent', { min: 1 });
  if (agent !== undefined && (on === 'calls' || on === 'events'))
    throw new InvalidFault(`"agent" is for to-agent, from-agent: ${on} have none.`);
  const times = numberOf(given, 'times', { min: 1 });
  const skip = numberOf(given, 'skip', { min: 0 });
  return {
    on,
    fault,
    ...(type === undefined ? {} : { type }),
    ...(frameworkId === undefined ? {} : { frameworkId }),
    ...(agent === undefined ? {} : { agent }),
    ...(times === undefined ? {} : { times }),
    ...(skip === undefined ? {} : { skip }),
  };
}
