/** A media type taken apart. */
export interface MediaType {
  /** `text/html`, in lower case. */
  readonly name: string;
  /** `; boundary=x`, without a charset: texts are sent as UTF-8, whatever was said. */
  readonly parameters: string;
  readonly hasCharset: boolean;
}

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,127}\/[!#$%&'*+.^_`|~0-9A-Za-z-]{1,127}$/;
const PARAMETER = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+=(?:"[^"\\]*"|[^\s"\\]+)$/;
const MAX_LENGTH = 1024;

/** Texts that don't begin with `text/`. */
const texts = new Set([
  'application/ecmascript',
  'application/graphql',
  'application/javascript',
  'application/x-javascript',
  'application/x-www-form-urlencoded',
  'application/x-yaml',
  'application/xml',
  'application/yaml',
]);

/** Undefined when it is no media type. */
export function parseMediaType(text: string): MediaType | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const [name = '', ...parameters] = text.split(';').map((part) => part.trim());
  const given = parameters.filter((part) => part !== '');
  if (!NAME.test(name) || !given.every((part) => PARAMETER.test(part))) return undefined;
  const others = given.filter((part) => !/^charset=/i.test(part));
  return {
    name: name.toLowerCase(),
    parameters: others.map((part) => `; ${part}`).join(''),
    hasCharset: others.length < given.length,
  };
}

/** `application/json` and all that end with `+json`. */
export function isJsonFamily({ name }: MediaType): boolean {
  return name === 'application/json' || name.endsWith('+json');
}

/** Travels as base64 within JSON. Whatever says which characters it is made of is text. */
export function isBinary(type: MediaType): boolean {
  if (type.hasCharset || type.name.startsWith('text/') || isJsonFamily(type)) return false;
  return !texts.has(type.name) && !/^application\/.*\+xml$/.test(type.name);
}

/** The value of a `Content-Type` header: texts are UTF-8, which JSON needs not say. */
export function contentTypeOf(type: MediaType): string {
  const hasOpenCharset = !isBinary(type) && !isJsonFamily(type);
  return `${type.name}${type.parameters}${hasOpenCharset ? '; charset=UTF-8' : ''}`;
}
