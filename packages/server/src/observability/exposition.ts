/** Prometheus' text format, version 0.0.4, for metrics that are kept as plain numbers. */

const escapes: { readonly [character: string]: string } = { '\\': '\\\\', '"': '\\"', '\n': '\\n' };

function quoted(value: string): string {
  return `"${value.replace(/[\\"\n]/g, (character) => escapes[character] ?? character)}"`;
}

/** `namespace="guest",action="hello"`; of an undefined value nothing. */
export function labelText(labels: { readonly [name: string]: string | undefined }): string {
  return Object.entries(labels)
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .map(([name, value]) => `${name}=${quoted(value)}`)
    .join(',');
}

/** One metric with its lines, each of which begins with its name. */
export function metricText(
  { name, type, help }: { readonly name: string; readonly type: string; readonly help: string },
  lines: readonly string[],
): string {
  return lines.length === 0 ? '' : `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('\n')}\n`;
}

/** Counts by upper bounds; one look-up a value. */
export class Buckets {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;

  /** `bounds`: ascending, without infinity. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  add(value: number): void {
    let at = 0;
    while (at < this.#bounds.length && value > (this.#bounds[at] as number)) at += 1;
    this.#counts[at] = (this.#counts[at] as number) + 1;
    this.#sum += value;
  }

  /** The lines of a histogram; none before the first value. */
  lines(name: string, labels: string): readonly string[] {
    let below = 0;
    const outer = labels === '' ? '' : `{${labels}}`;
    const inner = labels === '' ? '' : `${labels},`;
    const lines = this.#counts.map((count, at) => {
      below += count;
      return `${name}_bucket{${inner}le="${this.#bounds[at] ?? '+Inf'}"} ${below}`;
    });
    return below === 0
      ? []
      : [...lines, `${name}_sum${outer} ${this.#sum}`, `${name}_count${outer} ${below}`];
  }
}
