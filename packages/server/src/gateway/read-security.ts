import type { Json } from '@vibrissa/protocol';
import { isObject, memberOf, pointer, textMember, type ApiDocument } from './api-document.ts';
import type { KeyDemand, RequestRate } from './compiled-api.ts';
import { problemAt } from './gateway-problem.ts';

const HEADER = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/;
const ID = 'client_id';
const SECRET = 'client_secret';

/** Headers by the names of their definitions. */
export type KeyHeaders = ReadonlyMap<string, string>;

function readDefinition(name: string, definition: Json): string {
  const place = pointer('securityDefinitions', name);
  const type = textMember(definition, 'type');
  if (type !== 'apiKey') {
    throw problemAt(
      `${place}/type`,
      `'${type ?? ''}' is not supported, and the API would be open without it. Keys are: use 'apiKey'.`,
    );
  }
  if (textMember(definition, 'in') !== 'header') {
    throw problemAt(`${place}/in`, "a key is sent in a header: use 'header'. URLs end up in logs.");
  }
  const header = textMember(definition, 'name') ?? 'x-api-key';
  if (!HEADER.test(header)) throw problemAt(`${place}/name`, 'this is no name of a header.');
  return header.toLowerCase();
}

/** Reads `securityDefinitions`. Throws `GatewayProblem` for whatever the gateway can't enforce. */
export function readKeyHeaders(document: ApiDocument): KeyHeaders {
  const definitions = memberOf(document, 'securityDefinitions');
  if (definitions === undefined) return new Map();
  if (!isObject(definitions)) throw problemAt(pointer('securityDefinitions'), 'an object is expected.');
  return new Map(
    Object.entries(definitions).map(([name, definition]) => [name, readDefinition(name, definition)]),
  );
}

function demandOf(names: readonly string[], headers: KeyHeaders, place: string): KeyDemand {
  for (const name of names) {
    if (!headers.has(name)) {
      throw problemAt(place, `'${name}' is not among the securityDefinitions: the API would be open.`);
    }
  }
  const [first = ''] = names;
  const idHeader = headers.get(ID);
  const secretHeader = headers.get(SECRET);
  const isPair = names.length === 2 && names.includes(ID) && names.includes(SECRET);
  if (isPair && idHeader !== undefined && secretHeader !== undefined) {
    return { kind: 'pair', idHeader, secretHeader };
  }
  if (names.length !== 1 || first === ID || first === SECRET) {
    throw problemAt(place, `one key is asked for at a time; only '${ID}' and '${SECRET}' go together.`);
  }
  return { kind: 'key', header: headers.get(first) ?? '' };
}

/** A `security` member: any of its entries is enough, each asks for all of its names. */
function readRequirements(security: Json, headers: KeyHeaders, place: string): KeyDemand[] {
  if (!Array.isArray(security)) throw problemAt(place, 'a list is expected.');
  return security.map((entry, index) => {
    if (!isObject(entry) || Object.keys(entry).length === 0) {
      throw problemAt(`${place}/${index}`, 'an object with the name of a definition is expected.');
    }
    return demandOf(Object.keys(entry), headers, `${place}/${index}`);
  });
}

/**
 * What callers of an operation have to show. Where definitions are given and nothing says which of them apply, all do: a
 * definition that is forgotten opens no API.
 */
export function readDemands(
  document: ApiDocument,
  headers: KeyHeaders,
  at: { readonly operation: Json; readonly place: string },
): readonly KeyDemand[] {
  const own = memberOf(at.operation, 'security');
  if (own !== undefined) return readRequirements(own, headers, `${at.place}/security`);
  const common = memberOf(document, 'security');
  if (common !== undefined) return readRequirements(common, headers, pointer('security'));
  return headers.size === 0 ? [] : [demandOf([...headers.keys()], headers, pointer('securityDefinitions'))];
}

const unitsMs = new Map([
  ['second', 1000],
  ['minute', 60_000],
  ['hour', 3_600_000],
  ['day', 86_400_000],
]);

function readCount(limit: Json, name: string, place: string): number {
  const count = memberOf(limit, name);
  if (typeof count === 'number' && Number.isInteger(count) && count >= 1 && count <= 1e9) return count;
  throw problemAt(`${place}/${name}`, 'a whole number of at least 1 is expected.');
}

/** Reads `x-gateway-rate-limit` (or its former name): one limit, alone or in a list. */
export function readRateLimit(document: ApiDocument): RequestRate | undefined {
  const name = ['x-gateway-rate-limit', 'x-ibm-rate-limit'].find((key) => Object.hasOwn(document, key));
  if (name === undefined) return undefined;
  const written = memberOf(document, name) ?? null;
  if (Array.isArray(written) && written.length !== 1) {
    throw problemAt(pointer(name), 'exactly one limit is expected.');
  }
  const place = Array.isArray(written) ? pointer(name, 0) : pointer(name);
  const limit = Array.isArray(written) ? (written[0] ?? null) : written;
  const unitMs = unitsMs.get(textMember(limit, 'unit') ?? '');
  if (unitMs === undefined)
    throw problemAt(`${place}/unit`, `one of ${[...unitsMs.keys()].join(', ')} is expected.`);
  return { rate: readCount(limit, 'rate', place), intervalMs: unitMs * readCount(limit, 'units', place) };
}
