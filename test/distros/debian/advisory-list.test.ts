import { describe, expect, it } from 'vitest';
import { parseAdvisoryList, type UnreadFix } from '../../../src/distros/debian/advisory-list.ts';
import { Ledger } from '../../../src/model/feed/index.ts';

describe('parseAdvisoryList', () => {
  it('reads ids, dates, vulnerabilities and fixes by line', () => {
    const text = [
      '[25 May 2022] DSA-5147-1 dpkg - security update',
      '\t{CVE-2022-1664}',
      '\t[buster] - dpkg 1.19.8',
      '\t[bullseye] - dpkg 1.20.10',
      '',
    ].join('\n');

    expect(parse(text)).toEqual([
      {
        id: 'DSA-5147-1',
        date: '2022-05-25',
        title: 'dpkg - security update',
        vulnerabilities: ['CVE-2022-1664'],
        rows: [
          { release: 'buster', package: 'dpkg', version: '1.19.8', line: 3 },
          { release: 'bullseye', package: 'dpkg', version: '1.20.10', line: 4 },
        ],
        line: 1,
      },
    ]);
  });

  it.each([
    {
      name: 'an id without revision, lines indented by spaces: DSA-141',
      lines: [
        '[01 Aug 2002] DSA-141 mpack - buffer overflow',
        '        {CVE-2002-1425}',
        '        [woody] - mpack 1.5-7woody2',
      ],
      expected: { id: 'DSA-141', rows: [{ package: 'mpack', version: '1.5-7woody2' }] },
    },
    {
      name: 'several packages: DSA-140',
      lines: [
        '[05 Aug 2002] DSA-140 libpng - buffer overflow',
        '\t[woody] - libpng 1.0.12-3.woody.2',
        '\t[woody] - libpng3 1.2.1-1.1.woody.2',
      ],
      expected: { rows: [{ package: 'libpng' }, { package: 'libpng3' }] },
    },
    {
      name: 'no package: DSA-4205-1',
      lines: [
        '[18 Apr 2018] DSA-4205-1 jessie end-of-life',
        '        NOTE: end of security support for jessie',
      ],
      expected: { id: 'DSA-4205-1', rows: [], vulnerabilities: [] },
    },
    {
      name: 'a title without a dash: DSA-2114-1',
      lines: ['[26 Sep 2010] DSA-2114-1 git-core'],
      expected: { title: 'git-core' },
    },
    {
      name: 'spaces before the title: DSA-2092-1',
      lines: ['[17 Aug 2010] DSA-2092-1  lxr-cvs - cross-site scripting'],
      expected: { id: 'DSA-2092-1', title: 'lxr-cvs - cross-site scripting' },
    },
    {
      name: 'two spaces between ids: DLA-59-1',
      lines: [
        '[25 Sep 2014] DLA-59-1 bash - security update',
        '\t{CVE-2014-7169  CVE-2014-7186 CVE-2014-7187}',
      ],
      expected: { vulnerabilities: ['CVE-2014-7169', 'CVE-2014-7186', 'CVE-2014-7187'] },
    },
    {
      name: 'two spaces before the version: DSA-2849-1',
      lines: [
        '[31 Jan 2014] DSA-2849-1 curl - information disclosure',
        '\t[wheezy] - curl  7.26.0-1+wheezy8',
      ],
      expected: { rows: [{ version: '7.26.0-1+wheezy8' }] },
    },
    {
      name: 'a blank after the version: tzdata',
      lines: ['[27 Mar 2015] DLA-185-1 tzdata - update', '\t[squeeze] - tzdata 2015b-0squeeze1 '],
      expected: { rows: [{ version: '2015b-0squeeze1' }] },
    },
    {
      name: 'a tag with a note: openoffice.org',
      lines: [
        '[31 Jan 2011] DSA-2151-1 openoffice.org - several',
        '\t[lenny] - openoffice.org <not-affected> (Vulnerable code not present)',
      ],
      expected: { rows: [{ tag: 'not-affected' }] },
    },
    {
      name: 'a fix inside a note: zebra',
      lines: ['[12 Nov 2003] DSA-415 zebra - denial of service', '\tNOTE: [woody] - zebra 0.92a-5woody2'],
      expected: { rows: [{ package: 'zebra', version: '0.92a-5woody2' }] },
    },
    {
      name: 'Windows line ends',
      lines: ['[25 May 2022] DSA-5147-1 dpkg - security update\r', '\t[buster] - dpkg 1.19.8\r'],
      expected: { title: 'dpkg - security update', rows: [{ version: '1.19.8' }] },
    },
  ])('$name', ({ lines, expected }) => {
    expect(parse(lines.join('\n'))).toMatchObject([expected]);
  });

  it('drops lines that fit no form, by number', () => {
    const ledger = new Ledger('debian');
    const text = [
      '\t{CVE-2022-1664}',
      '[32 Foo 2022] DSA-1-1 x',
      '[25 May 2022] DSA-5147-1 dpkg',
      '\tsomething new',
      '<html>',
    ].join('\n');

    expect(parseAdvisoryList(text, 'debian-dsa', ledger)).toHaveLength(1);

    expect(ledger.findings()).toMatchObject([
      {
        reason: 'list_line_not_understood',
        dropped: true,
        count: 4,
        examples: [1, 2, 4, 5].map((line) => ({ where: `debian-dsa#line:${line}` })),
      },
    ]);
  });
});

describe('a line of a fix that cannot be read', () => {
  const unread = (...lines: readonly string[]) => {
    const found: UnreadFix[] = [];
    const text = ['[25 May 2022] DSA-5147-1 dpkg - security update', ...lines].join('\n');
    const advisories = parseAdvisoryList(text, 'debian-dsa', new Ledger('debian'), (fix) => found.push(fix));
    return { rows: advisories.flatMap(({ rows }) => rows.map(({ package: name }) => name)), found };
  };

  it.each([
    ['without a version', '\t[buster] - dpkg', { release: 'buster', package: 'dpkg' }],
    ['with words behind it', '\t[buster] - dpkg 1.19.8 or so', { release: 'buster', package: 'dpkg' }],
    ['without a package', '\t[Buster]', { release: 'buster' }],
  ])('%s tells what it is about', (_, line, about) => {
    const record = { reason: 'list_line_not_understood', where: 'debian-dsa#line:2', detail: line.trim() };
    expect(unread(line)).toEqual({ rows: [], found: [{ ...about, count: 1, record }] });
  });

  it('below a header that is none is not of the advisory before it', () => {
    const { rows, found } = unread('[26 May 2022] DSA-? curl', '\t[buster] - curl 7.64.0-4+deb10u3');
    expect(rows).toEqual([]);
    expect(found).toMatchObject([{ release: 'buster', package: 'curl' }]);
  });

  it('a release in another case is the release', () => {
    expect(unread('\t[Buster] - dpkg 1.19.8')).toEqual({ rows: ['dpkg'], found: [] });
  });
});

/** Parses a text that has no fault. */
function parse(text: string) {
  const ledger = new Ledger('debian');
  const advisories = parseAdvisoryList(text, 'debian-dsa', ledger);
  expect(ledger.findings()).toEqual([]);
  return advisories;
}
