/** The sorts of entities of a project, in the order in which they are deployed. */
export const collections = ['packages', 'actions', 'triggers', 'rules', 'apis'] as const;

export type Collection = (typeof collections)[number];

/** A feed that fills a trigger: the action, and what it is told when the trigger is created. */
export interface Feed {
  /** With its namespace: `/whisk.system/alarms/alarm`. */
  readonly action: string;
  /** JSON texts by name. */
  readonly inputs: ReadonlyMap<string, string>;
}

/**
 * What one entity is, as a manifest wants it or as a platform has it. Its fields are flat, `limits.timeout` or
 * `annotations.web-export`, with JSON texts as values: to compare two entities is to compare two maps.
 */
export interface Entity {
  readonly collection: Collection;
  /** `package/name`; of an API `GET /base/path`. */
  readonly name: string;
  readonly fields: ReadonlyMap<string, string>;
  /** Wanted, and not to be seen on a platform, which keeps a digest only. */
  readonly feed?: Feed;
  /** Parameters that a platform tells of the entity and that are its package's, or its provider's. */
  readonly inherited?: ReadonlyMap<string, string>;
}

/** Annotation by which a project knows its entities. */
export const MANAGED = 'annotations.whisk-managed';

/** Annotation with a digest of what a feed was told, since no platform tells it. */
export const FEED_DIGEST = 'annotations.feed-digest';

/** Says of which entity a thing is: names are unique within a collection. */
export function keyOf({ collection, name }: Pick<Entity, 'collection' | 'name'>): string {
  return `${collection} ${name}`;
}

/** `parameters.` and the like taken off: the fields of one group by their own names. */
export function group(entity: Entity, prefix: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of entity.fields) {
    if (name.startsWith(`${prefix}.`)) found.set(name.slice(prefix.length + 1), value);
  }
  return found;
}

/** Lists tell it by the annotation only. */
export function isSequence({ fields }: Entity): boolean {
  return (fields.get('exec.kind') ?? fields.get('annotations.exec')) === '"sequence"';
}

/** What a user calls it. */
export function nounOf(entity: Entity): string {
  if (entity.collection === 'packages' && entity.fields.has('binding')) return 'binding';
  if (entity.collection === 'actions' && isSequence(entity)) return 'sequence';
  return { packages: 'package', actions: 'action', triggers: 'trigger', rules: 'rule', apis: 'api' }[
    entity.collection
  ];
}
