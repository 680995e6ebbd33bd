type Labels = Readonly<Record<string, string>>;

/** Whether an app's labels are what a selector asks for. */
export type LabelSelector = (labels: Labels) => boolean;

const existence = /^(!?)\s*([\w.-]+)$/;
const equality = /^([\w.-]+)\s*(==|!=)\s*(.+)$/;
const membership = /^([\w.-]+)\s+(in|notin)\s*\((.*)\)$/;

/**
 * Reads `a==b`, `a!=b`, `a in (b, c)`, `a notin (b, c)`, `a` and `!a`, with commas between conditions that all hold.
 * Undefined: it is none.
 */
export function readLabelSelector(text: string): LabelSelector | undefined {
  const conditions = text.split(/,(?![^(]*\))/).map((part) => readCondition(part.trim()));
  if (!conditions.every((condition) => condition !== undefined)) return undefined;
  return (labels) => conditions.every((condition) => condition(labels));
}

function readCondition(text: string): LabelSelector | undefined {
  const [, not, name] = existence.exec(text) ?? [];
  if (name !== undefined) return (labels) => Object.hasOwn(labels, name) === (not === '');
  const [, key = '', operator, value] = equality.exec(text) ?? [];
  if (operator !== undefined) return (labels) => (labels[key] === value) === (operator === '==');
  const [, member = '', how, list = ''] = membership.exec(text) ?? [];
  if (how === undefined) return undefined;
  const values = list.split(',').map((each) => each.trim());
  return (labels) => values.includes(labels[member] ?? '') === (how === 'in');
}
