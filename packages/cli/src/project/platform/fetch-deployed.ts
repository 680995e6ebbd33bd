import { attempt } from '../../cli-error.ts';
import { expectJson } from '../../client/read-reply.ts';
import { collectionRoute, entityRoute, type WhiskClient } from '../../client/whisk-client.ts';
import type { Settings } from '../../config/settings.ts';
import { jsonElements, jsonMembers } from '../../values/json-text.ts';
import { group, keyOf, type Collection, type Entity } from '../entity.ts';
import { entityOfDocument, type OwnNamespace } from './entity-of-document.ts';
import { fetchApis } from './apis.ts';

const PAGE = 200;
const AT_ONCE = 8;
const listed = ['packages', 'actions', 'triggers', 'rules'] as const;

/** What of a platform is looked at. */
export interface Inspection {
  /** Whether an entity is needed with all its fields; the others have annotations only. */
  readonly whole: (entity: Entity) => boolean;
  /** APIs are asked for, with these settings, only where a project may have some: not every platform has a gateway. */
  readonly apis: Settings | undefined;
  readonly namespace: string;
}

type Listed = (typeof listed)[number];

/** The name of the key's own namespace; the first that the platform gives. */
export async function fetchNamespace(client: WhiskClient): Promise<string> {
  return attempt('Unable to obtain the namespace', async () => {
    const reply = await client.send({ method: 'GET', route: 'namespaces' });
    const [first = '"_"'] = jsonElements(expectJson(reply));
    return JSON.parse(first) as string;
  });
}

async function fetchList(client: WhiskClient, collection: Listed, own: OwnNamespace): Promise<Entity[]> {
  const found: Entity[] = [];
  for (;;) {
    const reply = await client.send({
      method: 'GET',
      route: collectionRoute('_', collection),
      query: { limit: PAGE, skip: found.length },
    });
    const page = jsonElements(expectJson(reply));
    found.push(...page.map((json) => entityOfDocument(collection, json, own)));
    if (page.length < PAGE) return found;
  }
}

function isListed(collection: Collection): collection is Listed {
  return collection !== 'apis';
}

/** The parameters of the package that a binding is bound to; none where the caller may not see it. */
async function providerParameters(
  client: WhiskClient,
  binding: string,
  own: OwnNamespace,
): Promise<ReadonlyMap<string, string>> {
  const members = jsonMembers(binding);
  const name = {
    namespace: JSON.parse(members.get('namespace') ?? '"_"') as string,
    entity: JSON.parse(members.get('name') ?? '""') as string,
  };
  const reply = await client.send({ method: 'GET', route: entityRoute('packages', name) });
  return reply.status === 200
    ? group(entityOfDocument('packages', reply.text, own), 'parameters')
    : new Map();
}

async function fetchWhole(client: WhiskClient, entity: Entity, own: OwnNamespace): Promise<Entity> {
  const { collection, name } = entity;
  if (!isListed(collection)) return entity;
  const query = collection === 'actions' ? { code: true } : undefined;
  const reply = await client.send({
    method: 'GET',
    route: entityRoute(collection, { namespace: '_', entity: name }),
    ...(query && { query }),
  });
  const whole = entityOfDocument(collection, expectJson(reply), own);
  const binding = whole.fields.get('binding');
  return binding === undefined
    ? whole
    : { ...whole, inherited: await providerParameters(client, binding, own) };
}

async function inGroups<T, R>(items: readonly T[], each: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += AT_ONCE) {
    results.push(...(await Promise.all(items.slice(start, start + AT_ONCE).map(each))));
  }
  return results;
}

/** A packaged action is told with its package's parameters; they are needed to tell them apart. */
function withInherited(entities: readonly Entity[]): Entity[] {
  const packages = new Map(
    entities.filter(({ collection }) => collection === 'packages').map((entity) => [entity.name, entity]),
  );
  return entities.map((entity) => {
    const owner =
      entity.collection === 'actions'
        ? packages.get(entity.name.split('/').slice(0, -1).join('/'))
        : undefined;
    return owner === undefined ? entity : { ...entity, inherited: group(owner, 'parameters') };
  });
}

/** What the platform has of the caller's namespace, by {@link keyOf}. Throws `CliError` where it cannot be asked. */
export async function fetchDeployed(
  client: WhiskClient,
  inspection: Inspection,
): Promise<Map<string, Entity>> {
  return attempt('Unable to see what is deployed', async () => {
    const lists = await Promise.all(listed.map((collection) => fetchList(client, collection, inspection)));
    const packagesOfWanted = new Set<string>();
    const all = lists.flat();
    for (const entity of all) {
      if (entity.collection === 'actions' && inspection.whole(entity))
        packagesOfWanted.add(entity.name.split('/')[0] ?? '');
    }
    const needed = (entity: Entity): boolean =>
      inspection.whole(entity) || (entity.collection === 'packages' && packagesOfWanted.has(entity.name));
    const whole = await inGroups(all.filter(needed), (entity) => fetchWhole(client, entity, inspection));
    const { apis: settings, namespace } = inspection;
    const apis = settings === undefined ? [] : await fetchApis(client, { settings, namespace });
    const rest = all.filter((entity) => !needed(entity));
    return new Map(withInherited([...rest, ...whole, ...apis]).map((entity) => [keyOf(entity), entity]));
  });
}
