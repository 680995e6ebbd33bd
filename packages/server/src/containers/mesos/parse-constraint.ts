import type { Constraint } from '@vibrissa/mesos';

/** What became of the constraints of a setting. */
export interface ParsedConstraints {
  readonly constraints: readonly Constraint[];
  /**
   * Sentences about those that can't be meant: the platform must not start with them. That goes for unknown operators, too,
   * which OpenWhisk leaves out: a constraint may be a fence, and without it containers would run everywhere.
   */
  readonly problems: readonly string[];
}

type Parsed =
  | { readonly kind: 'constraint'; readonly constraint: Constraint }
  | { readonly kind: 'problem'; readonly text: string };

const form = 'write it as: attribute LIKE value';

function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'u').test('');
    return true;
  } catch {
    return false;
  }
}

function parse(text: string, delimiter: RegExp): Parsed {
  const quoted = JSON.stringify(text);
  const parts = text.trim().split(delimiter);
  const [attribute = '', operator = '', value] = parts;
  if (operator === 'EXISTS') {
    if (parts.length === 2) return { kind: 'constraint', constraint: { attribute, operator } };
    return { kind: 'problem', text: `${quoted} has a value, and EXISTS takes none.` };
  }
  if (parts.length !== 3 || value === undefined || attribute === '') {
    return { kind: 'problem', text: `${quoted} has ${parts.length} parts instead of three; ${form}.` };
  }
  if (operator === 'EQUALS') return { kind: 'constraint', constraint: { attribute, operator, value } };
  if (operator !== 'LIKE' && operator !== 'UNLIKE') {
    return {
      kind: 'problem',
      text: `${quoted} has an unknown operator: ${operator} is none of LIKE, UNLIKE, EQUALS and EXISTS.`,
    };
  }
  if (isPattern(value)) return { kind: 'constraint', constraint: { attribute, operator, value } };
  return { kind: 'problem', text: `${quoted} has no valid regular expression.` };
}

/**
 * Reads the constraints of a setting, each `attribute<delimiter>OPERATOR<delimiter>value`. The delimiter is a regular
 * expression, as in OpenWhisk.
 */
export function parseConstraints(texts: readonly string[], delimiter: string): ParsedConstraints {
  if (!isPattern(delimiter)) {
    const problems = [`The delimiter ${JSON.stringify(delimiter)} is no valid regular expression.`];
    return { constraints: [], problems };
  }
  const parsed = texts.map((text) => parse(text, new RegExp(delimiter, 'u')));
  return {
    constraints: parsed.flatMap((one) => (one.kind === 'constraint' ? [one.constraint] : [])),
    problems: parsed.flatMap((one) => (one.kind === 'problem' ? [one.text] : [])),
  };
}
