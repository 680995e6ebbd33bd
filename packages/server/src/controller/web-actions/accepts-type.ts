interface Range {
  readonly name: string;
  readonly weight: number;
}

function readRange(text: string): Range {
  const [name = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const weight = parameters.find((part) => part.startsWith('q='))?.slice(2);
  return { name, weight: weight === undefined ? 1 : Number(weight) };
}

/** May the answer be of this type? The most specific range decides; a header that names none refuses nothing. */
export function acceptsType(accept: string | undefined, type: string): boolean {
  if (accept === undefined || accept === '*/*') return true;
  const ranges = accept
    .split(',')
    .map(readRange)
    .filter(({ name }) => name.includes('/'));
  if (ranges.length === 0) return true;
  const family = `${type.slice(0, type.indexOf('/'))}/*`;
  for (const wanted of [type, family, '*/*']) {
    const found = ranges.find(({ name }) => name === wanted);
    // What is no number refuses nothing either.
    if (found) return found.weight !== 0;
  }
  return false;
}
