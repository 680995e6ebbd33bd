import { InvalidArgumentError } from 'commander';

const units: Readonly<Record<string, number>> = {
  ms: 1,
  secs: 1000,
  mins: 60_000,
  hrs: 3_600_000,
  days: 86_400_000,
  weeks: 604_800_000,
};

/** A span of time as Mesos writes it, in milliseconds. Throws commander's error. */
export function parseDuration(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)(ms|secs|mins|hrs|days|weeks)$/.exec(text) ?? [];
  const factor = units[unit];
  if (number === undefined || factor === undefined) {
    throw new InvalidArgumentError(
      `It has to be a number with a unit: ${Object.keys(units).join(', ')}, as 30secs.`,
    );
  }
  return Number(number) * factor;
}

export function parseCount(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It has to be a whole number.');
  return Number(text);
}

export function parsePort(text: string): number {
  const port = parseCount(text);
  if (port > 65_535) throw new InvalidArgumentError('It has to be a port, 0 to 65535.');
  return port;
}

/** `separator` splits a name from its value; the later of two with the same name wins. */
function parsePairs(separator: string, example: string) {
  return (text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> => {
    const at = text.indexOf(separator);
    if (at < 1) throw new InvalidArgumentError(`It has to be ${example}.`);
    return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
  };
}

export const parseImage = parsePairs('=', 'NAME=DIRECTORY');
export const parseCredential = parsePairs(':', 'PRINCIPAL:SECRET');

/** One value after the other. */
export function collect(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

/** `a=2,b=0.5` */
export function parseWeights(text: string): Record<string, number> {
  return Object.fromEntries(
    text.split(',').map((part) => {
      const [role = '', weight = ''] = part.split('=');
      if (role === '' || !(Number(weight) > 0)) throw new InvalidArgumentError('It has to be ROLE=NUMBER,….');
      return [role, Number(weight)];
    }),
  );
}
