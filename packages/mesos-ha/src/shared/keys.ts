/**
 * What the entries of the map are called:
 *
 * | key | value |
 * |---|---|
 * | `framework/id` | the framework's id |
 * | `framework/claim` | how it was come by: {@link FrameworkClaim} |
 * | `framework/removed` | Mesos has removed it, and nobody has taken another id since |
 * | `framework/standing` | what the leader last said of its subscription |
 * | `wanted/<id>` | a task that somebody wants: {@link Wish} |
 * | `task/<id>` | a task that may run: the Mesos client's record |
 * | `outcome/<id>` | how a wish came out: {@link Outcome}, for a while |
 */
export const frameworkKeys = {
  id: 'framework/id',
  claim: 'framework/claim',
  removed: 'framework/removed',
  standing: 'framework/standing',
} as const;

export const prefixes = {
  framework: 'framework/',
  wanted: 'wanted/',
  task: 'task/',
  outcome: 'outcome/',
} as const;

export function keyOf(kind: 'wanted' | 'task' | 'outcome', id: string): string {
  return prefixes[kind] + id;
}

/** Of a key with one of the prefixes. */
export function idOf(key: string): string {
  return key.slice(key.indexOf('/') + 1);
}
