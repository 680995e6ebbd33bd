/** One column of a list. */
export interface FixedColumn {
  /** Its width where there is room; longer cells are not cut. */
  readonly width: number;
  /** In a narrow terminal, columns with a rank are left out, the highest first. */
  readonly rank?: number;
}

function longestOf(rows: readonly (readonly string[])[], index: number): number {
  return Math.max(0, ...rows.map((row) => row[index]?.length ?? 0));
}

function lengthOf(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width + 1, -1);
}

function render(rows: readonly (readonly string[])[], widths: readonly number[]): string[] {
  return rows.map((row) => row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' '));
}

/**
 * Rows with their columns below each other, in the widths that they always have. A terminal that is too narrow for that gets
 * columns as narrow as what stands in them, and then fewer of them; what still does not fit, it breaks.
 */
export function fitRows(
  rows: readonly (readonly string[])[],
  columns: readonly FixedColumn[],
  terminalWidth = Infinity,
): string[] {
  const usual = columns.map(({ width }) => width);
  const longest = columns.map((_, index) => longestOf(rows, index));
  if (lengthOf(usual.map((width, index) => Math.max(width, longest[index] ?? 0))) <= terminalWidth) {
    return render(rows, usual);
  }
  if (lengthOf(longest) <= terminalWidth || !columns.some(({ rank }) => rank !== undefined)) {
    return render(rows, [...longest.slice(0, -1), 0]);
  }
  const highest = Math.max(...columns.map(({ rank = -1 }) => rank));
  const isKept = (_: unknown, index: number): boolean => columns[index]?.rank !== highest;
  return fitRows(
    rows.map((row) => row.filter(isKept)),
    columns.filter(isKept),
    terminalWidth,
  );
}
