import { jsonMembers, readKeyValues } from '../../values/json-text.ts';
import { readParameters } from '../../values/parameters.ts';
import type { Collection, Entity } from '../entity.ts';
import { parameterFields } from '../parameter-fields.ts';

/** Names of the caller's own namespace are written with `_`, as in a manifest. */
export interface OwnNamespace {
  readonly namespace: string;
}

function text(json: string | undefined): string {
  return json?.startsWith('"') ? String(JSON.parse(json)) : '';
}

/** `/guest/pkg/name` as `/_/pkg/name`. */
export function ownName(name: string, { namespace }: OwnNamespace): string {
  const path = name.startsWith('/') ? name : `/${name}`;
  return path.startsWith(`/${namespace}/`) ? `/_/${path.slice(namespace.length + 2)}` : path;
}

function prefixed(prefix: string, json: string | undefined): [string, string][] {
  return Array.from(readKeyValues(json), ([name, value]) => [`${prefix}.${name}`, value]);
}

function execFields(json: string | undefined, own: OwnNamespace): [string, string][] {
  const exec = json === undefined ? new Map<string, string>() : jsonMembers(json);
  const fields: [string, string][] = [];
  for (const name of ['kind', 'image', 'main', 'code']) {
    const value = exec.get(name);
    if (value?.startsWith('"') && value !== '""') fields.push([`exec.${name}`, value]);
  }
  const components = exec.get('components');
  if (components !== undefined) {
    const names = (JSON.parse(components) as string[]).map((name) => ownName(name, own));
    fields.push(['exec.components', JSON.stringify(names)]);
  }
  return fields;
}

function limitFields(json: string | undefined): [string, string][] {
  return Array.from(json === undefined ? [] : jsonMembers(json), ([name, value]) => [
    `limits.${name}`,
    value,
  ]);
}

/** `{path, name}` of a rule's trigger or action. */
function reference(json: string | undefined, own: OwnNamespace): string {
  if (json?.startsWith('"')) return JSON.stringify(ownName(text(json), own));
  const members = json === undefined ? new Map<string, string>() : jsonMembers(json);
  return JSON.stringify(ownName(`/${text(members.get('path'))}/${text(members.get('name'))}`, own));
}

function ownFields(
  collection: Collection,
  document: ReadonlyMap<string, string>,
  own: OwnNamespace,
): [string, string][] {
  switch (collection) {
    case 'packages': {
      const binding = document.get('binding') ?? '{}';
      const provider = binding.startsWith('{') ? jsonMembers(binding) : new Map<string, string>();
      if (!provider.has('name')) return [['publish', document.get('publish') ?? 'false']];
      const namespace = text(provider.get('namespace'));
      return [
        [
          'binding',
          JSON.stringify({
            namespace: namespace === own.namespace ? '_' : namespace,
            name: text(provider.get('name')),
          }),
        ],
      ];
    }
    case 'actions':
      return [...execFields(document.get('exec'), own), ...limitFields(document.get('limits'))];
    case 'rules': {
      const status = document.get('status');
      const fields: [string, string][] = [
        ['trigger', reference(document.get('trigger'), own)],
        ['action', reference(document.get('action'), own)],
      ];
      return status === undefined ? fields : [...fields, ['status', status]];
    }
    case 'triggers':
    case 'apis':
      return [];
  }
}

/** Reads an entity from the platform's document, or from an element of its list, which says less. */
export function entityOfDocument(
  collection: Exclude<Collection, 'apis'>,
  json: string,
  own: OwnNamespace,
): Entity {
  const document = jsonMembers(json);
  const [, ...packages] = text(document.get('namespace')).split('/');
  return {
    collection,
    name: [...packages, text(document.get('name'))].join('/'),
    fields: new Map([
      ...ownFields(collection, document, own),
      ...parameterFields(readParameters(document.get('parameters'))),
      ...prefixed('annotations', document.get('annotations')),
    ]),
  };
}
