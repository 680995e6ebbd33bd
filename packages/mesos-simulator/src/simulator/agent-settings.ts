import type { WireAttribute, WireRange, WireResource } from '@vibrissa/mesos/wire';

/** A text that should have been in Mesos's notation; the message says what is wrong with it. */
export class InvalidNotation extends Error {
  override readonly name = 'InvalidNotation';
}

function ranges(text: string, whole: string): WireRange[] {
  return text.split(',').map((part) => {
    const [begin, end] = part.trim().split('-').map(Number);
    if (
      begin === undefined ||
      end === undefined ||
      !Number.isInteger(begin) ||
      !Number.isInteger(end) ||
      begin > end
    )
      throw new InvalidNotation(`"${part.trim()}" in "${whole}" has to be a range, as 31000-32000.`);
    return { begin, end };
  });
}

type Value =
  | { readonly type: 'SCALAR'; readonly scalar: { readonly value: number } }
  | { readonly type: 'RANGES'; readonly ranges: { readonly range: readonly WireRange[] } }
  | { readonly type: 'SET'; readonly set: { readonly item: readonly string[] } }
  | { readonly type: 'TEXT'; readonly text: { readonly value: string } };

function valueOf(text: string, whole: string): Value {
  if (/^\[.*\]$/.test(text)) return { type: 'RANGES', ranges: { range: ranges(text.slice(1, -1), whole) } };
  if (/^\{.*\}$/.test(text)) {
    return {
      type: 'SET',
      set: {
        item: text
          .slice(1, -1)
          .split(',')
          .map((item) => item.trim()),
      },
    };
  }
  const number = Number(text);
  return text !== '' && Number.isFinite(number)
    ? { type: 'SCALAR', scalar: { value: number } }
    : { type: 'TEXT', text: { value: text } };
}

function entries(text: string): (readonly [name: string, value: string])[] {
  return text
    .split(';')
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const colon = part.indexOf(':');
      if (colon < 1) throw new InvalidNotation(`"${part.trim()}" has to be name:value.`);
      return [part.slice(0, colon).trim(), part.slice(colon + 1).trim()] as const;
    });
}

/**
 * Reads resources as `mesos-agent --resources` takes them: `cpus:8;mem:16384;ports:[31000-32000];gpus(ml):2`, where
 * brackets name the role that they are reserved for. Throws {@link InvalidNotation}.
 */
export function parseResources(text: string): WireResource[] {
  return entries(text).map(([key, value]) => {
    const [, name = key, role] = /^([^(]+)\(([^)]*)\)$/.exec(key) ?? [];
    const parsed = valueOf(value, text);
    if (parsed.type === 'TEXT')
      throw new InvalidNotation(`"${value}" of "${key}" has to be a number, [ranges] or {items}.`);
    if (parsed.type === 'SCALAR' && parsed.scalar.value < 0)
      throw new InvalidNotation(`"${value}" of "${key}" can't be less than 0.`);
    const reservation =
      role === undefined || role === '*' ? {} : { reservations: [{ type: 'STATIC' as const, role }] };
    return { name, ...parsed, ...reservation };
  });
}

/** Reads attributes as `mesos-agent --attributes` takes them: `rack:r1;zone:z1`. Throws {@link InvalidNotation}. */
export function parseAttributes(text: string): WireAttribute[] {
  return entries(text).map(([name, value]) => ({ name, ...valueOf(value, text) }));
}
