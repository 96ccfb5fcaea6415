import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { platformId, suseDefinition } from '../../../src/distros/suse/definition.ts';
import { createSource } from '../../../src/distros/suse/source.ts';
import { streamOf } from '../../../src/distros/suse/streams.ts';
import { componentOf } from '../../../src/distros/suse/vocabulary.ts';
import { createHttp } from '../../../src/io/http/create-http.ts';
import { lifePhaseOn } from '../../../src/model/feed/index.ts';
import { openSnapshotStore } from '../../../src/sources/snapshots.ts';
import { dataPath, hasData } from '../../support/data.ts';
import { readSource } from '../../support/read-source.ts';
import { type CollectingSink, findingCounts } from '../../support/sources.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { unreadCounts } from '../../support/unread.ts';
import { type SuseMirror, type SuseVex, vexDocument, writeSuseMirror } from './world.ts';

async function readMirror(mirror: string, folder = temporaryFolder()): Promise<CollectingSink> {
  return readSource(createSource(suseDefinition), mirror, { snapshots: folder });
}

const read = (...archive: SuseMirror['archive']) => readMirror(writeSuseMirror({ archive }));
const readOne = (vex: Omit<SuseVex, 'id'>) => read({ id: 'CVE-2026-1000', ...vex });

/** `PLATFORM[/CHANNEL] PACKAGE STATUS …`, of binaries; rows of sources begin with `src:`. */
const rows = ({ statements }: CollectingSink) =>
  statements
    .map(({ platform, channel, subject, package: name, status, fixed, fixState, reason, channelFix }) =>
      [
        channel === undefined ? platform : `${platform}/${channel}`,
        subject === 'binary' ? name : `src:${name}`,
        status,
        fixed,
        fixState,
        reason,
        channelFix,
      ]
        .filter(Boolean)
        .join(' '),
    )
    .sort();

const basesystem = 'SUSE Linux Enterprise Module for Basesystem 15 SP5';
const legacy = 'SUSE Linux Enterprise Module for Legacy 15 SP5';
const sles = 'SUSE Linux Enterprise Server 15 SP5';

describe("SUSE's documents", () => {
  it('recommend builds, which are fixes of the service pack whose module has them', async () => {
    const sink = await readOne({
      status: {
        recommended: [
          `${basesystem}:bash-4.4-150400.27.1`,
          `${sles}:bash-4.4-150400.27.1`,
          'SUSE Linux Enterprise Server 16.0:bash-5.2-160000.3.1',
          'SUSE Linux Enterprise Micro 5.5:bash-4.4-150400.27.1',
          'openSUSE Leap 15.6:bash-4.4-150600.3.1',
          'openSUSE Tumbleweed:bash-5.3.3-1.1',
        ],
      },
    });
    expect(rows(sink)).toEqual([
      'opensuse-leap-15.6 bash fixed 4.4-150600.3.1',
      'opensuse-tumbleweed bash fixed 5.3.3-1.1',
      'sle-micro-5.5 bash fixed 4.4-150400.27.1',
      'sles-15.5 bash fixed 4.4-150400.27.1',
      'sles-16.0 bash fixed 5.2-160000.3.1',
    ]);
    expect(sink.statements[0]).toMatchObject({
      severity: 'high',
      evidence: 'suse-csaf-vex#{cve}.json/vulnerabilities/0/product_status/recommended',
    });
    expect([sink.ledger.records, sink.ledger.used]).toEqual([6, 6]);
    expect(sink.platforms.map(({ platform }) => platform.id).sort()).toEqual([
      'opensuse-leap-15.6',
      'opensuse-tumbleweed',
      'sle-micro-5.5',
      'sles-15.5',
      'sles-16.0',
    ]);
  });

  it('name what is unfixed without a version: as a binary, and as a source', async () => {
    const { ledger, ...sink } = await readOne({
      status: {
        known_affected: [`${sles}:bash`],
        known_not_affected: [`${sles}:libdcerpc-binding0-32bit`],
        under_investigation: [`${sles}:curl`],
      },
      remediations: [{ category: 'no_fix_planned', product_ids: [`${sles}:bash`] }],
    });
    expect(rows({ ledger, ...sink })).toEqual([
      'sles-15.5 bash affected will_not_fix',
      'sles-15.5 curl under_investigation',
      'sles-15.5 libdcerpc-binding0-32bit not_affected',
      'sles-15.5 src:bash affected will_not_fix',
      'sles-15.5 src:curl under_investigation',
      'sles-15.5 src:libdcerpc-binding0-32bit not_affected',
    ]);
    expect([ledger.records, ledger.used]).toEqual([3, 3]);
  });

  it('with a fix in LTSS alone: the release has the flaw, and the fix is elsewhere', async () => {
    const ltss = 'SUSE Linux Enterprise Server 15 SP4-LTSS';
    const sink = await readOne({ status: { recommended: [`${ltss}:bash-4.4-150400.27.1`] } });
    expect(rows(sink)).toEqual([
      'sles-15.4 bash affected other_channel ltss 4.4-150400.27.1',
      'sles-15.4/ltss bash fixed 4.4-150400.27.1',
    ]);
    expect(sink.statements.find(({ channel }) => channel === undefined)?.marks).toEqual(['inferred']);
  });

  it('keep LTSS and other products apart from what the release itself gets', async () => {
    const sink = await readOne({
      status: {
        recommended: [
          `${sles}:bash-4.4-150400.27.1`,
          'SUSE Linux Enterprise Server 15 SP5-LTSS:bash-4.4-150400.29.1',
          'SUSE Linux Enterprise Server for SAP Applications 15 SP5:bash-4.4-150400.28.1',
        ],
      },
    });
    expect(rows(sink)).toEqual([
      'sles-15.5 bash fixed 4.4-150400.27.1',
      'sles-15.5/ltss bash fixed 4.4-150400.29.1',
      'sles-15.5/sap bash fixed 4.4-150400.28.1',
    ]);
  });

  it('that contradict themselves about a package end on the side of the flaw', async () => {
    const sink = await readOne({
      status: {
        recommended: [`${basesystem}:openssl-1.1.1l-150500.1.1`],
        known_not_affected: [`${legacy}:openssl`],
      },
    });
    expect(rows(sink)).toEqual([
      'sles-15.5 openssl fixed 1.1.1l-150500.1.1',
      'sles-15.5 src:openssl not_affected',
    ]);
    expect(findingCounts(sink.ledger)).toMatchObject({ affected_and_not: 1 });
  });

  it('that recommend several builds for one service pack: the last of them has the fix', async () => {
    const sink = await readOne({
      status: { recommended: [`${basesystem}:bash-4.4-150400.9.1`, `${legacy}:bash-4.4-150400.27.1`] },
    });
    expect(rows(sink)).toEqual(['sles-15.5 bash fixed 4.4-150400.27.1']);
    expect(findingCounts(sink.ledger)).toMatchObject({ several_builds: 1 });
  });

  it('about other products and older releases are counted', async () => {
    const sink = await readOne({
      status: {
        known_affected: [
          'SUSE Manager Server 4.3:bash',
          'SUSE Linux Enterprise Server 11 SP1:bash',
          `${sles}:bash-debuginfo`,
        ],
      },
    });
    expect(rows(sink)).toEqual([]);
    expect(findingCounts(sink.ledger)).toMatchObject({
      '-other_product': 1,
      '-release_not_compiled': 1,
      '-debug_package': 1,
    });
    expect([sink.ledger.records, sink.ledger.used]).toEqual([3, 0]);
    expect(sink.platforms).toEqual([]);
  });

  it('without products say nothing, which is not clean (CVE-1999-0003)', async () => {
    const sink = await readOne({});
    expect(sink.statements).toEqual([]);
    expect(findingCounts(sink.ledger)).toMatchObject({ nothing_said: 1 });
  });

  it('that are error pages are findings (suse-su-403.json)', async () => {
    const page = (path: string, text: string) => ({ path, text });
    const sink = await read(
      { id: 'CVE-2026-1000', status: { known_affected: [`${sles}:bash`] } },
      page('cve-2026-403.json', JSON.stringify({ document: { title: '403 Forbidden' } })),
      page('cve-2026-404.json', '<html>not found</html>'),
    );
    expect(rows(sink)).toHaveLength(2);
    expect(findingCounts(sink.ledger)).toMatchObject({ '-document_malformed': 2 });
    expect(sink.ledger.hasUnreadRecords('sles-15.5')).toBe(true);
  });

  it('that cannot be read leave no clean result for the packages that they name, on any release', async () => {
    const text = JSON.stringify(
      vexDocument({ id: 'CVE-2026-1000', status: { known_affected: [`${sles}:bash`] } }),
    );
    const purl = '"purl":"pkg:rpm\\/suse/zlib@1.2?arch=x86_64"';
    const sink = await read(
      { id: 'CVE-2026-1001', status: { known_affected: [`${sles}:curl`] } },
      { path: 'cve-2026-1000.json', text: text.replace('"CVE-2026-1000"', `7,${purl}`) },
    );
    const named = unreadCounts(sink.ledger, 'sles-15.5');
    expect(named).toContainEqual(['zlib', 1]);
    expect(unreadCounts(sink.ledger, 'opensuse-tumbleweed')).toEqual(named);
    expect(sink.ledger.hasUnreadRecords('sles-15.5')).toBe(false);
  });

  it('with a status or a rating of another vocabulary are counted', async () => {
    const text = JSON.stringify(
      vexDocument({
        id: 'CVE-2026-1000',
        severity: 'terrible',
        status: { known_affected: [`${sles}:bash`] },
      }),
    ).replace('"product_status":{', `"product_status":{"last_affected":["${sles}:bash"],`);
    const sink = await read({ path: 'cve-2026-1000.json', text });
    expect(sink.statements.map(({ severity }) => severity)).toEqual(['unknown', 'unknown']);
    expect(findingCounts(sink.ledger)).toMatchObject({ '-unknown_status': 1, unknown_severity: 1 });
  });

  it('are not read as more than the archive if they are renewed: changed documents replace it', async () => {
    const old = { id: 'CVE-2026-1000', status: { known_affected: [`${sles}:bash`] } } as const;
    const renewed = { ...old, status: { recommended: [`${sles}:bash-4.4-150400.27.1`] } } as const;
    const folder = temporaryFolder();
    const before = await readMirror(writeSuseMirror({ archive: [old] }), folder);
    expect(rows(before)).toHaveLength(2);

    const after = await readMirror(writeSuseMirror({ archive: [old], changed: [renewed] }), folder);
    expect(rows(after)).toEqual(['sles-15.5 bash fixed 4.4-150400.27.1']);
  });

  it('of an archive that is cut do not replace the last good one', async () => {
    const good = { id: 'CVE-2026-1000', status: { known_affected: [`${sles}:bash`] } } as const;
    // More changes than are fetched one by one, so that the archive is fetched again.
    const changed = Array.from({ length: 3 }, (_, at) => ({ ...good, id: `CVE-2026-200${at}` }));
    const definition = { ...suseDefinition, limits: { ...suseDefinition.limits, archiveAbove: 1 } };
    const [before, after] = [{ archive: [good] }, { archive: [good, ...changed], changed }].map(
      writeSuseMirror,
    );
    const archive = join(after!, 'ftp.suse.com/pub/projects/security/csaf-vex.tar.bz2');
    writeFileSync(archive, readFileSync(archive).subarray(0, -3000));
    const store = openSnapshotStore(temporaryFolder());
    const fetch = async (mirror: string) => {
      const http = createHttp({ mirror });
      try {
        const context = { http, store, now: new Date('2026-11-24'), progress: () => {} };
        return await createSource(definition).fetch(context);
      } finally {
        await http.close();
      }
    };
    const held = async () => (await store.list('suse')).find(({ id }) => id.endsWith('-archive'))?.sha256;
    await fetch(before!);
    const last = await held();
    await expect(fetch(after!)).rejects.toMatchObject({ code: 'SOURCE_MALFORMED' });
    expect(last).toMatch(/^[0-9a-f]{64}$/);
    expect(await held()).toBe(last);
  });

  it('are in the archive: one without any is refused', async () => {
    await expect(read()).rejects.toMatchObject({ code: 'SOURCE_MALFORMED' });
  });

  it('are said to be unsigned, since nobody can check their signatures', async () => {
    const sink = await readOne({ status: { known_affected: [`${sles}:bash`] } });
    expect(findingCounts(sink.ledger)).toMatchObject({ signature_unchecked: 1 });
    expect(sink.platforms.map(({ data }) => data.marks)).toEqual([
      ['no_package_list', 'unchecked_signatures'],
    ]);
  });
});

describe('what cannot be read', () => {
  it('is told of the packages that it names, unless the document says something else of them', async () => {
    const sink = await readOne({
      status: {
        // Without a version no build has the fix.
        recommended: [`${sles}:bash`, `${sles}:zlib`, `${sles}:zlib-1.2-150500.1.1`],
        pondered: [`${sles}:curl`, `${sles}:curl-devel`],
      },
    });
    expect(rows(sink)).toEqual(['sles-15.5 zlib fixed 1.2-150500.1.1']);
    expect(unreadCounts(sink.ledger, 'sles-15.5')).toEqual([
      ['bash', 1],
      ['curl', 1],
      ['curl-devel', 1],
    ]);
  });

  it('builds of Package Hub and Leap are read', async () => {
    const sink = await readOne({
      cpes: false,
      status: { recommended: ['openSUSE Leap 15.6:chromium-119.0.6045.159-bp156.2.3.1'] },
    });
    expect(rows(sink)).toEqual(['opensuse-leap-15.6 chromium fixed 119.0.6045.159-bp156.2.3.1']);
  });
});

describe('a product id', () => {
  it.each([
    [
      'samba-client-libs-4.19.4+git.339.acf1ccaa02-1.22',
      undefined,
      'samba-client-libs',
      '4.19.4+git.339.acf1ccaa02-1.22',
    ],
    ['libdcerpc-binding0-32bit', undefined, 'libdcerpc-binding0-32bit', undefined],
    ['java-1_8_0-openjdk', undefined, 'java-1_8_0-openjdk', undefined],
    ['libfoo-2-32bit', undefined, 'libfoo-2-32bit', undefined],
    // Only the CPE tells these from a build.
    ['php-7-2', 'cpe:2.3:a:php:php:*:*:*:*:*:*:*:*', 'php-7-2', undefined],
    ['php-7-2', 'cpe:2.3:a:php:php:7:*:*:*:*:*:*:*', 'php', '7-2'],
    ['a-b-1', 'cpe:2.3:a:a\\:b:c:b:*:*:*:*:*:*:*', 'a', 'b-1'],
    // As SUSE's own documents have it: the CPE is not to be believed.
    ['samba-ad-dc', 'cpe:2.3:a:samba:samba:ad:*:*:*:*:*:*:*', 'samba-ad-dc', undefined],
    ['samba-client-32bit', 'cpe:2.3:a:samba:samba:client:*:*:*:*:*:*:*', 'samba-client-32bit', undefined],
    ['chromium-119.0.6045.159-bp155.3.3.1', undefined, 'chromium', '119.0.6045.159-bp155.3.3.1'],
    ['opera-96.0.4693.80-lp154.2.35.1', undefined, 'opera', '96.0.4693.80-lp154.2.35.1'],
    ['python3-Django-4.2~rc1-bp156.1.1', undefined, 'python3-Django', '4.2~rc1-bp156.1.1'],
    ['libfoo1-v1.0~rc1-1.1', undefined, 'libfoo1', 'v1.0~rc1-1.1'],
    ['lib-3-x86', undefined, 'lib-3-x86', undefined],
  ])('%s beside %s is %s %s', (id, cpe, name, version) => {
    expect(componentOf(id, cpe)).toMatchObject({ name, version });
  });

  it('that is no package name is not used', () => {
    expect(componentOf('a b', undefined)).toMatchObject({ reason: 'no_package_name' });
  });
});

it.each([
  ['cpe:/o:suse:sles:12:sp4', 'sles-12.4'],
  ['cpe:/o:suse:sles:15', 'sles-15'],
  ['cpe:/o:suse:sles-ltss:15:sp1', 'sles-15.1'],
  ['cpe:/o:opensuse:leap:15.3', 'opensuse-leap-15.3'],
  ['cpe:/o:suse:sle-micro:5.0', 'sle-micro-5.0'],
  ['cpe:/o:suse:sle-micro:5.3', 'sle-micro-5.3'],
])('a release past its support is compiled: %s', (cpe, platform) => {
  const all = new Set(suseDefinition.releases.map((release) => platformId(release.system, release.version)));
  expect(streamOf(cpe, all)).toMatchObject({ platform });
  const { life } = suseDefinition.releases.find(
    ({ system, version }) => platformId(system, version) === platform,
  )!;
  expect(lifePhaseOn({ life }, '2026-11-24')).toBe('end_of_life');
});

describe('a product', () => {
  const known = new Set([
    'sles-12.5',
    'sles-15',
    'sles-15.5',
    'sles-16.0',
    'sle-micro-5.5',
    'opensuse-tumbleweed',
  ]);
  it.each([
    ['cpe:/o:suse:sles:12:sp5', { platform: 'sles-12.5' }],
    ['cpe:/o:suse:sles:15', { platform: 'sles-15' }],
    ['cpe:/o:suse:sle-module-public-cloud:15:sp5', { platform: 'sles-15.5' }],
    ['cpe:/o:suse:sled:15:sp5', { platform: 'sles-15.5' }],
    ['cpe:/o:suse:sles:16:16.0:server', { platform: 'sles-16.0' }],
    ['cpe:/o:suse:sle_hpc-espos:15:sp5', { platform: 'sles-15.5', channel: 'hpc' }],
    ['cpe:/o:suse:sle-module-rt:15:sp5', { platform: 'sles-15.5', channel: 'rt' }],
    ['cpe:/o:suse:sle-micro:5.5', { platform: 'sle-micro-5.5' }],
    ['cpe:/o:opensuse:tumbleweed', { platform: 'opensuse-tumbleweed' }],
    ['cpe:/o:suse:sles:15:sp9', { reason: 'release_not_compiled' }],
    ['cpe:/o:suse:sles:fifteen', { reason: 'platform_without_version' }],
    ['cpe:/o:suse:suse-manager-server:4.3', { reason: 'other_product' }],
    ['cpe:/o:novell,inc:OES:23.4', { reason: 'other_product' }],
    ['SUSE Linux', { reason: 'malformed_cpe' }],
    [undefined, { reason: 'platform_without_cpe' }],
  ])('%s', (cpe, stream) => {
    expect(streamOf(cpe, known)).toEqual(stream);
  });
});

const archive = ['mirror', 'ftp.suse.com', 'pub/projects/security/csaf-vex.tar.bz2'] as const;

describe.skipIf(!hasData(...archive))('the real archive at hand', () => {
  it('is read with every product id accounted for', async () => {
    expect(existsSync(dataPath(...archive))).toBe(true);
    const sink = await readMirror(dataPath('mirror'));
    const { records, used } = sink.ledger;
    const dropped = sink.ledger
      .findings()
      .reduce((sum, { dropped: isDropped, count }) => sum + (isDropped ? count : 0), 0);
    expect(records).toBe(1185);
    expect(used + dropped).toBe(records);
    expect(used).toBeGreaterThan(200);
    const ctdb = sink.statements.find(
      ({ platform, package: name }) => platform === 'opensuse-tumbleweed' && name === 'ctdb',
    );
    expect(ctdb).toMatchObject({ vulnerability: 'CVE-2023-5568', status: 'fixed', severity: 'medium' });
  });
});
