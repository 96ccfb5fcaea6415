import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import { readElementAt } from '../../../src/comply/xml/read-xml.ts';
import { XmlProblem } from '../../../src/comply/xml/scan-parts.ts';
import { XmlScanner } from '../../../src/comply/xml/scan-xml.ts';
import { vendorOval } from '../support/vendor-oval.ts';

type Event = [kind: string, ...parts: unknown[]];

/** Neighbouring texts are one: where a parser cuts them does not matter. */
function joined(events: Event[]): Event[] {
  const whole: Event[] = [];
  for (const event of events) {
    const last = whole.at(-1);
    if (event[0] === 'text' && last?.[0] === 'text') last[1] = `${last[1]}${event[1]}`;
    else if (event[0] !== 'text' || event[1] !== '') whole.push([...event]);
  }
  return whole;
}

/** Events of the scanner for a document in pieces of `pieceBytes`; undefined: it is malformed. */
function scanned(bytes: Buffer, pieceBytes: number): Event[] | undefined {
  const events: Event[] = [];
  const scanner = new XmlScanner({
    wantsAttributes: () => true,
    wantsText: () => true,
    open: (ns, name, attributes) => events.push(['open', ns, name, { ...attributes?.all() }]),
    text: (text) => events.push(['text', text]),
    close: () => events.push(['close']),
  });
  try {
    for (let at = 0; at < bytes.length; at += pieceBytes) scanner.write(bytes.subarray(at, at + pieceBytes));
    scanner.end();
  } catch (error) {
    if (error instanceof XmlProblem) return undefined;
    throw error;
  }
  return joined(events);
}

/** Whether the scanner refuses a document of which nothing is asked. */
function isRefused(bytes: Buffer, pieceBytes: number): boolean {
  const scanner = new XmlScanner({
    wantsAttributes: () => false,
    wantsText: () => false,
    open: () => {},
    text: () => {},
    close: () => {},
  });
  try {
    for (let at = 0; at < bytes.length; at += pieceBytes) scanner.write(bytes.subarray(at, at + pieceBytes));
    scanner.end();
    return false;
  } catch (error) {
    if (error instanceof XmlProblem) return true;
    throw error;
  }
}

const prefixes: Record<string, string> = {
  'http://www.w3.org/XML/1998/namespace': 'xml:',
  'http://www.w3.org/1999/xlink': 'xlink:',
  'http://www.w3.org/2001/XMLSchema-instance': 'xsi:',
  'http://www.w3.org/2000/xmlns/': 'xmlns:',
};

/** The same by a parser for every use. */
function parsed(text: string): Event[] | undefined {
  const events: Event[] = [];
  const refused = new Error('refused');
  const parser = new SaxesParser({ xmlns: true });
  parser.on('error', () => {
    throw refused;
  });
  parser.on('doctype', () => {
    throw refused;
  });
  // It lets a question mark follow a target: XML wants white space there.
  parser.on('processinginstruction', ({ target, body }) => {
    const read = text.slice(0, parser.position).replace(/\r\n?/g, '\n');
    if (body.startsWith('?') && read.endsWith(`<?${target}${body}?>`)) throw refused;
  });
  parser.on('opentag', ({ uri, local, attributes }) => {
    const own = Object.values(attributes).map((each) => [
      (prefixes[each.uri] ?? '') + each.local,
      each.value,
    ]);
    events.push(['open', uri, local, Object.fromEntries(own)]);
  });
  parser.on('text', (piece) => events.push(['text', piece]));
  parser.on('cdata', (piece) => events.push(['text', piece]));
  parser.on('closetag', () => events.push(['close']));
  try {
    parser.write(text).close();
  } catch (error) {
    if (error === refused) return undefined;
    throw error;
  }
  // Outside of the root element there is only white space.
  let depth = 0;
  return joined(
    events.filter(([kind]) => {
      if (kind === 'open') depth += 1;
      if (kind === 'close') depth -= 1;
      return kind !== 'text' || depth > 0;
    }),
  );
}

const documents = [
  vendorOval([{ number: 1001, package: 'bash', below: '0:5.2-3', severity: 'Important' }]),
  '<?xml version="1.0" encoding="utf-8"?>\r\n<!-- a --><a xmlns="u" xmlns:b=\'v\'>\r\n<b:c b:x="1" x="&lt;&#65;&#x42;\t\n"/>ä€😀<![CDATA[<&]]>&amp;<?pi text?></a>\n',
  '\ufeff<a b="é"><ü/>\u0085]]&gt;</a><!---->',
  '<a xml:space="preserve" xmlns:p="u"><p:b p:c="1"/><p:b p:c="2" d="3"></p:b ></a>',
];

describe('the scanner', () => {
  it.each(documents)('tells of a document what a parser for every use tells', (text) => {
    const expected = parsed(text);

    expect(expected).toBeDefined();
    for (const pieceBytes of [1, 2, 7, 64, 1 << 20])
      expect(scanned(Buffer.from(text), pieceBytes)).toEqual(expected);
  });

  it.each(
    [
      [
        '<a>',
        '<a></b>',
        '<a/><b/>',
        'x<a/>',
        '<a/>x',
        '',
        '<a b="1" b="2"/>',
        '<a b=1/>',
        '<a b/>',
        '<a b="<"/>',
      ],
      [
        '<a>&x;</a>',
        '<a>&#0;</a>',
        '<a>&#xD800;</a>',
        '<a>&amp</a>',
        '<a>]]></a>',
        '<a><!-- -- --></a>',
        '<a>\u0001</a>',
      ],
      [
        '<p:a/>',
        '<a p:b="1"/>',
        '<a xmlns:p=""/>',
        '<a xmlns:p="u" xmlns:q="u" p:b="" q:b=""/>',
        '<a:b:c/>',
        '<1a/>',
      ],
      [
        '<!DOCTYPE a><a/>',
        '<a><?xml version="1.0"?></a>',
        ' <?xml version="1.0"?><a/>',
        '<?xml?><a/>',
        '<a b="1"c="2"/>',
      ],
      [
        '<a / >',
        '<a><?p?i text?></a>',
        '<a><?p??></a>',
        '<?x?ml version="1.0"?><a/>',
        '<a><![CDATA[x]]</a>',
        '<![CDATA[x]]><a/>',
        '< a/>',
        '<a></a',
        '<a',
        '<',
        '<a></ a>',
        '<a>\ufffe</a>',
      ],
    ].flat(),
  )('refuses %s, as the parser does', (text) => {
    expect(parsed(text)).toBeUndefined();
    expect(scanned(Buffer.from(text), 1 << 20)).toBeUndefined();
    expect(scanned(Buffer.from(text), 1)).toBeUndefined();
    expect(isRefused(Buffer.from(text), 1 << 20)).toBe(true);
  });

  it('agrees with the parser about documents with changes anywhere', () => {
    const signs = fc.constantFrom(
      '<',
      '>',
      '&',
      '"',
      "'",
      '/',
      '=',
      ' ',
      ':',
      ';',
      ']',
      '!',
      '-',
      '?',
      '\r',
      '\n',
      '\t',
      '\u0001',
      '\uffff',
      'a',
      'é',
      '',
    );
    const changes = fc.array(fc.tuple(fc.nat(), signs, fc.nat({ max: 3 })), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(
        fc.constantFrom(...documents),
        changes,
        fc.constantFrom(1, 5, 1 << 20),
        (text, list, pieceBytes) => {
          let changed = text;
          for (const [place, sign, removed] of list) {
            const at = place % changed.length;
            changed = changed.slice(0, at) + sign + changed.slice(at + removed);
          }
          // Halves of characters are not in UTF-8.
          changed = Buffer.from(changed).toString();
          const expected = parsed(changed);
          expect(scanned(Buffer.from(changed), pieceBytes), changed).toEqual(expected);
          expect(isRefused(Buffer.from(changed), pieceBytes), changed).toBe(expected === undefined);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('binds a prefix again to what it was bound to outside of an element', () => {
    const text =
      '<a xmlns="u" xmlns:p="v"><b xmlns="w" xmlns:p="x" xmlns:q="y"><p:c/><q:d/></b><p:c/><e xmlns=""/><f/></a>';

    expect(scanned(Buffer.from(text), 1 << 20)).toEqual(parsed(text));
    expect(scanned(Buffer.from('<a><b xmlns:q="y"/><q:d/></a>'), 1 << 20)).toBeUndefined();
  });

  it('takes hostile documents in a time that grows with their size', () => {
    const declared = Array.from({ length: 900 }, (_, at) => ` xmlns:p${at}="u${at}"`).join('');
    const wide = `<a>${`<b${declared}/>`.repeat(300)}</a>`;
    const deep = `<a>${`<b${declared}>`.repeat(100)}${'<c xmlns:z="z"/>'.repeat(100_000)}${'</b>'.repeat(100)}</a>`;
    const long = `<a b="${'x'.repeat(8_000_000)}">${'y'.repeat(8_000_000)}</a>`;
    const many = `<a${Array.from({ length: 1001 }, (_, at) => ` a${at}="1"`).join('')}/>`;

    const begin = process.cpuUsage().user;
    expect(scanned(Buffer.from(wide), 1 << 20)).toHaveLength(602);
    expect(scanned(Buffer.from(deep), 1 << 20)).toHaveLength(200_202);
    expect(scanned(Buffer.from(long), 4096)).toHaveLength(3);
    expect(scanned(Buffer.from(many), 1 << 20)).toBeUndefined();
    // Seconds, where a copy of the scope for each declaration takes minutes.
    expect((process.cpuUsage().user - begin) / 1e6).toBeLessThan(10);
  });

  it('reads an element again at its place', () => {
    const text = Buffer.from('<a xmlns:p="u"><b>é</b><p:c d="1">x<e/></p:c></a>');

    expect(readElementAt(text, text.indexOf('<p:c'))).toMatchObject({
      name: 'c',
      attrs: { d: '1' },
      children: ['x', { name: 'e' }],
    });
  });
});
