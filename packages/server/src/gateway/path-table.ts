import type { TemplateSegment } from './path-template.ts';

interface Node<T> {
  readonly literals: Map<string, Node<T>>;
  parameter: Node<T> | undefined;
  leaf: { readonly path: string; readonly value: T } | undefined;
}

function node<T>(): Node<T> {
  return { literals: new Map(), parameter: undefined, leaf: undefined };
}

/**
 * The paths of one API, by their segments. A literal segment goes before a parameter, and the first segment that differs
 * decides; a slash at the end counts only where both forms are defined. A search visits each node once at most.
 */
export class PathTable<T> {
  readonly #root: Node<T> = node();

  /** Another path that matches the very same requests (`/a/{x}` and `/a/{y}`) is returned, and nothing changes. */
  add(path: string, segments: readonly TemplateSegment[], value: T): string | undefined {
    let at = this.#root;
    for (const segment of segments) {
      if ('parameter' in segment) at = at.parameter ??= node();
      else {
        const next = at.literals.get(segment.literal) ?? node<T>();
        at.literals.set(segment.literal, next);
        at = next;
      }
    }
    if (at.leaf) return at.leaf.path;
    at.leaf = { path, value };
    return undefined;
  }

  /**
   * How many nodes a search may visit, for the worst of all requests: where names and parameters stand in the same places, it
   * grows with the number of paths, and who asks is not known yet.
   */
  longestSearch(): number {
    return this.#visits(this.#root);
  }

  #visits({ literals, parameter }: Node<T>): number {
    let most = 0;
    for (const literal of literals.values()) most = Math.max(most, this.#visits(literal));
    return 1 + most + (parameter ? this.#visits(parameter) : 0);
  }

  /** What is defined for decoded segments, as `'/a/b'.slice(1).split('/')` gives them. */
  find(segments: readonly string[]): T | undefined {
    const exact = this.#search(this.#root, segments, 0);
    if (exact !== undefined) return exact;
    const other = segments.at(-1) === '' ? segments.slice(0, -1) : [...segments, ''];
    return this.#search(this.#root, other, 0);
  }

  #search(at: Node<T>, segments: readonly string[], index: number): T | undefined {
    if (index === segments.length) return at.leaf?.value;
    const segment = segments[index] as string;
    const literal = at.literals.get(segment);
    const found = literal && this.#search(literal, segments, index + 1);
    if (found !== undefined || at.parameter === undefined || segment === '') return found;
    return this.#search(at.parameter, segments, index + 1);
  }
}
