import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { outputFormats } from '../../src/cli/output-formats.ts';
import { debianRelease, rootWith, stanza } from '../support/cli.ts';
import { runHere } from '../support/command.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

const feed = writeSmallFeed([
  {
    platform: bookworm,
    statements: [
      {
        ...{ vulnerability: 'CVE-2026-0001', package: 'zlib', severity: 'high' },
        ...{ status: 'affected', fixState: 'none_yet' },
      },
    ],
    unread: { curl: 2 },
    data: { marks: ['unread_records'] },
  },
  {
    platform: { ...{ id: 'npm', name: 'npm', aliases: [], os: { id: 'npm' } }, packaging: 'npm', life: [] },
    statements: [],
  },
]);
const root = rootWith({
  'etc/os-release': debianRelease('12', 'bookworm'),
  'var/lib/dpkg/status': stanza('curl', '1') + stanza('zlib', '1'),
  'srv/node_modules/cut/package.json': '{"name":"cut","vers',
  'srv/vendor/composer/installed.json': '[{"name":"a/b","version":"1.0.0"}]',
  'opt/bitnami/.bitnami_components.json': '{"redis":{"version":"7.4.1-0"}}',
});
const template = join(temporaryFolder(), 'words.mustache');
writeFileSync(template, '{{#gaps}}{{detail}}{{/gaps}}');

/** Their schemas have no place for what a result lacks. */
const silent: ReadonlySet<string> = new Set([
  ...['cyclonedx', 'cyclonedx-1.7', 'cyclonedx-vex', 'spdx', 'openvex', 'csaf', 'copa', 'dependency-track'],
]);
const formats = outputFormats
  .filter(({ commands }) => (commands as readonly string[]).includes('scan'))
  .map(({ name }) => name);

const scan = (format: string) =>
  runHere(['scan', `dir:${root}`, '--feed', feed, '--max-age', '0', '-o', format], {
    SOURCE_DATE_EPOCH: '1790000000',
  });

it.each(formats)('a result that lacks statements does not look whole: %s', async (format) => {
  const { code, out, err } = await scan(format === 'template' ? `template=${template}` : format);
  expect(err).toContain('not covered: records of the vendor could not be read when the feed was built');
  expect(err).toContain('not covered: 1 package with statements that could not be read');
  expect(err).toContain('1 package of languages that this feed has no data about: composer 1');
  expect(err).toContain(
    'npm files of packages that are damaged, or not read to their end: 1 (/srv/node_modules/cut',
  );
  expect(err).toContain('1 package of components that this feed has no data about: bitnami 1');
  expect(code).toBe(4);
  for (const words of [
    ...[/not be read/, /no data about.{1,6} composer 1/, /are damaged, or not read/],
    /no data about.{1,6} bitnami 1/,
  ])
    expect([words, words.test(out)]).toEqual([words, !silent.has(format)]);
});

it('CSV has a row for each gap and each package that is not judged, with the reason and its words', async () => {
  const { out } = await scan('csv');
  const [, ...rows] = out.trimEnd().split('\r\n');
  expect(rows.map((row) => row.split(',')[8])).toEqual([
    ...['affected', 'unread_records', 'unread_package_files', 'uncovered_components', 'uncovered_languages'],
    ...['undecidable', 'no_feed', 'no_feed', 'no_feed'],
  ]);
  expect(rows[1]).toContain('"records of the vendor could not be read when the feed was built, and not even');
  expect(rows[5]).toMatch(/^,,,curl,curl,amd64,1,.*could not be read/);
});
