/** Which methods a path has, so that a wrong method is told from a wrong path. */
export class KnownPaths {
  readonly #patterns: { readonly segments: readonly string[]; readonly methods: string[] }[] = [];

  add(method: string, path: string): void {
    const segments = path.split('/');
    const text = segments.map(nameless).join('/');
    const known = this.#patterns.find((pattern) => pattern.segments.map(nameless).join('/') === text);
    if (known === undefined) this.#patterns.push({ segments, methods: [method] });
    else if (!known.methods.includes(method)) known.methods.push(method);
  }

  /** Methods of the path of a URL; none for an unknown one. */
  methodsOf(url: string): readonly string[] {
    const end = url.indexOf('?');
    const segments = (end === -1 ? url : url.slice(0, end)).split('/');
    const found = this.#patterns.filter((pattern) => matches(pattern.segments, segments));
    return [...new Set(found.flatMap(({ methods }) => methods))];
  }
}

function nameless(segment: string): string {
  return segment.startsWith(':') ? ':' : segment;
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((part, index) => (part.startsWith(':') ? segments[index] !== '' : part === segments[index]))
  );
}
