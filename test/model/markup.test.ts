import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { create } from 'xmlbuilder2';
import { escapeHtml, escapeXml, escapeXmlLines } from '../../src/model/markup.ts';

describe('escapeXml', () => {
  test.each([
    ['markup', 'a < b & c > d', 'a &lt; b &amp; c &gt; d'],
    ['end of CDATA', 'x]]>y', 'x]]&gt;y'],
    ['quotes', 'say "x"', 'say &quot;x&quot;'],
    ['white space that attributes lose', 'a\tb\nc\r', 'a&#9;b&#10;c&#13;'],
    ['bell', 'a\u0007b', 'aU+0007b'],
    ['non-character', 'a\uffff', 'aU+FFFF'],
    ['4-byte character', 'cat \u{1f431}', 'cat \u{1f431}'],
    ['lone surrogate', 'a\ud83dz', 'aU+D83Dz'],
    ['reversed pair', '\udc31\ud83d', 'U+DC31U+D83D'],
    ['umlaut', 'Müller', 'Müller'],
  ])('%s', (_, text, want) => {
    const escaped = escapeXml(text);

    expect(escaped).toBe(want);
  });

  test('any text of allowed characters comes back whole through a parser', () => {
    const allowed = fc
      .string({ unit: 'grapheme' })
      .filter((text) => !/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(text));
    fc.assert(
      fc.property(allowed, (text) => {
        const document = create(`<a b="${escapeXml(text)}">x${escapeXml(text)}</a>`);
        const root = document.root().node as unknown as {
          getAttribute(name: string): string;
          textContent: string;
        };
        expect(root.getAttribute('b')).toBe(text);
        expect(root.textContent).toBe(`x${text}`);
      }),
    );
  });

  test('a description of 1 MB takes no more than moments', () => {
    const text = '<&"'.repeat(350_000);

    expect(escapeXml(text)).toHaveLength(350_000 * 15);
  });
});

describe('escapeXmlLines', () => {
  test('leaves lines and tabs as they are, and writes out what a parser would change', () => {
    expect(escapeXmlLines('a\tb\nc\r\n<d>\u0001')).toBe('a\tb\nc&#13;\n&lt;d&gt;U+0001');
  });
});

describe('escapeHtml', () => {
  test('holds in an element and in a quoted attribute', () => {
    expect(escapeHtml('<b a="x">&\n')).toBe('&lt;b a=&quot;x&quot;&gt;&amp;\n');
  });

  test('a line of it is no command of a CI run; what a browser shows stays', () => {
    expect(escapeHtml('::error::x')).toBe('&#58;:error::x');
    expect(escapeHtml('a\n  ::error::x\r\n::b\rc')).toBe('a\n  &#58;:error::x&#10;::b&#10;c');
    expect(escapeHtml('x ##vso[a] ##[b] ##teamcity[c] ## d')).toBe(
      'x &#35;#vso[a] &#35;#[b] &#35;#teamcity[c] ## d',
    );
    expect(escapeHtml('perl(A::B) C#')).toBe('perl(A::B) C#');
  });

  test('what turns the text behind it around is written out; letters and marks of a direction stay', () => {
    expect(escapeHtml('a\u202eb\u2066c')).toBe('aU+202EbU+2066c');
    expect(escapeHtml('\u05e9\u05dc\u05d5\u05dd\u200f!')).toBe('\u05e9\u05dc\u05d5\u05dd\u200f!');
  });
});
