/** A record that is no event as Mesos writes them: no JSON, or a field that this client needs is missing or of another type. */
export class MalformedEvent extends Error {
  override readonly name = 'MalformedEvent';
}

/** A parsed JSON object. Keys of a foreign hand (`__proto__`, …) are data: it is read by known names and never merged. */
export type Fields = Record<string, unknown>;

/** Fields of one part of an event. `part` names it in errors: `an offer`, `a status`. */
export class FieldReader {
  readonly fields: Fields;
  readonly #part: string;

  constructor(value: unknown, part: string) {
    if (!isObject(value)) throw new MalformedEvent(`${part} must be an object`);
    this.fields = value;
    this.#part = part;
  }

  string(key: string): string {
    const value = this.fields[key];
    if (typeof value !== 'string') throw this.#wrong(key, 'a string');
    return value;
  }

  /** A finite number. A string of digits is one, as for protobuf's own JSON, and is replaced by it. */
  number(key: string): number {
    const value = this.fields[key];
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isFinite(number)) throw this.#wrong(key, 'a number');
    this.fields[key] = number;
    return number;
  }

  /** `{"value": "…"}`. It may be empty: the TASK_ERROR for a task without an id names it as it was sent. */
  id(key: string): string {
    const value = this.fields[key];
    if (!isObject(value) || typeof value['value'] !== 'string') throw this.#wrong(key, 'an id');
    return value['value'];
  }

  object(key: string, part: string): FieldReader {
    return new FieldReader(this.fields[key], part);
  }

  /** Calls `read` for each element. An absent list is an empty one: protobuf can't tell them apart. */
  list(key: string, read: (element: unknown) => void): void {
    for (const element of this.#list(key)) read(element);
  }

  /** As {@link list}, but keeps only the elements for which `read` returns true. */
  filteredList(key: string, read: (element: unknown) => boolean): void {
    this.fields[key] = this.#list(key).filter(read);
  }

  /** Whether an optional field is there. `null` is not, and is taken away. */
  has(key: string): boolean {
    const value = this.fields[key];
    if (value === null) delete this.fields[key];
    return value !== null && value !== undefined;
  }

  optionalStrings(...keys: readonly string[]): void {
    for (const key of keys) if (this.has(key)) this.string(key);
  }

  optionalIds(...keys: readonly string[]): void {
    for (const key of keys) if (this.has(key)) this.id(key);
  }

  optionalNumbers(...keys: readonly string[]): void {
    for (const key of keys) if (this.has(key)) this.number(key);
  }

  optionalBoolean(key: string): void {
    if (this.has(key) && typeof this.fields[key] !== 'boolean') throw this.#wrong(key, 'true or false');
  }

  #list(key: string): readonly unknown[] {
    if (!this.has(key)) this.fields[key] = [];
    const value = this.fields[key];
    if (!Array.isArray(value)) throw this.#wrong(key, 'a list');
    return value as readonly unknown[];
  }

  #wrong(key: string, kind: string): MalformedEvent {
    return new MalformedEvent(`${key} of ${this.#part} must be ${kind}`);
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function expectString(value: unknown, what: string): void {
  if (typeof value !== 'string') throw new MalformedEvent(`${what} must be a string`);
}
