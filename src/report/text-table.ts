/** Columns of text, each as wide as its widest cell; the last one is not padded. */
export function textTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title) => title.length);
  for (const cells of rows) {
    for (let at = 0; at < widths.length; at++) widths[at] = Math.max(widths[at]!, cells[at]?.length ?? 0);
  }
  return line(head, widths) + rows.map((cells) => line(cells, widths)).join('');
}

function line(cells: readonly string[], widths: readonly number[]): string {
  let text = '';
  const last = cells.length - 1;
  for (let at = 0; at < last; at++) text += `${cells[at]!.padEnd(widths[at]!)}  `;
  return `${(text + (cells[last] ?? '')).trimEnd()}\n`;
}

/** `1 package`, `2 packages` */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${thousands(count)} ${count === 1 ? one : many}`;
}

/** `12,345`, whatever the locale. */
export function thousands(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}
