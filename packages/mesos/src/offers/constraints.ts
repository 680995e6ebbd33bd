import type { Constraint } from '../tasks/task-spec.ts';
import type { WireAttribute, WireOffer } from '../wire/index.ts';
import { compilePattern, type Pattern } from './pattern.ts';
import { InvalidPattern } from './pattern-syntax.ts';

/** A constraint that was checked and made ready. */
export interface CompiledConstraint {
  /** For people: `rack LIKE r[12]`. */
  readonly text: string;
  /** Equal keys mean equal constraints. */
  readonly key: string;
  readonly constraint: Constraint;
  /** Of LIKE and UNLIKE. */
  readonly pattern?: Pattern;
}

/** A constraint that can't be meant; the message is a sentence for whoever wrote it. */
export class InvalidConstraint extends Error {
  override readonly name = 'InvalidConstraint';
}

type AgentWords = Pick<WireOffer, 'hostname' | 'attributes' | 'domain'>;

const OPERATORS: readonly string[] = ['LIKE', 'UNLIKE', 'EXISTS', 'EQUALS'];

/** A framework has few patterns and many tasks: a hundred thousand waiting tasks share one program. */
const patterns = new Map<string, Pattern>();
const MAX_PATTERNS = 1_000;

/** @throws InvalidConstraint */
export function compileConstraint(constraint: Constraint): CompiledConstraint {
  const { attribute, operator, value } = constraint;
  const text = [attribute, operator, value].filter((word) => word !== undefined).join(' ');
  const key = JSON.stringify([attribute, operator, value]);
  if (attribute === '') throw new InvalidConstraint(`The constraint "${text}" names no attribute.`);
  if (!OPERATORS.includes(operator)) {
    throw new InvalidConstraint(
      `The constraint "${text}" has an operator other than ${OPERATORS.join(', ')}.`,
    );
  }
  if (operator === 'EXISTS') {
    if (value !== undefined) {
      throw new InvalidConstraint(
        `The constraint "${text}" takes no value: EXISTS asks for the attribute only.`,
      );
    }
    return { text, key, constraint };
  }
  if (value === undefined)
    throw new InvalidConstraint(`The constraint "${text}" lacks a value to compare with.`);
  return { text, key, constraint, ...(operator === 'EQUALS' ? {} : { pattern: patternOf(text, value) }) };
}

/**
 * Does the offer's agent satisfy it? An agent without the attribute satisfies UNLIKE only. Of attributes with the same
 * name the first one counts, as for the master's own offer constraints. LIKE and EQUALS need one item of a set.
 */
export function satisfies(compiled: CompiledConstraint, agent: AgentWords): boolean {
  const { operator, value, attribute } = compiled.constraint;
  const values = valuesOf(agent, attribute);
  if (values === undefined) return operator === 'UNLIKE';
  if (operator === 'EXISTS') return true;
  if (operator === 'EQUALS') return values.some((item) => item === value);
  const matches = values.some((item) => compiled.pattern?.matches(item) === true);
  return matches === (operator === 'LIKE');
}

/** What an agent has under this name; undefined: nothing. */
export function valuesOf(agent: AgentWords, attribute: string): readonly string[] | undefined {
  if (attribute === 'hostname') return [agent.hostname];
  if (attribute === '@region') return listOf(agent.domain?.fault_domain?.region.name);
  if (attribute === '@zone') return listOf(agent.domain?.fault_domain?.zone.name);
  const found = agent.attributes?.find(({ name }) => name === attribute);
  return found === undefined ? undefined : textsOf(found);
}

function listOf(value: string | undefined): readonly string[] | undefined {
  return value === undefined ? undefined : [value];
}

/** Ranges in Mesos's own form, `1-5`. */
function textsOf(attribute: WireAttribute): readonly string[] {
  switch (attribute.type) {
    case 'TEXT':
      return [attribute.text.value];
    case 'SCALAR':
      return [String(attribute.scalar.value)];
    case 'SET':
      return attribute.set.item;
    case 'RANGES':
      return attribute.ranges.range.map(({ begin, end }) => `${begin}-${end}`);
  }
}

function patternOf(text: string, source: string): Pattern {
  const known = patterns.get(source);
  if (known !== undefined) return known;
  try {
    const pattern = compilePattern(source);
    if (patterns.size >= MAX_PATTERNS) patterns.clear();
    patterns.set(source, pattern);
    return pattern;
  } catch (error) {
    if (!(error instanceof InvalidPattern)) throw error;
    throw new InvalidConstraint(
      `The constraint "${text}" has no valid regular expression: ${error.message}.`,
      {
        cause: error,
      },
    );
  }
}
