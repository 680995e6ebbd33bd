import { isJsonObject, jsonElements, jsonMembers } from '../values/json-text.ts';

/** One path and method of an API. */
export interface ListedOperation {
  readonly path: string;
  /** As the document has it: in lower case. */
  readonly verb: string;
  /** `/ns/pkg/name`; empty where the document does not say it. */
  readonly action: string;
  readonly url: string;
}

/** An API as the platform answers with it. */
export interface ListedApi {
  readonly name: string;
  readonly basePath: string;
  readonly operations: readonly ListedOperation[];
  /** The Swagger document. */
  readonly document: string;
  /** All of the answer. */
  readonly json: string;
}

const verbs = new Set(['get', 'put', 'post', 'delete', 'patch', 'head', 'options']);

function membersOf(json: string | undefined): ReadonlyMap<string, string> {
  return json !== undefined && isJsonObject(json) ? jsonMembers(json) : new Map<string, string>();
}

function textOf(json: string | undefined): string {
  return json?.startsWith('"') ? (JSON.parse(json) as string) : '';
}

function actionOf(operation: string): string {
  const served = membersOf(membersOf(operation).get('x-openwhisk'));
  const [namespace, pkg, action] = ['namespace', 'package', 'action'].map((name) => textOf(served.get(name)));
  if (!action) return '';
  return pkg ? `/${namespace}/${pkg}/${action}` : `/${namespace}/${action}`;
}

/** Reads an API out of the JSON of `createApi`, or of one `value` of `getApi`. */
export function readApi(json: string): ListedApi {
  const answer = membersOf(json);
  const document = answer.get('apidoc') ?? '{}';
  const members = membersOf(document);
  const base = textOf(answer.get('gwApiUrl')).replace(/\/$/, '');
  const operations: ListedOperation[] = [];
  for (const [path, item] of membersOf(members.get('paths'))) {
    for (const [verb, operation] of membersOf(item)) {
      if (verbs.has(verb)) operations.push({ path, verb, action: actionOf(operation), url: base + path });
    }
  }
  const name = textOf(membersOf(members.get('info')).get('title'));
  return { name, basePath: textOf(members.get('basePath')), operations, document, json };
}

/** The APIs of an answer of `getApi`. */
export function readApis(json: string): ListedApi[] {
  const list = membersOf(json).get('apis');
  if (list === undefined) return [];
  return jsonElements(list).map((item) => readApi(membersOf(item).get('value') ?? '{}'));
}
