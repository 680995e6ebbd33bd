import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type Pair,
  type Scalar,
} from 'yaml';
import type { Located, LocatedScalar, Member } from './located.ts';
import type { Position, Problems } from './problems.ts';

const MAX_BYTES = 4_000_000;
/** An alias stands for all that it names: without a bound a few lines could mean billions of values. */
const MAX_NODES = 100_000;
const MAX_DEPTH = 100;
const jsonNumber = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** The walk from the library's nodes to located values. */
interface Walk {
  readonly file: string;
  readonly lines: LineCounter;
  readonly document: Document;
  readonly problems: Problems;
  nodes: number;
}

function positionOf({ file, lines }: Walk, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { file, line: Math.max(1, line), column: Math.max(1, col) };
}

function placeOf(walk: Walk, node: Node | null | undefined, fallback: Position): Position {
  return node?.range ? positionOf(walk, node.range[0]) : fallback;
}

function scalarOf(walk: Walk, { value, source }: Scalar, at: Position): LocatedScalar {
  if (value === null || value === undefined) return { type: 'scalar', at, kind: 'null', text: 'null' };
  if (typeof value === 'boolean') return { type: 'scalar', at, kind: 'boolean', text: String(value) };
  if (typeof value === 'bigint') return { type: 'scalar', at, kind: 'number', text: String(value) };
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) walk.problems.add(at, `${source ?? value} has no place in JSON; quote it`);
    const text = source !== undefined && jsonNumber.test(source) ? source : String(value);
    return { type: 'scalar', at, kind: 'number', text: Number.isFinite(value) ? text : '0' };
  }
  return { type: 'scalar', at, kind: 'string', text: typeof value === 'string' ? value : (source ?? '') };
}

function nothing(at: Position): LocatedScalar {
  return { type: 'scalar', at, kind: 'null', text: 'null' };
}

/** Quoted, `<<` is a name like any other. */
function isMerge(key: unknown): boolean {
  return isScalar(key) && key.value === '<<' && key.type === 'PLAIN';
}

/** The member of one pair, put into the map; `<<` brings in what the map does not say itself. */
function addPair(
  walk: Walk,
  pair: Pair<unknown, unknown>,
  into: { map: Map<string, Member>; depth: number; at: Position },
): void {
  const key = pair.key as Node | null;
  const keyAt = placeOf(walk, key, into.at);
  if (!isScalar(key)) return walk.problems.add(keyAt, 'a name must be a plain word, no list and no map');
  const name = key.value === null ? '' : String(key.source ?? key.value);
  const value = locate(walk, pair.value as Node | null, { depth: into.depth + 1, at: keyAt });
  if (!isMerge(key)) {
    if (into.map.has(name)) walk.problems.add(keyAt, 'Map keys must be unique');
    return void into.map.set(name, { keyAt, value });
  }
  const sources = value.type === 'list' ? value.items : [value];
  for (const source of sources) {
    if (source.type !== 'map') walk.problems.add(keyAt, '<< takes a map, or a list of maps');
    else for (const [inner, member] of source.members) if (!into.map.has(inner)) into.map.set(inner, member);
  }
}

function locate(walk: Walk, node: Node | null, from: { depth: number; at: Position }): Located {
  const at = placeOf(walk, node, from.at);
  walk.nodes++;
  if (walk.nodes === MAX_NODES)
    walk.problems.add(at, `the file means more than ${MAX_NODES} values; aliases repeat too much`);
  if (from.depth === MAX_DEPTH) walk.problems.add(at, `values are nested more than ${MAX_DEPTH} deep`);
  if (walk.nodes >= MAX_NODES || from.depth >= MAX_DEPTH) return nothing(at);
  if (isAlias(node)) return locate(walk, node.resolve(walk.document) ?? null, { depth: from.depth + 1, at });
  if (isSeq(node)) {
    const items = node.items.map((item) => locate(walk, item as Node, { depth: from.depth + 1, at }));
    return { type: 'list', at, items };
  }
  if (isMap(node)) {
    const map = new Map<string, Member>();
    const merged = node.items.filter(({ key }) => isMerge(key));
    const own = node.items.filter(({ key }) => !isMerge(key));
    for (const pair of [...own, ...merged]) addPair(walk, pair, { map, depth: from.depth, at });
    return { type: 'map', at, members: map };
  }
  return isScalar(node) ? scalarOf(walk, node, at) : nothing(at);
}

/** Reads YAML. What is wrong goes to the problems, and the value is then what could be understood. Never throws. */
export function parseYaml(text: string, file: string, problems: Problems): Located {
  const start: Position = { file, line: 1, column: 1 };
  if (text.length > MAX_BYTES) {
    problems.add(start, `the file is larger than ${MAX_BYTES / 1_000_000} MB; is it a manifest?`);
    return nothing(start);
  }
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      intAsBigInt: true,
      logLevel: 'silent',
      // The library compares each name with all before it: a long map would take hours. The walk looks for them itself.
      uniqueKeys: false,
    });
    const walk: Walk = { file, lines, document, problems, nodes: 0 };
    for (const error of document.errors) problems.add(positionOf(walk, error.pos[0]), error.message);
    if (document.errors.length > 0) return nothing(start);
    return locate(walk, document.contents, { depth: 0, at: start });
  } catch (error) {
    // A file of ten thousand open brackets is deeper than the library's own stack.
    problems.add(
      start,
      `the file cannot be read as YAML: ${error instanceof Error ? error.message : String(error)}`,
    );
    return nothing(start);
  }
}
