import { describe, expect, it } from 'vitest';
import { columnsOf } from '../../src/report/columns.ts';
import { textTable } from '../../src/report/text-table.ts';
import { sampleScan } from './scan/support/sample-scan.ts';

describe('columns of a terminal', () => {
  it.each([
    ['', 0],
    ['bash', 4],
    ['ü', 1],
    ['u\u0308', 1],
    ['日本', 4],
    ['한글', 4],
    ['ｂａｓｈ', 8],
    ['🦆', 2],
    ['𠀀', 2],
  ])('%j takes %i', (text, columns) => {
    expect(columnsOf(text)).toBe(columns);
  });

  it('are what tables are aligned by', () => {
    expect(
      textTable(
        ['A', 'B'],
        [
          ['日本', 'x'],
          ['abcd', 'y'],
        ],
      ),
    ).toBe('A     B\n日本  x\nabcd  y\n');
  });
});

describe('scan --by package', () => {
  const { scan } = sampleScan();

  it('says what to upgrade, the worst first, in 80 columns', () => {
    const { out } = scan('--by', 'package');
    const lines = out.slice(out.indexOf('SOURCE ')).split('\n');
    expect(lines.slice(0, 9).join('\n')).toBe(`SOURCE   FLAWS  WORST     INSTALLED
curl     1      critical  7.88.1-10+deb12u5
    upgrade curl to 7.88.1-10+deb12u6
openssl  1      high      3.0.7-1
    upgrade libssl3, openssl to 3.0.8-1

upgrade 2 source packages, and 2 flaws go
2 flaws without a fix to install
`);
    expect(lines.slice(0, 8).filter((each) => each.length > 80)).toEqual([]);
  });

  it('changes neither the gate nor other formats', () => {
    expect(scan('--by', 'package', '--fail-on', 'high').code).toBe(1);
    expect(scan('--by', 'package', '-o', 'json').out).toBe(scan('-o', 'json').out);
  });
});
