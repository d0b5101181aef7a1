/**
 * Rows of text in columns as wide as they need to be; a column of numbers is aligned to the right.
 *
 * @example
 * table(['run', 'records/s'], [['1', '41,203']]);
 */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) =>
    Math.max(title.length, ...rows.map((row) => (row[i] ?? '').length)),
  );
  const isNumeric = head.map((_, i) => rows.every((row) => /^([-\d]|–$)/.test(row[i] ?? '')));
  const line = (cells: readonly string[]) =>
    widths
      .map((width, i) => {
        const cell = cells[i] ?? '';
        return isNumeric[i] ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return [line(head), rule, ...rows.map(line)].map((each) => `${each}\n`).join('');
}

/** `12345.678` with two digits is `12,345.68`; `–` for what there is not. */
export function number(value: number | null | undefined, digits: number): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '–';
  const format = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return value.toLocaleString('en', format);
}
