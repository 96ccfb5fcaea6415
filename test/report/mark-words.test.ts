import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { markWords } from '../../src/report/mark-words.ts';
import { project, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { runHere } from '../support/command.ts';
import { bookworm, bullseye, writeSmallFeed } from '../support/small-feed.ts';

/** Marks of platforms, as docs/verdicts.md lists them. */
const documented = readFileSync(join(project, 'docs/verdicts.md'), 'utf8')
  .split('On platforms, in `scan` and `feeds`:')[1]!
  .split('\n## ')[0]!
  .split('\n')
  .flatMap((line) => line.split('|')[1]?.match(/(?<=`)\w+(?=`)/g) ?? []);

it('each mark of a platform has words of its own', () => {
  expect(documented.length).toBeGreaterThan(10);
  for (const mark of documented) expect(markWords(mark), mark).not.toBe(mark.replaceAll('_', ' '));
});

it('a gate that holds data back is named with its day, and a mark of a later version by its name', () => {
  expect(markWords('held_back_since_2026-11-20')).toBe('newer data held back since 2026-11-20');
  expect(markWords('some_later_mark')).toBe('some later mark');
});

it('the page of a scan has the words', () => {
  const image = rootWith({
    'etc/os-release': 'ID=debian\nVERSION_ID="12"\n',
    'var/lib/dpkg/status': stanza('a', '1'),
  });
  const feed = writeSmallFeed([{ platform: bookworm, data: { marks: ['unsigned_input'] }, statements: [] }]);
  const { out } = scapfeed(['scan', `dir:${image}`, '--feed', feed, '--max-age', '0', '-o', 'html']);
  expect(out).toContain(', made from data without a signature');
  expect(out).not.toContain('unsigned_input');
});

it.each([
  ['a', '1 verdict of debian-11 added by --platform-map'],
  ['b', '--platform-map added no verdict'],
])('the table of a scan counts what --platform-map added, by statements about %s', async (name, words) => {
  const image = rootWith({
    'etc/os-release': 'ID=debian\nVERSION_ID="12"\n',
    'var/lib/dpkg/status': stanza('a', '1'),
  });
  const feed = writeSmallFeed([
    { platform: bookworm, statements: [] },
    {
      platform: bullseye,
      statements: [{ vulnerability: 'CVE-2024-0001', package: name, status: 'fixed', fixed: '2' }],
    },
  ]);
  const { out } = await runHere([
    ...['scan', `dir:${image}`, '--feed', feed, '--max-age', '0', '--platform-map', 'debian-12=debian-11'],
  ]);
  expect(out).toContain(words);
});

it('the table of a scan has the words too, and a sentence alone for a vendor of fixes only', () => {
  const image = rootWith({
    'etc/os-release': 'ID=debian\nVERSION_ID="12"\n',
    'var/lib/dpkg/status': stanza('a', '1'),
  });
  const feed = writeSmallFeed([
    { platform: bookworm, data: { marks: ['fixes_only', 'unsigned_input', 'last_state'] }, statements: [] },
  ]);
  const { out } = scapfeed(['scan', `dir:${image}`, '--feed', feed, '--max-age', '0']);
  expect(out).toContain(
    "(made from the vendor's last data about this release; made from data without a signature), 1 package",
  );
  expect(out).toContain('has fixed flaws only: flaws without a fix are not known here');
  expect(out).not.toMatch(/unsigned_input|last_state|fixes_only/);
});
