import { collections, isSequence, type Entity } from '../entity.ts';

function componentsOf({ fields }: Entity): string[] {
  return (JSON.parse(fields.get('exec.components') ?? '[]') as string[]).map((name) =>
    name.replace(/^\/_\//, ''),
  );
}

/** A sequence after the sequences that it consists of; in a circle, as they stand. */
function orderSequences(sequences: readonly Entity[]): Entity[] {
  const byName = new Map(sequences.map((sequence) => [sequence.name, sequence]));
  const ordered = new Set<Entity>();
  const visited = new Set<Entity>();
  const visit = (sequence: Entity): void => {
    if (visited.has(sequence)) return;
    visited.add(sequence);
    for (const name of componentsOf(sequence)) {
      const component = byName.get(name);
      if (component !== undefined) visit(component);
    }
    ordered.add(sequence);
  };
  sequences.forEach(visit);
  return [...ordered];
}

/**
 * The order in which entities can be created: each after what it refers to. Undone from the end, nothing refers
 * to what is gone.
 */
export function orderEntities(entities: readonly Entity[]): Entity[] {
  return collections.flatMap((collection) => {
    const members = entities.filter((entity) => entity.collection === collection);
    if (collection === 'packages') {
      return [
        ...members.filter(({ fields }) => !fields.has('binding')),
        ...members.filter(({ fields }) => fields.has('binding')),
      ];
    }
    if (collection !== 'actions') return members;
    return [
      ...members.filter((action) => !isSequence(action)),
      ...orderSequences(members.filter(isSequence)),
    ];
  });
}
