import { PatternMachine, type Instruction } from './pattern-machine.ts';
import { InvalidPattern, onlyCode, readPattern, type PatternNode } from './pattern-syntax.ts';

/** A compiled expression. */
export interface Pattern {
  /** Does it match the whole value? */
  matches(value: string): boolean;
  /** All that it matches, when that is one text. */
  readonly literal?: string;
  /** About how many instructions RE2 makes of it, counted high. */
  readonly re2Size: number;
}

/** Bounds the work of one value: at most that many places are followed at each of its characters. */
const MAX_INSTRUCTIONS = 1_000;

/** Bounds the depth of its groups, too. */
const MAX_LENGTH = 1_000;

/**
 * Compiles a regular expression to a machine that follows all alternatives at once (Thompson): its time grows with
 * the value's length only linearly, whatever the expression, so nobody's constraint can stall the scheduler, as
 * backtracking on `(a+)+b` would.
 *
 * @throws InvalidPattern with the reason, also for expressions that become too large.
 */
export function compilePattern(source: string): Pattern {
  if (source.length > MAX_LENGTH) throw new InvalidPattern(`it is longer than ${MAX_LENGTH} characters`);
  const root = readPattern(source);
  const program: Instruction[] = [];
  emit(root, program);
  program.push({ op: 'match' });
  const literal = literalOf(root);
  const machine = new PatternMachine(program);
  return {
    matches: literal === undefined ? (value) => machine.matches(value) : (value) => value === literal,
    re2Size: program.reduce((sum, instruction) => sum + re2Cost(instruction), 3),
    ...(literal === undefined ? {} : { literal }),
  };
}

function emit(node: PatternNode, program: Instruction[]): void {
  switch (node.kind) {
    case 'one-of':
      return push(program, { op: 'take', ranges: node.ranges });
    case 'start':
    case 'end':
      return push(program, { op: node.kind });
    case 'sequence':
      for (const part of node.nodes) emit(part, program);
      return;
    case 'choice':
      return emitChoice(node.nodes, program);
    case 'repeat':
      return emitRepeat(node, program);
  }
}

function emitChoice(nodes: readonly PatternNode[], program: Instruction[]): void {
  const starts: number[] = [];
  const fork = reserve(program);
  const exits = nodes.map((node) => {
    starts.push(program.length);
    emit(node, program);
    return reserve(program);
  });
  program[fork] = { op: 'split', to: starts };
  for (const exit of exits) program[exit] = { op: 'split', to: [program.length] };
}

function emitRepeat(node: PatternNode & { readonly kind: 'repeat' }, program: Instruction[]): void {
  const first = program.length;
  for (let count = 0; count < node.min; count++) {
    emit(node.node, program);
    // Nothing, however often, is nothing: no need to count to a billion.
    if (program.length === first) break;
  }
  if (node.max === Infinity) {
    const fork = reserve(program);
    emit(node.node, program);
    push(program, { op: 'split', to: [fork] });
    program[fork] = { op: 'split', to: [fork + 1, program.length] };
    return;
  }
  const forks: number[] = [];
  for (let count = node.min; count < node.max; count++) {
    forks.push(reserve(program));
    emit(node.node, program);
  }
  for (const fork of forks) program[fork] = { op: 'split', to: [fork + 1, program.length] };
}

/** A place for a jump whose target is not known yet. */
function reserve(program: Instruction[]): number {
  push(program, { op: 'split', to: [] });
  return program.length - 1;
}

function push(program: Instruction[], instruction: Instruction): void {
  if (program.length >= MAX_INSTRUCTIONS) throw new InvalidPattern('it is too large');
  program.push(instruction);
}

/** RE2 works on bytes: a class that reaches beyond ASCII becomes a small tree of byte ranges. */
function re2Cost(instruction: Instruction): number {
  if (instruction.op !== 'take') return 1;
  const { ranges } = instruction;
  return ranges.some(([, to]) => to > 0x7f) ? 10 + ranges.length : 2 * ranges.length - 1;
}

function literalOf(node: PatternNode): string | undefined {
  if (node.kind !== 'sequence') return undefined;
  const codes = node.nodes.map((part) => (part.kind === 'one-of' ? onlyCode(part.ranges) : undefined));
  const known = codes.filter((code) => code !== undefined);
  return known.length === codes.length ? String.fromCodePoint(...known) : undefined;
}
