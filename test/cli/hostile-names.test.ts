import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rootWith, scapfeed, stanza } from '../support/cli.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** Judged apart from the code: what a terminal acts on, and what changes the direction of text, by Unicode's own classes. */
const steers = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;
const forged = '\x1b[2K\x1b]0;owned\x07\u009b31m\u202e\u2028::error::forged';
const name = `::warning::${forged}`;

const release = `ID=debian\nVERSION_ID="12"\nPRETTY_NAME="${forged}"\n`;
const image = rootWith({
  'etc/os-release': release,
  'var/lib/dpkg/status': stanza('a', '1') + stanza('b', '1', { Source: name, Architecture: forged }),
  [`usr/bin/x\n::error::${forged}`]: '#!/bin/sh\n',
});
/** dpkg allows no such name: the error quotes it. */
const refused = rootWith({ 'etc/os-release': release, 'var/lib/dpkg/status': stanza(name, '1') });
const flaw = { status: 'affected', fixState: 'none_yet' } as const;
const feed = writeSmallFeed([
  {
    platform: bookworm,
    statements: ['a', name].map((each) => ({
      vulnerability: 'CVE-2024-0001',
      package: each,
      ...flaw,
      reason: forged,
    })),
  },
]);

describe('an image whose names, versions and release try to steer the terminal and the log of a CI', () => {
  const cases: string[][] = [
    ['scan', image, '--feed', feed, '--max-age', '0'],
    ['scan', image, '--feed', feed, '--max-age', '0', '-o', 'json'],
    ['inventory', image],
    ['inventory', refused],
    ['verify', image, '--allow-uncovered'],
    ['explain', image, 'CVE-2024-0001', 'b', '--feed', feed, '--max-age', '0'],
    ['explain', image, name, 'b', '--feed', feed, '--max-age', '0'],
    ['explain', image, 'CVE-2024-0001', `z${forged}`, '--feed', feed, '--max-age', '0'],
    ['scan', `dir:/nowhere/\n::error::${forged}`, '--feed', feed],
    ['feeds', '--feed', `/nowhere\n::error::${forged}`],
    [`\n::error::${forged}`],
    ['scan', image, `--\n::error::${forged}`],
    ['diff', feed, `/nowhere\n::error::${forged}`],
    ['validate', `/nowhere\n::error::${forged}`],
    ['compile', `/nowhere\n::error::${forged}`],
  ];

  it.each(cases.map((words) => [words[0]!.trim(), words] as const))('%s', (_, words) => {
    const { out, err } = scapfeed(words);
    const json = words.includes('json');
    const lines = `${json ? '' : out}${err}`.split('\n');

    expect(out + err).not.toBe('');
    if (json) expect(() => JSON.parse(out)).not.toThrow();
    expect(lines.filter((line) => steers.test(line))).toEqual([]);
    expect(lines.filter((line) => /^\s*::|##\[/.test(line))).toEqual([]);
    expect(err).not.toContain('INTERNAL');
  });

  it('a table in a file is as tame as on the terminal', () => {
    const file = join(temporaryFolder(), 'table.txt');
    scapfeed(['inventory', image, '-o', `table=${file}`, '-o', 'json']);

    const lines = readFileSync(file, 'utf8').split('\n');
    expect(lines.length).toBeGreaterThan(5);
    expect(lines.filter((line) => steers.test(line) || /^\s*::/.test(line))).toEqual([]);
  });

  it.each(['##teamcity[', '##vso[', '##['])('no line of a log has the command %s', (command) => {
    const root = rootWith({
      'etc/os-release': `ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian ${command}x status='SUCCESS']"\n`,
      'var/lib/dpkg/status': stanza('a', '1'),
      [`usr/bin/${command}x]`]: '#!/bin/sh\n',
    });
    for (const words of [
      ['inventory', root],
      ['verify', root, '--allow-uncovered'],
    ]) {
      const { out, err } = scapfeed(words);

      expect(out).toContain('x');
      expect(out + err).not.toContain(command);
    }
  });
});
