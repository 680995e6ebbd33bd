import { placesOfFaults, type Fault, type FaultPlace, type FaultRule } from './fault.ts';

/** A request to the control endpoint that makes no sense; the message says what would. */
export class InvalidFault extends Error {
  override readonly name = 'InvalidFault';
}

const places: readonly FaultPlace[] = ['calls', 'events', 'to-agent', 'from-agent'];
const DEFAULT_REFUSAL = { status: 503, text: 'Master has not finished recovery' };
const DEFAULT_GARBAGE = 'this is no record\n';

type Given = Readonly<Record<string, unknown>>;

function numberOf(given: Given, name: string): number | undefined {
  const value = given[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0)
    throw new InvalidFault(`"${name}" has to be a number, not below 0.`);
  return value;
}

function stringOf(given: Given, name: string): string | undefined {
  const value = given[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw new InvalidFault(`"${name}" has to be a string.`);
  return value;
}

function parseFault(given: Given): Fault {
  const kind = given['fault'];
  switch (kind) {
    case 'delay': {
      const delayMs = numberOf(given, 'delayMs');
      if (delayMs === undefined) throw new InvalidFault('A delay needs "delayMs".');
      return { kind, delayMs };
    }
    case 'refuse':
      return {
        kind,
        status: numberOf(given, 'status') ?? DEFAULT_REFUSAL.status,
        text: stringOf(given, 'text') ?? DEFAULT_REFUSAL.text,
      };
    case 'garbage':
      return { kind, data: stringOf(given, 'data') ?? DEFAULT_GARBAGE };
    case 'drop':
    case 'duplicate':
    case 'reorder':
    case 'swallow':
    case 'lose-answer':
    case 'half-open':
    case 'cut':
    case 'end':
      return { kind };
    default:
      throw new InvalidFault(`"fault" has to be one of ${Object.keys(placesOfFaults).join(', ')}.`);
  }
}

/**
 * Reads a rule as it is posted: `{"on":"calls","type":"ACCEPT","fault":"swallow","times":1}`. Throws an
 * {@link InvalidFault}.
 */
export function parseFaultRule(given: unknown): FaultRule {
  if (typeof given !== 'object' || given === null) throw new InvalidFault('A fault is a JSON object.');
  const fields = given as Given;
  const on = places.find((place) => place === fields['on']);
  if (!on) throw new InvalidFault(`"on" has to be one of ${places.join(', ')}.`);
  const fault = parseFault(fields);
  if (!placesOfFaults[fault.kind].includes(on))
    throw new InvalidFault(`"${fault.kind}" is for ${placesOfFaults[fault.kind].join(', ')}, not for ${on}.`);
  const type = stringOf(fields, 'type');
  const frameworkId = stringOf(fields, 'frameworkId');
  const agent = numberOf(fields, 'agent');
  const times = numberOf(fields, 'times');
  const skip = numberOf(fields, 'skip');
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
