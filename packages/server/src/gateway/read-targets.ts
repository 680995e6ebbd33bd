import type { Json, JsonObject } from '@vibrissa/protocol';
import { isObject, isVerb, memberOf, pointer, textMember, type ApiDocument } from './api-document.ts';
import { problemAt } from './gateway-problem.ts';

/** What the configuration says of one operation, before the URL is read. */
export interface Assembly {
  readonly url: string;
  /** Where that stands. */
  readonly place: string;
  readonly method?: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

const CONFIGURATION = 'x-ibm-configuration';
const HEADER = /^message\.headers\.([!#$%&'*+^_`|~0-9A-Za-z-]{1,100})$/;
/** They belong to the connection, not to the message. */
const fixed = new Set(['connection', 'content-length', 'host', 'te', 'transfer-encoding', 'upgrade']);

function listMember(value: Json | undefined, name: string, place: string): readonly Json[] {
  const member = memberOf(value, name);
  if (member === undefined) return [];
  if (!Array.isArray(member)) throw problemAt(`${place}/${name}`, 'a list is expected.');
  return member;
}

function readInvoke(invoke: Json, place: string): Pick<Assembly, 'url' | 'place' | 'method'> {
  const at = `${place}/invoke`;
  const url = textMember(invoke, 'target-url');
  if (url === undefined) throw problemAt(`${at}/target-url`, 'the URL of a web action is expected.');
  const verb = memberOf(invoke, 'verb') ?? 'keep';
  if (verb === 'keep') return { url, place: `${at}/target-url` };
  if (typeof verb !== 'string' || !isVerb(verb.toLowerCase())) {
    throw problemAt(`${at}/verb`, "'keep' or a method of HTTP is expected.");
  }
  return { url, place: `${at}/target-url`, method: verb.toUpperCase() };
}

function readHeader(action: Json, place: string): readonly [string, string] {
  const name = HEADER.exec(textMember(action, 'set') ?? '')?.[1]?.toLowerCase();
  if (name === undefined || fixed.has(name)) {
    throw problemAt(`${place}/set`, "only a request's headers can be set: message.headers.NAME.");
  }
  const value = memberOf(action, 'value');
  const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  if (!isPlain || /[\p{Cc}]/u.test(String(value))) {
    throw problemAt(`${place}/value`, 'a text without control characters is expected.');
  }
  return [name, String(value)];
}

/** The steps of one operation: exactly one that invokes, and any that set headers. */
function readSteps(steps: readonly Json[], place: string): Assembly {
  let invoked: Pick<Assembly, 'url' | 'place' | 'method'> | undefined;
  const headers: (readonly [string, string])[] = [];
  for (const [index, step] of steps.entries()) {
    const at = `${place}/${index}`;
    const names = isObject(step) ? Object.keys(step) : [];
    const [name] = names;
    if (names.length !== 1 || (name !== 'invoke' && name !== 'set-variable')) {
      throw problemAt(at, "the gateway knows the steps 'invoke' and 'set-variable', one to an entry.");
    }
    const value = memberOf(step, name) ?? null;
    if (name === 'set-variable') {
      const actions = listMember(value, 'actions', `${at}/set-variable`);
      headers.push(...actions.map((action, n) => readHeader(action, `${at}/set-variable/actions/${n}`)));
    } else if (invoked) throw problemAt(at, 'an operation invokes one action.');
    else invoked = readInvoke(value, at);
  }
  if (!invoked) throw problemAt(place, "a step 'invoke' with a target-url is expected.");
  return { ...invoked, headers };
}

/** What `x-ibm-configuration` says: of each operation by its id, and of all others. */
export interface Assemblies {
  readonly byOperation: ReadonlyMap<string, Assembly>;
  readonly others: Assembly | undefined;
}

function readCases(cases: readonly Json[], place: string): Map<string, Assembly> {
  const found = new Map<string, Assembly>();
  for (const [index, entry] of cases.entries()) {
    const at = `${place}/${index}`;
    const assembly = readSteps(listMember(entry, 'execute', at), `${at}/execute`);
    for (const [n, operation] of listMember(entry, 'operations', at).entries()) {
      if (typeof operation !== 'string')
        throw problemAt(`${at}/operations/${n}`, 'an operationId is expected.');
      if (found.has(operation))
        throw problemAt(`${at}/operations/${n}`, `'${operation}' has a target already.`);
      found.set(operation, assembly);
    }
  }
  return found;
}

/** Reads the assembly. Throws `GatewayProblem` for steps that the gateway doesn't know. */
export function readAssemblies(document: ApiDocument): Assemblies {
  const assembly = memberOf(memberOf(document, CONFIGURATION), 'assembly');
  const place = pointer(CONFIGURATION, 'assembly');
  const byOperation = new Map<string, Assembly>();
  const common: Json[] = [];
  for (const [index, step] of listMember(assembly, 'execute', place).entries()) {
    const branch: Json | undefined = memberOf(step, 'operation-switch');
    if (branch === undefined) common.push(step);
    else {
      const at = `${place}/execute/${index}/operation-switch`;
      for (const [id, read] of readCases(listMember(branch, 'case', at), `${at}/case`))
        byOperation.set(id, read);
    }
  }
  return { byOperation, others: common.length === 0 ? undefined : readSteps(common, `${place}/execute`) };
}

/** Reads whether browsers of other origins are let in; undefined leaves that to the actions. */
export function readCors(document: ApiDocument): boolean | undefined {
  const cors = memberOf(memberOf(document, CONFIGURATION), 'cors');
  if (cors === undefined) return undefined;
  const enabled = memberOf(cors as JsonObject, 'enabled');
  if (typeof enabled === 'boolean') return enabled;
  throw problemAt(pointer(CONFIGURATION, 'cors', 'enabled'), 'true or false is expected.');
}
