import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { majorsOf, redHatDefinition } from '../../../src/distros/redhat/definition.ts';
import { readDocument } from '../../../src/distros/redhat/document.ts';
import { Assembly } from '../../../src/distros/redhat/settle/assembly.ts';
import { streamOf } from '../../../src/distros/redhat/stream.ts';
import { Collector } from '../../../src/feed/compile/index.ts';
import type { InstalledPackage } from '../../../src/model/inventory/index.ts';
import { type Feed, matchInventory } from '../../../src/runtime/node.ts';
import { dataPath, hasData } from '../../support/data.ts';
import { collect, feedOf, legacyVex, recordOf, rpm, verdictText, writeFeed } from './support.ts';

const on = 'red_hat_hardened_images_1';
const majors = majorsOf(redHatDefinition);

/** Verdicts on packages of a hardened image; why one has none. */
function judge(
  feed: Feed,
  installed: readonly InstalledPackage[],
  cpe = 'cpe:/a:redhat:hummingbird:1',
): string[] {
  const os = { id: 'hummingbird', versionId: '20251124', cpe, found: '/etc/os-release' };
  const asked = { os, packages: [...installed] };
  const { verdicts, uncovered } = matchInventory(feed, feed.shard('hummingbird-1')!, asked, { all: false });
  return [
    ...verdicts.map((verdict) => `${verdict.package.name}: ${verdictText(verdict)}`),
    ...uncovered.map(({ package: { name }, reason, detail }) => `${name}: ${reason}: ${detail}`),
  ].sort();
}

describe('the product of hardened images', () => {
  it.each([
    ['cpe:/a:redhat:hummingbird:1', { platform: 'hummingbird-1' }],
    ['cpe:/a:redhat:hummingbird', { platform: 'hummingbird-1' }],
    ['cpe:/a:redhat:hummingbird:2', { reason: 'hummingbird_2_not_compiled' }],
  ])('%s, whatever the product id is', (cpe, stream) => {
    for (const id of [on, 'Red Hat Hardened Images 1', 'Red Hat Hardened Images'])
      expect(streamOf(id, cpe, majors)).toEqual(stream);
  });
});

describe('documents about hardened images', () => {
  it('a source without binaries is of all of them', () => {
    const feed = feedOf(
      legacyVex('CVE-2026-2673', {
        known_affected: [{ on, packages: ['openssl'], arch: ['src'], state: 'Affected' }],
      }),
    );
    expect(
      judge(feed, [
        rpm('openssl-libs-3.5.4-1.hum1', { from: 'openssl-3.5.4-1.hum1' }),
        rpm('zlib-ng-2.2-1.hum1'),
      ]),
    ).toEqual(['openssl-libs: CVE-2026-2673 affected none_yet']);
  });

  // https://github.com/anchore/grype/pull/3410
  it('CVE-2026-5450: binaries that are listed beside their source are those with the flaw', () => {
    const said = [
      { on, packages: ['glibc', 'glibc-common'], state: 'Affected' },
      { on, packages: ['glibc'], arch: ['src'], state: 'Affected' },
    ];
    const collector = collect(legacyVex('CVE-2026-5450', { known_affected: said }));
    expect(collector.ledger.findings()).toMatchObject([{ reason: 'binaries_listed', count: 1 }]);
    expect(collector.ledger.records).toBe(3);
    const of = (name: string) => rpm(`${name}-2.42-5.hum1`, { from: 'glibc-2.42-5.hum1' });
    const feed = writeFeed(collector);
    expect(judge(feed, ['glibc', 'glibc-common', 'glibc-minimal-langpack'].map(of))).toEqual([
      'glibc-common: CVE-2026-5450 affected none_yet',
      'glibc: CVE-2026-5450 affected none_yet',
    ]);
  });

  it('an erratum replaces the whole build: its source is of binaries that it does not name', () => {
    const purl = (name: string, arch: string) =>
      `pkg:rpm/redhat/${name}@1.25.8-1.1.hum1?arch=${arch}&distro=hummingbird-20251124`;
    const feed = feedOf(
      legacyVex('CVE-2026-27142', {
        fixed: [
          {
            ...{ on, advisory: 'RHSA-2026:5192', arch: [''] },
            packages: [
              purl('golang1.25', 'x86_64'),
              purl('golang1.25-docs', 'noarch'),
              purl('golang1.25', 'source'),
            ],
          },
        ],
      }),
    );
    const of = (name: string, release: string) =>
      rpm(`${name}-1.25.8-${release}`, { from: `golang1.25-1.25.8-${release}` });
    const below = ['golang1.25', 'golang1.25-bin', 'golang1.25-docs'].map((name) => of(name, '1.hum1'));
    expect(judge(feed, below)).toEqual(
      below.map(({ name }) => `${name}: CVE-2026-27142 affected available 0:1.25.8-1.1.hum1`).sort(),
    );
    expect(judge(feed, [of('golang1.25-bin', '1.1.hum1')])).toEqual([]);
  });

  it('a name without an architecture is a binary or a source, where the document has no source', () => {
    const feed = feedOf(legacyVex('CVE-2026-0001', { known_affected: [{ on, packages: ['perl'] }] }));
    expect(
      judge(feed, [
        rpm('perl-libs-5.42.2-524.hum1', { from: 'perl-5.42.2-524.hum1' }),
        rpm('perl-5.42.2-524.hum1', { from: 'perl5-5.42.2-524.hum1' }),
      ]),
    ).toEqual(['perl-libs: CVE-2026-0001 affected none_yet', 'perl: CVE-2026-0001 affected none_yet']);
  });

  it('a source that a newer document says alone outweighs the binaries of an older one', () => {
    const listed = legacyVex('CVE-2026-0001', {
      known_affected: [
        { on, packages: ['glibc'] },
        { on, packages: ['glibc'], arch: ['src'] },
      ],
    });
    const newer = legacyVex('CVE-2026-0001', {
      updated: '2026-06-01T00:00:00+00:00',
      known_affected: [{ on, packages: ['glibc'], arch: ['src'] }],
    });
    const engine = (newer as { document: { tracking: { generator: { engine: { name: string } } } } })
      .document;
    engine.tracking.generator.engine.name = 'CSAF Generator';
    const feed = feedOf(listed, newer);
    expect(judge(feed, [rpm('glibc-common-2.42-5.hum1', { from: 'glibc-2.42-5.hum1' })])).toEqual([
      'glibc-common: CVE-2026-0001 affected none_yet',
    ]);
  });
});

describe('builds on the other system', () => {
  const both = legacyVex('CVE-2026-0001', {
    fixed: [{ on: 'BaseOS-9.4.0.Z.MAIN.EUS', packages: ['gnutls-0:3.8.3-4.el9_4'] }],
    known_affected: [{ on, packages: ['gnutls'], arch: ['src'] }],
  });

  it('of RHEL and Fedora are not covered on a hardened image, whatever they are signed with', () => {
    expect(
      judge(feedOf(both), [
        rpm('gnutls-3.8.3-1.el9'),
        rpm('gnutls-3.8.3-1.fc44'),
        rpm('gnutls-3.8.3-1.hum1'),
      ]),
    ).toEqual([
      'gnutls: CVE-2026-0001 affected none_yet',
      'gnutls: not_covered: a build of another system: .el9',
      'gnutls: not_covered: a build of another system: .fc44',
    ]);
  });

  it('of hardened images are not covered on RHEL', () => {
    const feed = feedOf(both);
    const os = { id: 'rhel', versionId: '9.4', found: '/etc/os-release' };
    const asked = { os, packages: [rpm('gnutls-3.8.3-1.hum1')] };
    expect(matchInventory(feed, feed.shard('rhel-9')!, asked, { all: false })).toMatchObject({
      verdicts: [],
      uncovered: [{ reason: 'not_covered', detail: 'a build for hardened images: .hum1' }],
    });
  });

  it.each([
    'cpe:/a:redhat:hummingbird:2',
    'cpe:2.3:a:redhat:hummingbird:2:*:*:*:*:*:*:*',
    'CPE:/a:redhat:hummingbird:2',
    'cpe:/o:redhat:enterprise_linux:9',
    'x',
  ])('an image of another product, or of one that cannot be read, is not covered: %s', (cpe) => {
    expect(judge(feedOf(both), [rpm('gnutls-3.8.3-1.hum1')], cpe)).toEqual([
      `gnutls: not_covered: its CPE_NAME is ${cpe}, and the statements are about hummingbird 1`,
    ]);
  });
});

const folder = 'vendors2/hummingbird/quay+claircore/test/acceptance/testdata';

describe.skipIf(!hasData(folder))('the real documents of March 2026', () => {
  const read = (name: string) =>
    readDocument(readFileSync(dataPath(folder, name)), 'redhat-vex', `2026/${name}`, majors);
  const names = readdirSync(dataPath(folder)).filter((name) => name.endsWith('.json'));

  it('every product id is used or counted', () => {
    expect(names).toHaveLength(3);
    for (const name of names) {
      const { vulnerabilities } = JSON.parse(readFileSync(dataPath(folder, name), 'utf8')) as {
        vulnerabilities: { product_status: Record<string, string[]> }[];
      };
      const ids = vulnerabilities.flatMap(({ product_status }) => Object.values(product_status).flat());
      const { used, notes } = read(name);
      const dropped = notes.filter((note) => note.dropped).reduce((sum, { count }) => sum + count, 0);
      expect(used + dropped, name).toBe(ids.length);
      const ours = ids.filter((id) => /hardened images/i.test(id.replaceAll('_', ' ')));
      const rows = read(name).vulnerabilities.flatMap(({ rows }) => rows);
      const counted = rows.filter(({ stream }) => stream.platform === 'hummingbird-1');
      expect(
        counted.reduce((sum, { count }) => sum + count, 0),
        name,
      ).toBe(ours.length);
    }
  });

  it('judge an image', () => {
    const collector = new Collector('redhat');
    const assembly = new Assembly(collector, redHatDefinition);
    for (const name of names) assembly.add(read(name));
    assembly.finish();
    const feed = writeFeed(collector);

    const golang = (name: string, evr: string) => rpm(`${name}-${evr}`, { from: `golang1.25-${evr}` });
    expect(
      judge(feed, [
        golang('golang1.25', '1.25.7-1.hum1'),
        golang('golang1.25-src', '1.25.7-1.hum1'),
        golang('golang1.25-docs', '1.25.8-1.1.hum1'),
        rpm('golang1.26-1.26.0-1.hum1'),
        rpm('openssl-libs-3.5.4-1.hum1', { from: 'openssl-3.5.4-1.hum1' }),
        rpm('python3.14-libs-3.14.2-1.hum1', { from: 'python3.14-3.14.2-1.hum1' }),
        rpm('bash-5.3-1.hum1'),
      ]),
    ).toEqual([
      'golang1.25-src: CVE-2026-27142 affected available 0:1.25.8-1.1.hum1',
      'golang1.25: CVE-2026-27142 affected available 0:1.25.8-1.1.hum1',
      'openssl-libs: CVE-2026-2673 affected none_yet',
      'python3.14-libs: CVE-2026-2297 affected none_yet',
    ]);
  });
});

const invented =
  'vendors2/hummingbird/anchore+vunnel/tests/unit/providers/hummingbird/test-fixtures/input/advisories/2026';

it.skipIf(!hasData(invented))(
  'the cases of vunnel: a document about the product, and one that is not',
  () => {
    const rows = (name: string) =>
      recordOf(JSON.parse(readFileSync(dataPath(invented, name), 'utf8')) as object)
        .vulnerabilities.flatMap((each) => each.rows)
        .filter(({ stream }) => stream.platform === 'hummingbird-1')
        .map(({ status, name: of, subject, fixed }) => [status, subject, of, fixed]);
    expect(rows('cve-2026-12345.json')).toEqual([
      ['fixed', 'source', 'testpkg', '0:1.2.3-1.hum1'],
      ['not_affected', 'source', 'otherpkg', undefined],
      ['not_affected', 'binary', 'otherpkg', undefined],
    ]);
    expect(rows('cve-2026-99999.json')).toEqual([]);
  },
);
