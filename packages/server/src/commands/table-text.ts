/** A column of a table: its heading, and on which side its cells stand. */
export interface Column {
  readonly heading: string;
  readonly align?: 'right';
  /** Longer cells are cut; the last column gets what is left of the width. */
  readonly atMost?: number;
}

const GAP = '  ';

/** What others have written may hold characters that steer a terminal, or turn the direction of writing: they are not shown. */
function shown(text: string): string {
  return text.replace(/[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '?');
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(1, width - 1))}…`;
}

function widthsOf(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): number[] {
  const widths = columns.map(({ heading, atMost = width }, index) => {
    const longest = Math.max(heading.length, ...rows.map((row) => (row[index] ?? '').length));
    return Math.min(longest, Math.max(atMost, heading.length));
  });
  const before = widths.slice(0, -1).reduce((sum, each) => sum + each + GAP.length, 0);
  return [...widths.slice(0, -1), Math.max(1, Math.min(widths.at(-1) ?? 0, width - before))];
}

/** Lines of a table that is no wider than `width` characters. */
export function tableText(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): string {
  const cleaned = rows.map((row) => row.map(shown));
  const widths = widthsOf(columns, cleaned, width);
  const line = (cells: readonly string[]): string => {
    const fitted = cells.map((cell, index) => {
      const room = widths[index] ?? 0;
      const text = cut(cell, room);
      return columns[index]?.align === 'right' ? text.padStart(room) : text.padEnd(room);
    });
    return `${fitted.join(GAP).trimEnd()}\n`;
  };
  return [columns.map(({ heading }) => heading), ...cleaned].map(line).join('');
}

/** Breaks a text at its spaces into lines of at most `width` characters, each after the indent. */
export function wrapped(text: string, width: number, indent: string): string {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).map(shown)) {
    const last = lines.at(-1);
    if (last !== undefined && indent.length + last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines.map((line) => `${indent}${line}\n`).join('');
}
