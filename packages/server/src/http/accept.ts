const JSON_RANGES = new Set(['*/*', 'application/*', 'application/json']);
const REFUSED = /;\s*q=0(?:\.0*)?\s*(?:;|$)/;

/** May the answer be JSON? Nearly every client says so in one of two ways; the rest is taken apart. */
export function acceptsJson(accept: string | undefined): boolean {
  if (accept === undefined || accept === '*/*' || accept === 'application/json') return true;
  // Says nothing.
  if (accept.trim() === '') return true;
  return accept.split(',').some((part) => {
    const [range = '', ...parameters] = part.split(';');
    return JSON_RANGES.has(range.trim().toLowerCase()) && !REFUSED.test(`;${parameters.join(';')}`);
  });
}

/** Is a body of this type JSON? */
export function isJsonType(contentType: string | undefined): boolean {
  if (contentType === undefined) return false;
  if (contentType === 'application/json') return true;
  const [type = ''] = contentType.split(';', 1);
  return type.trim().toLowerCase() === 'application/json';
}
