import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dhiDefinition } from '../../../src/distros/dhi/definition.ts';
import { createSource, source } from '../../../src/distros/dhi/source.ts';
import { layersOf } from '../../../src/inventory/index.ts';
import { openSnapshotStore } from '../../../src/sources/snapshots.ts';
import { rootWith, scapfeed } from '../../support/cli.ts';
import { dataPath, hasData } from '../../support/data.ts';
import { archiveMisbehaviours, send, webPage } from '../../support/misbehaviour.ts';
import { expectLastKept } from '../../support/read-source.ts';
import { bodyOf, type CollectingSink, collectingSink, findingCounts } from '../../support/sources.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { unreadCounts } from '../../support/unread.ts';
import { dhiRecord, dhiZip, writeDhiMirror } from './world.ts';

async function read(records: readonly { id: string; [field: string]: unknown }[]): Promise<CollectingSink> {
  const store = openSnapshotStore(temporaryFolder());
  const url = 'https://example.test/HEAD.zip';
  const input = await store.save({ id: 'dhi-osv', source: 'dhi', url }, bodyOf(dhiZip(records)));
  const sink = collectingSink('dhi');
  await source.read([input], store, sink);
  return sink;
}

const rows = ({ statements }: CollectingSink) =>
  statements.map(({ platform, package: name, vulnerability, status, fixed, range, fixState }) =>
    [platform, name, vulnerability, status, fixed ?? range ?? fixState].join(' '),
  );

const all = [{ introduced: '0' }];

describe('advisories of packages of hardened images', () => {
  it('are of the release in the package URL, or in the ecosystem; both forms of a URL are read', async () => {
    const sink = await read([
      dhiRecord('CVE-2026-1', 'awscli', 'deb 13', { events: all }),
      dhiRecord('CVE-2026-2', 'coreutils', 'apk 3.24', { events: [...all, { fixed: '9.11-r1' }] }),
      dhiRecord('CVE-2026-3', 'python-3.12', 'apk 3.23', { versions: ['3.12.13-r7'] }),
      dhiRecord('CVE-2026-4', 'bash', 'apk 2.1', { events: all }),
      {
        ...dhiRecord('CVE-2026-5', 'bash', '', {}),
        affected: [
          {
            package: { ecosystem: 'x', name: 'bash', purl: 'pkg:deb/dhi/bash?distro=dhi-13' },
            ranges: [{ type: 'SEMVER', events: [...all, { fixed: '5.2.37-2+dhi10' }] }],
          },
          {
            package: { ecosystem: 'Docker Hardened Images:Alpine:3.22', name: 'bash' },
            ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '5.2-r1' }, { last_affected: '5.3-r0' }] }],
          },
          { package: { ecosystem: 'Docker Hardened Images', name: 'bash' }, versions: ['1'] },
        ],
      },
    ]);
    expect(rows(sink)).toEqual([
      'dhi-13 awscli CVE-2026-1 affected none_yet',
      'dhi-13 bash CVE-2026-5 fixed 5.2.37-2+dhi10',
      'dhi-3.22 bash CVE-2026-5 affected >=5.2-r1|<=5.3-r0',
      'dhi-3.23 python-3.12 CVE-2026-3 affected 3.12.13-r7',
      'dhi-3.24 coreutils CVE-2026-2 affected <9.11-r1'.replace('affected <', 'fixed '),
    ]);
    expect(findingCounts(sink.ledger)).toEqual({ '-no_release': 1, '-release_not_configured': 1 });
    expect([sink.ledger.records, sink.ledger.used]).toEqual([7, 5]);
    // The entry without a release may be about each.
    expect(unreadCounts(sink.ledger, 'dhi-3.24')).toEqual([['bash', 1]]);
  });

  it('an archive without them covers no image', async () => {
    const sink = await read([]);
    expect([sink.platforms, findingCounts(sink.ledger)]).toEqual([[], { archive_absent: 1 }]);
  });

  it('a release without them is no platform: its images are not covered', async () => {
    const sink = await read([
      dhiRecord('CVE-2026-2', 'coreutils', 'apk 3.24', { events: [...all, { fixed: '9.11-r1' }] }),
    ]);
    expect(sink.platforms.map(({ platform }) => platform.id)).toEqual(['dhi-3.24']);
    expect(findingCounts(sink.ledger)).toEqual({ release_absent: 3 });
  });

  const retyped = 'vendors2/dhi/retyped';
  it.skipIf(!hasData(retyped))('the vendor’s drafts are all used', async () => {
    const files = ['debian-affected-no-fixed/osv', 'e2e-alpine/osv'].flatMap((folder) =>
      readdirSync(dataPath(retyped, folder)).map((name) => dataPath(retyped, folder, name)),
    );
    const sink = await read(files.map((file) => JSON.parse(readFileSync(file, 'utf8'))));
    expect(rows(sink)).toEqual([
      'dhi-13 awscli CVE-2026-21441 affected none_yet',
      'dhi-13 python-3.9 CVE-2025-12781 affected none_yet',
      'dhi-3.24 coreutils CVE-2016-2781 fixed 9.11-r1',
    ]);
    expect(findingCounts(sink.ledger)).toEqual({ release_absent: 2 });
  });
});

describe('a server that misbehaves: the last good archive is kept', () => {
  const good = dhiZip([dhiRecord('CVE-2026-1', 'awscli', 'deb 13', { events: all })]);
  const torn = dhiRecord('CVE-2026-2', 'bash', 'deb 13', { events: [{ introduced: 0 }] });
  it.each([
    ...archiveMisbehaviours,
    { name: 'a web page', behaviour: webPage, code: 'SOURCE_MALFORMED' },
    { name: 'no bytes at all', behaviour: send(''), code: 'SOURCE_MALFORMED' },
    { name: 'an archive that stops', behaviour: send(good.subarray(0, -30)), code: 'SOURCE_MALFORMED' },
    { name: 'records in another form', behaviour: send(dhiZip([torn])), code: 'SOURCE_MALFORMED' },
  ])('$name', (bad) =>
    expectLastKept((archive) => createSource({ ...dhiDefinition, archive }), ['/HEAD.zip', good], bad),
  );
});

describe('images with ID=dhi', () => {
  const home = temporaryFolder();
  const feed = join(home, 'feed');
  const built = scapfeed([
    ...['build', '--source', 'dhi', '--snapshots', join(home, 'snapshots'), '--out', feed, '--mirror'],
    writeDhiMirror([
      dhiRecord('CVE-2016-2781', 'coreutils', 'apk 3.24', {
        events: [...all, { fixed: '9.11-r1' }],
        versions: ['9.11-r0'],
      }),
      dhiRecord('CVE-2025-12781', 'python-3.9', 'deb 13', { events: all }),
      dhiRecord('CVE-2026-5713', 'python-3.14', 'apk 3.23', { events: [...all, { fixed: '3.14.5-r7' }] }),
      dhiRecord('CVE-2025-12781', 'python-3.12', 'apk 3.23', { versions: ['3.12.13-r7'] }),
      dhiRecord('CVE-2026-9', 'openssl', 'deb 13', {
        events: [...all, { fixed: '3.5.1-1+dhi2' }, { introduced: '3.5.2-1' }, { fixed: '3.5.2-1+dhi3' }],
      }),
    ]),
  ]);
  expect(built, built.err).toMatchObject({ code: 0 });

  const root = (release: string, name: string, version: string) =>
    rootWith({
      'etc/os-release': `ID=dhi\nID_LIKE=x\nVERSION_ID=${release}\nPRETTY_NAME="Docker Hardened Images"\n`,
      ...(release === '13'
        ? {
            'var/lib/dpkg/status': `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n\n`,
          }
        : { 'lib/apk/db/installed': `P:${name}\nV:${version}\nA:x86_64\no:${name}\n\n` }),
    });

  const judged = (release: string, name: string, version: string, ...more: string[]) => {
    const { code, out, err } = scapfeed([
      ...['scan', `dir:${root(release, name, version)}`, '--feed', feed, '--max-age', '0', '-o', 'json'],
      ...['--show-ignored', ...more],
    ]);
    expect(out, err).not.toBe('');
    const { platform, verdicts, uncovered } = JSON.parse(out);
    expect(platform.id).toBe(`dhi-${release}`);
    return {
      code,
      found: verdicts.map((each: { vulnerability: string; fixedVersion?: string; ignored?: object }) =>
        [each.vulnerability, each.fixedVersion ?? '-', each.ignored ? 'lifted' : ''].join(' ').trim(),
      ),
      uncovered: uncovered.map(({ reason }: { reason: string }) => reason),
    };
  };

  /** The vendor's cases by name; without layers only a version with its mark shows whose build a package is. */
  it.each([
    ['alpine-coreutils-id-dhi', '3.24 coreutils 9.11-r0', ['CVE-2016-2781 9.11-r1'], []],
    ['debian-coreutils-not-affected', '13 coreutils 9.7-3+dhi3', [], []],
    ['alpine-layer-package-namespace', '3.24 jq 1.8.1-r0', [], ['not_covered']],
    ['debian-python-3.9-affected-no-fixed', '13 python-3.9 3.9.23-18', ['CVE-2025-12781 -'], []],
    ['alpine-python-fixed-version-excluded', '3.23 python-3.14 3.14.5-r7', [], ['not_covered']],
    ['alpine-python-not-affected', '3.23 python-3.10 3.10.20-r6', [], ['not_covered']],
    ['alpine-python-component-context', '3.23 python-3.12 3.12.13-r7', ['CVE-2025-12781 -'], []],
    ['its next build', '3.23 python-3.12 3.12.13-r8', [], ['not_covered']],
    ['customer-added-upstream-apk', '3.23 python-3.14 3.14.5-r7', [], ['not_covered']],
    ['a build below two fixes', '13 openssl 3.5.0-1+dhi1', ['CVE-2026-9 3.5.1-1+dhi2'], []],
    ['a build in the second interval', '13 openssl 3.5.2-1+dhi1', ['CVE-2026-9 3.5.2-1+dhi3'], []],
    ['a build between two intervals', '13 openssl 3.5.1-1+dhi5', [], []],
  ])('%s: %s', (_, build, found, uncovered) => {
    const [release = '', name = '', version = ''] = build.split(' ');
    expect(judged(release, name, version)).toEqual({
      ...{ code: uncovered.length > 0 ? 4 : 0, found, uncovered },
    });
  });

  const scenarios = 'vendors2/dhi/retyped/scenarios.tsv';
  const cases = hasData(scenarios)
    ? readFileSync(dataPath(scenarios), 'utf8')
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.split('\t'))
    : [];

  it.skipIf(cases.length === 0)('the vendor has eight cases', () => {
    expect(cases.map(([id, , , , , , , expected]) => `${id}: ${expected}`)).toEqual([
      'alpine-coreutils-id-dhi: true',
      'debian-coreutils-not-affected: false',
      'alpine-layer-package-namespace: upstream decides',
      'debian-python-3.9-affected-no-fixed: true',
      'alpine-python-fixed-version-excluded: false',
      'alpine-python-not-affected: false',
      'alpine-python-component-context: true',
      'customer-added-upstream-apk: upstream decides',
    ]);
  });

  /**
   * A package that no row is about and whose version has no mark is not covered: without layers nothing shows whether the vendor or
   * its distribution built it. The vendor's verdict is then "no finding", or that of the distribution, whose data this feed has not.
   */
  const uncoveredCases = [
    ...['alpine-layer-package-namespace', 'alpine-python-fixed-version-excluded'],
    ...['alpine-python-not-affected', 'customer-added-upstream-apk'],
  ];

  it.each(cases)("the vendor's case %s", (id = '', _family, scanned = '', upstream = '', ...more) => {
    const [membership, , , expected] = more;
    const [, type, name = '', version = '', release = ''] =
      /^pkg:(apk|deb)\/dhi\/([^@]+)@([^?]+)\?arch=[^&]+&distro=dhi-(.+)$/.exec(scanned) ?? [];
    expect([type, upstream.replace(/(alpine|debian)/g, 'dhi')]).toEqual([
      release === '13' ? 'deb' : 'apk',
      scanned,
    ]);
    const { found, uncovered } = judged(release, name, decodeURIComponent(version));
    expect(found.length > 0).toBe(expected === 'true');
    expect(uncovered).toEqual(uncoveredCases.includes(id) ? ['not_covered'] : []);
    if (membership === 'added layer') expect(expected).toBe('upstream decides');
  });

  it('an SBOM that names no source: packages are found by their own names', () => {
    const file = join(temporaryFolder(), 'sbom.json');
    const purl = 'pkg:apk/dhi/coreutils@9.11-r0?arch=x86_64&distro=dhi-3.24';
    writeFileSync(
      file,
      JSON.stringify({
        ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 },
        components: [
          { type: 'operating-system', name: 'dhi', version: '3.24' },
          { type: 'library', name: 'coreutils', version: '9.11-r0', purl },
        ],
      }),
    );
    const scanned = scapfeed(['scan', `sbom:${file}`, '--feed', feed, '--max-age', '0', '-o', 'json']);
    expect(JSON.parse(scanned.out)).toMatchObject({
      verdicts: [{ vulnerability: 'CVE-2016-2781', fixedVersion: '9.11-r1' }],
      uncovered: [],
    });
  });

  it.each([
    [
      'the vendor’s VEX contradicts its advisory: it informs, and lifts nothing',
      'DHI-CVE-2025-12781-python-3.9',
      ['CVE-2025-12781 -'],
    ],
    ['VEX of the user lifts', 'CVE-2025-12781', ['CVE-2025-12781 - lifted']],
  ])('%s', (_, name, found) => {
    const file = join(temporaryFolder(), 'vex.json');
    const product = 'pkg:deb/dhi/python-3.9@3.9.23-18';
    const statement = {
      vulnerability: { name, aliases: ['CVE-2025-12781'] },
      products: [{ '@id': product }],
      ...{ status: 'not_affected', justification: 'vulnerable_code_not_present' },
      timestamp: '2026-06-30T00:00:00Z',
    };
    writeFileSync(
      file,
      JSON.stringify({
        ...{ '@context': 'https://openvex.dev/ns/v0.2.0', '@id': 'https://example/vex', version: 1 },
        ...{ author: 'A', timestamp: '2026-06-30T00:00:00Z', statements: [statement] },
      }),
    );
    expect(judged('13', 'python-3.9', '3.9.23-18', '--vex', file).found).toEqual(found);
  });
});

describe('the layers of the hardened image', () => {
  const diffIds = ['1', '2', '3'].map((digit) => `sha256:${digit.repeat(64)}`);
  const layers = diffIds.map((diffId) => ({ diffId }));
  const chain = diffIds.slice(0, 2).reduce((below, diffId) => {
    return `sha256:${createHash('sha256').update(`${below} ${diffId}`).digest('hex')}`;
  });

  it('are those that have the ChainID of its label', () => {
    expect([layersOf(chain, layers), layersOf(diffIds[0]!, layers), layersOf(diffIds[1]!, layers)]).toEqual([
      2,
      1,
      undefined,
    ]);
    expect(layersOf(chain, [{}, ...layers])).toBeUndefined();
  });
});
