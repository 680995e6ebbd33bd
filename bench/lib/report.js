// One line of JSON a figure on standard output; a table and the progress on standard error.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const rawDirectory = fileURLToPath(new URL('../results/', import.meta.url));
const lines = [];

const meets = { '<=': (ci, bound) => ci[1] <= bound, '>=': (ci, bound) => ci[0] >= bound };

/** Reports a figure; `goal` is `{ operator: '<=' | '>=', bound }` or absent. It is met only if the whole interval is on the right side. */
export function report({ figure, value, unit, ci95, goal, blocks, detail }) {
  const met = goal ? meets[goal.operator](ci95, goal.bound) : null;
  const line = {
    figure,
    value: round(value),
    unit,
    ci95: ci95.map(round),
    goal: goal ? `${goal.operator} ${goal.bound}` : null,
    met,
    blocks,
  };
  lines.push(line);
  process.stdout.write(`${JSON.stringify(line)}\n`);
  mkdirSync(rawDirectory, { recursive: true });
  writeFileSync(`${rawDirectory}${figure}.json`, JSON.stringify({ ...line, detail }, null, 1));
  return line;
}

export function table() {
  const rows = lines.map((l) => [
    l.figure,
    `${l.value} ${l.unit}`,
    `${l.ci95[0]} … ${l.ci95[1]}`,
    l.goal ?? '–',
    l.met === null ? '–' : l.met ? 'met' : 'NOT met',
  ]);
  rows.unshift(['figure', 'median', '95 % interval', 'goal', '']);
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

export function note(text) {
  process.stderr.write(`${process.stderr.isTTY ? '\r\x1b[K' : ''}${text}\n`);
}

function round(number) {
  return Number(number.toPrecision(4));
}
