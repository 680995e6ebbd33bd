import type { WireAttribute } from '@vibrissa/mesos/wire';

/** Attributes as the older endpoints show them: texts and numbers by name. */
export function attributeValues(
  attributes: readonly WireAttribute[] | undefined,
): Record<string, string | number> {
  return Object.fromEntries(
    (attributes ?? []).map((attribute) => {
      switch (attribute.type) {
        case 'TEXT':
          return [attribute.name, attribute.text.value];
        case 'SCALAR':
          return [attribute.name, attribute.scalar.value];
        case 'RANGES': {
          const ranges = attribute.ranges.range.map(({ begin, end }) => `${begin}-${end}`);
          return [attribute.name, `[${ranges.join(', ')}]`];
        }
        case 'SET':
          return [attribute.name, `{${attribute.set.item.join(', ')}}`];
      }
    }),
  );
}
