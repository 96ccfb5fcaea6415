import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { affects, before } from '../ecosystems/world.ts';
import { deb, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { type Label, readLabels } from './labels.ts';
import { readLanguageLabels, scoreLanguages } from './languages.ts';
import { pageWith, pageWithLanguages } from './page.ts';
import { score } from './score.ts';
import { SourceNames } from './source-names.ts';
import { systemOf } from './systems.ts';

const bullseye = {
  id: 'debian-11',
  name: 'Debian GNU/Linux 11 (bullseye)',
  aliases: ['bullseye'],
  os: { id: 'debian', version: '11', codename: 'bullseye' },
  packaging: 'deb',
  life: [],
} as const;

const label = (name: string, version: string, vulnerability: string, kind: Label['label'], at: number) => ({
  [`${at}.json`]: {
    image: { exact: 'docker.io/example@sha256:0123456789abcdef' },
    label: kind,
    package: { name, version },
    vulnerability_id: vulnerability,
  },
});

const libc = deb('libc6', '2.31-13+deb11u3', 'glibc');
const files = Object.assign(
  {},
  ...[
    label(libc.name, libc.version, 'CVE-2024-1', 'TP', 1),
    label(libc.name, libc.version, 'CVE-2024-2', 'TP', 2),
    label(libc.name, libc.version, 'CVE-2024-3', 'FP', 3),
    label(libc.name, libc.version, 'CVE-2024-4', 'FP', 4),
    label(libc.name, libc.version, 'CVE-2024-5', 'TP', 5),
    label(libc.name, libc.version, 'CVE-2024-5', 'FP', 6),
    label('ruby', '0.0.0-DEVELOPMENT', 'CVE-2024-6', 'FP', 7),
  ],
) as Record<string, object>;

describe('labels beside verdicts', () => {
  it('are found, missed or denied, each with its cause, and the page says so', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'image'));
    for (const [name, content] of Object.entries(files))
      writeFileSync(join(folder, 'image', name), JSON.stringify(content));
    const feed = writeSmallFeed([
      {
        platform: bullseye,
        statements: ['CVE-2024-1', 'CVE-2024-3'].map((vulnerability) => ({
          package: 'glibc',
          vulnerability,
          status: 'affected',
          fixState: 'none_yet',
        })),
      },
    ]);

    const images = readLabels(folder);
    const system = systemOf(images[0]!)!;
    expect(system).toMatchObject({ platform: 'debian-11', packaging: 'deb' });
    const scored = score(images[0]!, system, feed, new SourceNames(), temporaryFolder());
    expect(
      scored.map(({ vulnerability, label: kind, found, cause }) => [vulnerability, kind, found, cause]),
    ).toEqual([
      ['CVE-2024-1', 'TP', true, 'the vendor says: affected, none yet'],
      ['CVE-2024-2', 'TP', false, 'the documents have no statement'],
      ['CVE-2024-3', 'FP', true, 'the vendor says: affected, none yet'],
      ['CVE-2024-4', 'FP', false, 'the documents have no statement'],
      ['CVE-2024-5', '??', false, 'the documents have no statement'],
    ]);

    const page = pageWith('# A\n<!-- scores --><!-- end of scores -->\nB\n', { images, scored, without: [] });
    expect(page).toContain(
      '| debian | 2     | 1     | 50.0 % | 2        | 1        | 50.0 %    | 1         |',
    );
    expect(page).toContain(
      '| debian | flaw    | 1      | the documents have no statement     | CVE-2024-2 in libc6 2.31-13+deb11u3 |',
    );
    expect(page.endsWith('<!-- end of scores -->\nB\n')).toBe(true);
  });
});

describe('labels of packages of languages', () => {
  it('are scored where a record is about them, by the names of its ecosystem', () => {
    const row = (label: string, id: string, name: string, version: string) =>
      ['', '', label, id, '', name, version, 'image', ''].join('\t');
    const labels = readLanguageLabels(
      [
        'path\tsha256\tlabel\tvulnerability\tcve\tpackage\tversion\timage\tnote',
        row('TP', 'GHSA-2222-2222-2222', 'core', '1.0'),
        row('TP', 'GHSA-2222-2222-2222', 'core', '2.0'),
        row('FP', 'CVE-2024-1', 'core', '1.0'),
        row('TP', 'GHSA-2222-2222-2222', 'other', '1.0'),
        row('TP', 'GHSA-3333-3333-3333', 'core', '1.0'),
        row('TP', 'GHSA-3333-3333-3333', 'core', '1.2-r3'),
      ].join('\n'),
    );
    const record = {
      id: 'GHSA-2222-2222-2222',
      modified: '2024-01-01T00:00:00Z',
      aliases: ['CVE-2024-1'],
      affected: [affects('Maven', 'org.example:core', before('1.5'))],
    };
    const records = { Maven: { [record.id]: JSON.stringify(record) } };
    const { scored, unscored } = scoreLanguages(labels, records, temporaryFolder());
    expect(unscored.map(({ vulnerability, version, cause }) => [vulnerability, version, cause])).toEqual([
      ['GHSA-3333-3333-3333', '1.0', 'the sample has no record of the flaw'],
      ['GHSA-3333-3333-3333', '1.2-r3', 'it is about a package of a distribution, by its version'],
    ]);
    expect(
      scored.map(({ version, label: kind, platform, found, cause }) => [
        version,
        kind,
        platform,
        found,
        cause,
      ]),
    ).toEqual([
      ['1.0', 'TP', 'maven', true, 'the record says: affected'],
      ['2.0', 'TP', 'maven', false, 'the record is about other versions'],
      ['1.0', 'FP', 'maven', true, 'the record says: affected'],
      ['1.0', 'TP', 'maven', false, 'the record is about another package'],
    ]);
    const page = pageWithLanguages('<!-- languages --><!-- end of languages -->\n', {
      ...{ labels: 6, scored, unscored },
    });
    expect(page).toContain('Of 6 labels, 4 have a record in the sample');
    expect(page).toContain(
      '| maven | 3     | 1     | 33.3 % | 1        | 1        | 50.0 %    | 0         |',
    );
  });
});
