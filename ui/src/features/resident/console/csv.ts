/** Saves rows as a CSV file; the byte order mark keeps Chinese readable in Excel. */
export function saveCsv(name: string, rows: readonly (readonly (string | number)[])[]): void {
  const cell = (v: string | number) =>
    /[",\n]/.test(String(v)) ? `"${String(v).replaceAll('"', '""')}"` : v;
  const url = URL.createObjectURL(
    new Blob([`\ufeff${rows.map((r) => r.map(cell).join(',')).join('\r\n')}\r\n`], { type: 'text/csv' }),
  );
  const a = document.createElement('a');
  a.href = url;
  a.download = name;
  a.click();
  URL.revokeObjectURL(url);
}
