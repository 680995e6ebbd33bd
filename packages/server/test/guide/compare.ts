/** What differs from run to run, and from machine to machine; docs/README.md names these to readers. */
const differing: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{32}\b/g, 'ID'],
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?Z?/g, 'TIME'],
  [/\b\d{13}\b/g, 'MILLISECONDS'],
  [/\b[\d.]+m?s\b/g, 'N'],
  [/"duration": \d+/g, '"duration": N'],
  [/\b(?:cold|warm)\b/g, 'START'],
  [/\bnodejs:\d+/g, 'nodejs:N'],
  [/\bpython:3\.\d+/g, 'python:3.N'],
  [/\(code \w+\)/g, '(code CODE)'],
  [/"code": ?"\w+"/g, '"code": "CODE"'],
  [/\/hooks\/[\w-]+/g, '/hooks/TOKEN'],
  [/\(count: \d+,/g, '(count: N,'],
  // Columns are as wide as what stands in them.
  [/(?<=\S) {2,}/g, ' '],
  [/ +$/gm, ''],
];

function masked(text: string): string {
  return differing.reduce((left, [pattern, word]) => left.replace(pattern, word), text.trimEnd());
}

/** Whether a command printed what its page shows. `…` in the page stands for anything; alone in a line, for lines. */
export function matches(printed: string, shown: string): boolean {
  const pattern = masked(shown)
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replace(/^…\n/gm, '(?:.*\\n)*')
    .replace(/\n…$/, '[^]*')
    .replaceAll('…', '.*');
  return new RegExp(`^${pattern}$`).test(masked(printed));
}
