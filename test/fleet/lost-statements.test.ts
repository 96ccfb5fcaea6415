import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Severity } from '../../src/model/index.ts';
import { debianRelease, rootWith, stanza } from '../support/cli.ts';
import { addImages, newEmbedded, night } from '../support/fleet.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';

const about = (name: string, severity: Severity = 'high') => ({
  vulnerability: `CVE-2026-1-${name}`,
  package: name,
  status: 'affected' as const,
  fixState: 'none_yet' as const,
  severity,
});
const whole = writeSmallFeed([
  { platform: bookworm, statements: [about('curl', 'critical'), about('tar'), about('zlib')] },
]);
/** The statements about curl and tar are gone, those about curl because they cannot be read. */
const unread = writeSmallFeed([{ platform: bookworm, statements: [about('zlib')], unread: { curl: 1 } }]);
const someRecords = writeSmallFeed([
  { platform: bookworm, statements: [about('zlib')], data: { marks: ['unread_records'] } },
]);
const elsewhere = writeSmallFeed([
  {
    platform: { ...bookworm, id: 'debian-13', aliases: [], os: { id: 'debian', version: '13' } },
    statements: [],
  },
]);

const files = (status: string) => ({
  'etc/os-release': debianRelease('12', 'bookworm'),
  'var/lib/dpkg/status': status,
});
const three = ['curl', 'tar', 'zlib'].map((name) => stanza(name, '1')).join('');

const kinds = ({ news }: { news: readonly { kind: string; vulnerability?: string; package?: string }[] }) =>
  news.map(({ kind, vulnerability, package: name }) => [kind, vulnerability ?? name]);

it('a flaw whose statement cannot be read any more is not fixed, and is new when it can', async () => {
  const place = await newEmbedded();
  await addImages(place, [`dir:${rootWith(files(three))}`]);
  await night(place, whole);
  const lost = await night(place, unread);
  expect(kinds(lost)).toEqual([
    ['fixed', 'CVE-2026-1-tar'],
    ['uncovered', 'CVE-2026-1-curl'],
    ['uncovered', 'curl'],
  ]);
  expect(lost.news[1]).toMatchObject({
    severity: 'critical',
    before: 'affected, no fix yet',
    after: 'not known any more',
  });
  expect(kinds(await night(place, whole))).toEqual([
    ['new', 'CVE-2026-1-curl'],
    ['new', 'CVE-2026-1-tar'],
  ]);
});

it.each([
  ['records that name no package could not be read', someRecords, ['CVE-2026-1-curl', 'CVE-2026-1-tar']],
  ['no platform judges the system', elsewhere, []],
])('nothing is fixed where %s', async (_, feed, flaws) => {
  const place = await newEmbedded();
  await addImages(place, [`dir:${rootWith(files(three))}`]);
  await night(place, whole);
  const found = kinds(await night(place, feed));
  expect(found.map(([kind]) => kind)).not.toContain('fixed');
  expect(found.filter(([, name]) => name?.startsWith('CVE'))).toEqual(
    flaws.map((flaw) => ['uncovered', flaw]),
  );
});

it('an image built again with a package that cannot be judged has not lost its flaws', async () => {
  const place = await newEmbedded();
  const root = rootWith(files(three));
  await addImages(place, [`dir:${root}`]);
  await night(place, whole);
  const foreign = stanza('curl', '1').replace('Version: 1', 'Version: 2+deb10u1');
  writeFileSync(join(root, 'var/lib/dpkg/status'), foreign + stanza('zlib', '1'));
  expect(kinds(await night(place, whole)).filter(([, name]) => name?.startsWith('CVE'))).toEqual([
    ['fixed', 'CVE-2026-1-tar'],
    ['uncovered', 'CVE-2026-1-curl'],
  ]);
});
