import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readStanzas, type StanzaOptions } from '../../../src/packaging/deb/deb822.ts';

const fields = new Set(['package', 'status', 'architecture', 'installed-size', 'version']);

/** Fields, lines and ends of a text's paragraphs, or the error. */
function read(text: string, options: Partial<StanzaOptions> = {}): unknown {
  const bytes = Buffer.from(text);
  const content = {
    size: bytes.length,
    read: (at: number, length: number) => bytes.subarray(at, at + length),
  };
  try {
    return [...readStanzas(content, { where: 'status', fields, ...options })].map((stanza) => ({
      fields: [...fields].map((name) => stanza.fields.get(name)),
      line: stanza.line(),
      end: stanza.end,
    }));
  } catch (error) {
    return (error as Error).message;
  }
}

const usual =
  'Package: a\nStatus: install ok installed\nInstalled-Size: 5\nVersion: 1\nDescription: x\n y\n .\n';

describe('paragraphs that are read at once are those that are read line by line', () => {
  // With comments each line is looked at; no line here is one.
  const byLine = (text: string) => read(text, { comments: true });

  it.each([
    ['as dpkg writes them', `${usual}\n${usual}\n${usual}\n`],
    ['without the last blank line', `${usual}\n${usual}\n${usual}`],
    ['cut off', `${usual}\n${usual}\n${usual.slice(0, 40)}`],
    ['in another order', `${usual}\nVersion: 2\nPackage: b\n\n${usual}`],
    ['with names in other letters', `${usual}\npackage: b\nINSTALLED-SIZE: 3\nInstalled-size: 4\n\n${usual}`],
    ['with a field twice', `${usual}\nPackage: b\nVersion: 2\nDepends: c\nVersion: 3\n\n${usual}`],
    ['with a folded field', `${usual}\nPackage: b\nVersion: 2\n 3\n\n${usual}`],
    ['with blanks around values', `${usual}\nPackage:  \t b \t\nVersion:\nStatus: x\n\n${usual}`],
    ['with blank lines of blanks', `${usual}\nPackage: b\n \t\nVersion: 2\n\n\n\n${usual}`],
    ['with other line ends', `${usual}\n${usual.replaceAll('\n', '\r\n')}\r\n${usual}\n\u2028\n`],
    ['with a line that is no field', `${usual}\nPackage: b\nwhat?\n\n${usual}`],
    ['with a folded line first', `${usual}\n b\nPackage: c\n\n${usual}`],
    ['in several blocks', `${`${usual}Long: ${'z'.repeat(90_000)}\n\n`.repeat(7)}${usual}`],
  ])('%s', (_, text) => {
    expect(read(text)).toEqual(byLine(text));
  });

  it('of any lines', () => {
    const line = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...usual.trimEnd().split('\n')) },
      { weight: 3, arbitrary: fc.constant('') },
      { weight: 1, arbitrary: fc.stringMatching(/^[ \tPVa:\r\u00a0\u2028-]{0,6}$/) },
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), fc.boolean(), (lines, isEnded) => {
        const text = `${usual}\n${lines.join('\n')}${isEnded ? '\n' : ''}`;
        expect(read(text)).toEqual(byLine(text));
      }),
      { numRuns: 3000 },
    );
  });
});

it('growth is that of the text, whatever a paragraph repeats', () => {
  const cost = (text: string) => {
    const before = process.cpuUsage();
    read(`${usual}\n${text}\n\n`);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  const size = 200_000;
  // Each of these took minutes where a part of the pattern could be matched in two ways.
  for (const part of [
    'A: b\n',
    'A: b\n c\n',
    'Package: a\n',
    `A:${' '.repeat(40)}\n`,
    'Version: \t \t \n',
    'A-A-A: -A\n',
  ])
    expect(cost(`${part.repeat(size / part.length)}?`), part).toBeLessThan(5000);
});
