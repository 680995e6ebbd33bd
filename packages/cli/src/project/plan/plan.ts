import { jsonMembers, isJsonObject } from '../../values/json-text.ts';
import { keyOf, MANAGED, type Entity } from '../entity.ts';
import { compareEntities, type Change } from './compare.ts';
import { orderEntities } from './order.ts';

/** One step of a plan. A step is a whole entity: half of one would help nobody. */
export type Operation =
  | { readonly type: 'create'; readonly entity: Entity }
  | {
      readonly type: 'update';
      readonly entity: Entity;
      readonly before: Entity;
      readonly changes: readonly Change[];
    }
  | { readonly type: 'unchanged'; readonly entity: Entity }
  | { readonly type: 'delete'; readonly entity: Entity }
  /** Would be deleted, and is not: the reason is a sentence. */
  | { readonly type: 'keep'; readonly entity: Entity; readonly reason: string };

/** What the platform has, by {@link keyOf}. */
export type Deployed = ReadonlyMap<string, Entity>;

/** The name of the project that an entity belongs to, if to any. */
export function projectNameOf({ fields }: Entity): string | undefined {
  const mark = fields.get(MANAGED);
  if (mark === undefined || !isJsonObject(mark)) return undefined;
  const name = jsonMembers(mark).get('__OW_PROJECT_NAME');
  return name?.startsWith('"') ? (JSON.parse(name) as string) : undefined;
}

/** Entities that are wanted with the mark of their project; APIs carry no annotations. */
export function markEntities(entities: readonly Entity[], mark: string): Entity[] {
  return entities.map((entity) =>
    entity.collection === 'apis'
      ? entity
      : { ...entity, fields: new Map([...entity.fields, [MANAGED, mark]]) },
  );
}

/** A mark stays where a deployment without a project's name finds one. */
function withOldMark(entity: Entity, before: Entity): Entity {
  const mark = before.fields.get(MANAGED);
  if (mark === undefined || entity.fields.has(MANAGED)) return entity;
  return { ...entity, fields: new Map([...entity.fields, [MANAGED, mark]]) };
}

function planOne(wanted: Entity, deployed: Deployed): Operation {
  const before = deployed.get(keyOf(wanted));
  if (before === undefined) return { type: 'create', entity: wanted };
  const entity = withOldMark(wanted, before);
  const changes = compareEntities(before, entity);
  return changes.length === 0 ? { type: 'unchanged', entity } : { type: 'update', entity, before, changes };
}

/**
 * The steps that delete these entities, the last created first. A package with actions that stay is kept, since
 * deleting it would delete them, or fail.
 */
export function planDeletion(entities: readonly Entity[], deployed: Deployed): Operation[] {
  const going = new Set(entities.map(keyOf));
  return orderEntities(entities)
    .toReversed()
    .map((entity) => {
      if (entity.collection !== 'packages' || entity.fields.has('binding')) return { type: 'delete', entity };
      const staying = [...deployed.values()].find(
        (other) =>
          other.collection === 'actions' &&
          other.name.startsWith(`${entity.name}/`) &&
          !going.has(keyOf(other)),
      );
      if (staying === undefined) return { type: 'delete', entity };
      return { type: 'keep', entity, reason: `${staying.name} is in it and belongs to something else` };
    });
}

/** An API carries no mark: it is the project's where its action is. */
export function belongsTo(entity: Entity, project: string, deployed: Deployed): boolean {
  if (entity.collection !== 'apis') return projectNameOf(entity) === project;
  const action = (JSON.parse(entity.fields.get('action') ?? '""') as string).replace(/^\/_\//, '');
  const found = deployed.get(keyOf({ collection: 'actions', name: action }));
  return found !== undefined && projectNameOf(found) === project;
}

/** The steps that bring a platform to what is wanted; with `syncing`, what the project no longer has is deleted. */
export function planDeployment(
  wanted: readonly Entity[],
  deployed: Deployed,
  syncing: string | undefined,
): Operation[] {
  const names = new Set(wanted.map(keyOf));
  const steps = orderEntities(wanted).map((entity) => planOne(entity, deployed));
  if (syncing === undefined) return steps;
  const stale = [...deployed.values()].filter(
    (entity) => !names.has(keyOf(entity)) && belongsTo(entity, syncing, deployed),
  );
  return [...steps, ...planDeletion(stale, deployed)];
}

/** The steps that remove what a manifest names, as far as the platform has it. */
export function planUndeployment(wanted: readonly Entity[], deployed: Deployed): Operation[] {
  const present = wanted.flatMap((entity) => {
    const found = deployed.get(keyOf(entity));
    return found === undefined ? [] : [found];
  });
  return planDeletion(present, deployed);
}

/** Annotations that the platform has and the manifest no longer wants, for a PUT that merges them. */
export function staleAnnotations(changes: readonly Change[]): string[] {
  return changes
    .filter(({ field, after }) => after === undefined && field.startsWith('annotations.'))
    .map(({ field }) => field.slice('annotations.'.length));
}
