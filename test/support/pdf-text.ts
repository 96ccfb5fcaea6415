import { inflateSync } from 'node:zlib';

/** The text of a PDF as Chromium prints it: glyphs by the tables of its fonts, in the order in which they are drawn; lines and cells follow each other without a space. */
export function pdfText(pdf: Buffer): string {
  const bytes = pdf.toString('latin1');
  const objects = new Map<string, { head: string; stream: string }>();
  for (const [, id = '', body = ''] of bytes.matchAll(/(?:^|\n)(\d+) 0 obj\s([\s\S]*?)\nendobj/g)) {
    const start = /stream\r?\n/.exec(body);
    const head = start ? body.slice(0, start.index) : body;
    const from = start ? start.index + start[0].length : body.length;
    const length = Number(/\/Length (\d+)/.exec(head)?.[1] ?? 0);
    const stream = Buffer.from(body.slice(from, from + length), 'latin1');
    const isDeflated = head.includes('/FlateDecode');
    objects.set(id, { head, stream: (isDeflated ? inflateSync(stream) : stream).toString('latin1') });
  }
  const tables = new Map<string, Map<number, string>>();
  const runs: string[] = [];
  for (const { head } of objects.values()) {
    const [, contents] = /\/Type \/Page\b[\s\S]*\/Contents (\d+) 0 R/.exec(head) ?? [];
    if (contents === undefined) continue;
    const [, named = ''] = /\/Font <<([^>]*)>>/.exec(head) ?? [];
    const fonts = new Map([...named.matchAll(/\/(\w+) (\d+) 0 R/g)].map(([, name, id]) => [name!, id!]));
    let glyphs: Map<number, string> | undefined;
    const drawn = objects.get(contents)!.stream;
    for (const [whole, font, shown] of drawn.matchAll(
      /\/(\w+) [\d.]+ Tf|((?:<[0-9A-Fa-f]*>|\[[^\]]*\]) T[jJ])/g,
    )) {
      if (font !== undefined) glyphs = tableOf(fonts.get(font)!);
      else if (shown !== undefined && glyphs) runs.push(textOf(whole, glyphs));
    }
  }
  return runs.join('');

  function tableOf(font: string): Map<number, string> {
    const known = tables.get(font);
    if (known) return known;
    const [, id = ''] = /\/ToUnicode (\d+) 0 R/.exec(objects.get(font)!.head) ?? [];
    const table = new Map<number, string>();
    const map = objects.get(id)?.stream ?? '';
    for (const [, chars = ''] of map.matchAll(/beginbfchar([\s\S]*?)endbfchar/g))
      for (const [, glyph = '', text = ''] of chars.matchAll(/<(\w+)> <(\w+)>/g))
        table.set(Number.parseInt(glyph, 16), utf16(text));
    for (const [, ranges = ''] of map.matchAll(/beginbfrange([\s\S]*?)endbfrange/g))
      for (const [, first = '', last = '', text = ''] of ranges.matchAll(/<(\w+)> <(\w+)> <(\w+)>/g))
        for (let at = 0; at <= Number.parseInt(last, 16) - Number.parseInt(first, 16); at++)
          table.set(Number.parseInt(first, 16) + at, String.fromCharCode(Number.parseInt(text, 16) + at));
    tables.set(font, table);
    return table;
  }
}

function textOf(operator: string, glyphs: ReadonlyMap<number, string>): string {
  return [...operator.matchAll(/<([0-9A-Fa-f]*)>/g)]
    .flatMap(([, hex = '']) => hex.match(/.{4}/g) ?? [])
    .map((glyph) => glyphs.get(Number.parseInt(glyph, 16)) ?? '')
    .join('');
}

function utf16(hex: string): string {
  return String.fromCharCode(...(hex.match(/.{4}/g) ?? []).map((unit) => Number.parseInt(unit, 16)));
}
