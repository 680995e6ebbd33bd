/** What of a call's JSON a master checks when it turns it into its own message. Fields that are not listed pass through. */
export interface MessageSchema {
  readonly [field: string]: FieldSchema;
}

export interface FieldSchema {
  readonly kind: 'string' | 'number' | 'bool' | 'bytes' | 'enum' | 'message';
  readonly required?: boolean;
  readonly repeated?: boolean;
  /** Of an enum: any other value counts as absent. */
  readonly values?: readonly string[];
  readonly message?: MessageSchema;
}

/** A sentence about the JSON that could not be converted. */
export class ConversionError extends Error {}

/**
 * Converts as Mesos's JSON reader does: numbers may be strings, unknown values of an enum count as absent, absent lists
 * as empty; unknown fields are kept (nobody looks at them).
 *
 * @throws {@link ConversionError} with the sentence that the master answers.
 */
export function convertMessage(json: unknown, schema: MessageSchema): Record<string, unknown> {
  if (!isObject(json)) throw new ConversionError('Expecting a JSON object');
  const missing: string[] = [];
  const converted = convertFields(json, schema, { path: '', missing });
  if (missing.length > 0) throw new ConversionError(`Missing required fields: ${missing.join(', ')}`);
  return converted;
}

interface Place {
  readonly path: string;
  readonly missing: string[];
}

/** What a message must or does have, though its JSON may not; found once per schema. */
interface Absent {
  readonly required: readonly string[];
  readonly repeated: readonly string[];
}

const absentOf = new WeakMap<MessageSchema, Absent>();

function absentFields(schema: MessageSchema): Absent {
  let absent = absentOf.get(schema);
  if (absent === undefined) {
    const fields = Object.entries(schema);
    absent = {
      required: fields.filter(([, { required }]) => required === true).map(([name]) => name),
      repeated: fields.filter(([, { repeated }]) => repeated === true).map(([name]) => name),
    };
    absentOf.set(schema, absent);
  }
  return absent;
}

/** Goes by the fields that are there: calls are small, and there are many of them. */
function convertFields(
  json: Readonly<Record<string, unknown>>,
  schema: MessageSchema,
  place: Place,
): Record<string, unknown> {
  const converted: Record<string, unknown> = {};
  for (const name of Object.keys(json)) {
    const value = json[name];
    if (value === undefined || value === null) continue;
    const field = Object.hasOwn(schema, name) ? schema[name] : undefined;
    const made =
      field === undefined
        ? value
        : convertField(value, { name, field }, { path: place.path + name, missing: place.missing });
    if (made !== undefined) converted[name] = made;
  }
  const { required, repeated } = absentFields(schema);
  for (const name of required) if (converted[name] === undefined) place.missing.push(place.path + name);
  for (const name of repeated) converted[name] ??= [];
  return converted;
}

interface NamedField {
  readonly name: string;
  readonly field: FieldSchema;
}

function convertField(value: unknown, named: NamedField, place: Place): unknown {
  if (named.field.repeated !== true) return convertValue(value, named, place);
  if (!Array.isArray(value)) throw unexpected(value, named.name);
  return value
    .map((item: unknown, index) => convertValue(item, named, { ...place, path: `${place.path}[${index}]` }))
    .filter((item) => item !== undefined);
}

function convertValue(value: unknown, { name, field }: NamedField, place: Place): unknown {
  switch (field.kind) {
    case 'string':
      if (typeof value !== 'string') throw unexpected(value, name);
      return value;
    case 'number':
      return toNumber(value, name);
    case 'bool':
      if (typeof value !== 'boolean') throw unexpected(value, name);
      return value;
    case 'enum':
      if (typeof value !== 'string') throw unexpected(value, name);
      return field.values?.includes(value) === true ? value : undefined;
    case 'bytes':
      if (typeof value !== 'string') throw unexpected(value, name);
      return checkBase64(value, name);
    case 'message':
      if (!isObject(value)) throw unexpected(value, name);
      return convertFields(value, field.message ?? {}, { ...place, path: `${place.path}.` });
  }
}

function toNumber(value: unknown, name: string): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'string') throw new ConversionError(`Failed to parse '${number}' as a JSON number`);
  if (typeof number !== 'number') throw unexpected(value, name);
  if (Number.isNaN(number)) {
    throw new ConversionError(`Failed to parse '${String(value)}' as a JSON number for field '${name}'`);
  }
  return number;
}

function checkBase64(value: string, name: string): string {
  const wrong = /[^A-Za-z0-9+/=]/.exec(value)?.[0];
  if (wrong === undefined) return value;
  throw new ConversionError(`Failed to base64 decode bytes field '${name}': Invalid character '${wrong}'`);
}

function unexpected(value: unknown, name: string): ConversionError {
  return new ConversionError(`Not expecting a JSON ${jsonKind(value)} for field '${name}'`);
}

function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return value === null ? 'null' : typeof value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
