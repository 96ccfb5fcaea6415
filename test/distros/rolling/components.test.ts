import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createHttp } from '../../../src/io/http/create-http.ts';
import { openSnapshotStore } from '../../../src/sources/snapshots.ts';
import { apkRecord } from '../../packaging/apk/record.ts';
import { rootWith, scapfeed } from '../../support/cli.ts';
import { dataPath, hasData } from '../../support/data.ts';
import { readSource } from '../../support/read-source.ts';
import { type CollectingSink, findingCounts } from '../../support/sources.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { type Component, componentRecord, sourceOf, writeComponentMirror } from './components-world.ts';
import { writeRollingMirror } from './world.ts';

/** Made records in the form of the third feed: of the real one a single record was at hand, which somebody had edited. */
const recordsOf = (components: readonly Component[]) =>
  components.map((component, at) => componentRecord(at, component));

async function read(name: 'chainguard' | 'wolfi', mirror: string): Promise<CollectingSink> {
  return readSource(sourceOf(name), mirror);
}

const rows = ({ statements }: CollectingSink) =>
  statements.map(({ platform, package: name, subject, vulnerability, status, fixed, fixState, arch = [] }) =>
    [platform, name, subject, arch.join('+'), vulnerability, status, fixed ?? fixState ?? '-'].join(' '),
  );

describe('records of components', () => {
  // https://github.com/aquasecurity/trivy-db/pull/686
  it('one without a fix leaves the package without one (trivy-db#686); else the highest fix holds; where no component has the flaw, nothing has', async () => {
    const said = (cve: string, ...fixes: (string | undefined)[]): Component[] =>
      fixes.map((fixed) => ({ name: 'curl', cve, ...(fixed !== undefined && { fixed }) }));
    const sink = await read(
      'wolfi',
      writeComponentMirror(
        recordsOf([
          ...said('CVE-2026-1001', '8.9.0-r0', undefined, '0'),
          ...said('CVE-2026-1002', '8.9.0-r0', '8.10.0-r1', '0'),
          ...said('CVE-2026-1003', '0', '0'),
        ]),
      ),
    );
    expect(rows(sink)).toEqual([
      'wolfi-rolling curl binary x86_64 CVE-2026-1001 affected none_yet',
      'wolfi-rolling curl binary x86_64 CVE-2026-1002 fixed 8.10.0-r1',
      'wolfi-rolling curl binary x86_64 CVE-2026-1003 not_affected -',
    ]);
    // Each record has an entry for Chainguard OS besides.
    expect([sink.ledger.records, sink.ledger.used, findingCounts(sink.ledger)]).toEqual([
      16,
      8,
      { '-other_ecosystem': 8 },
    ]);
    expect(sink.platforms).toMatchObject([
      { platform: { id: 'wolfi-rolling' }, data: { inputs: ['wolfi-osv'], marks: ['no_package_list'] } },
    ]);
  });

  it('architectures with one fix are one row, others rows of their own', async () => {
    const of = (arch: 'aarch64' | 'x86_64', cve: string, fixed: string) => ({
      name: 'prism',
      arch,
      cve,
      fixed,
    });
    const sink = await read(
      'chainguard',
      writeComponentMirror(
        recordsOf([
          of('aarch64', 'CVE-2025-25289', '5.14.3-r1'),
          of('x86_64', 'CVE-2025-25289', '5.14.3-r8'),
          of('aarch64', 'CVE-2025-25290', '5.14.3-r2'),
          of('x86_64', 'CVE-2025-25290', '5.14.3-r2'),
        ]),
      ),
    );
    expect(rows(sink)).toEqual([
      'chainguard-rolling prism binary aarch64 CVE-2025-25289 fixed 5.14.3-r1',
      'chainguard-rolling prism binary x86_64 CVE-2025-25289 fixed 5.14.3-r8',
      'chainguard-rolling prism binary aarch64+x86_64 CVE-2025-25290 fixed 5.14.3-r2',
    ]);
    expect(sink.statements[2]!.advisories).toHaveLength(2);
  });

  it.each([
    ['only entries that are not affected', recordsOf([{ name: 'curl', cve: 'CVE-2026-1', fixed: '0' }])],
    [
      "only another vendor's entries",
      recordsOf([{ name: 'curl', cve: 'CVE-2026-1', fixed: '1-r0', ecosystems: ['Chainguard'] }]),
    ],
  ])('an archive with %s is refused', async (_, records) => {
    await expect(read('wolfi', writeComponentMirror(records))).rejects.toMatchObject({
      code: 'SOURCE_MALFORMED',
    });
  });

  it('without the archive the security database is read, and that is said', async () => {
    const sink = await read(
      'wolfi',
      writeRollingMirror('wolfi', { openssl: { '3.0.7-r0': ['CVE-2022-3602'] } }),
    );
    expect(rows(sink)).toEqual(['wolfi-rolling openssl   CVE-2022-3602 fixed 3.0.7-r0']);
    expect(sink.ledger.findings()).toMatchObject([
      { reason: 'input_absent', dropped: false, examples: [expect.objectContaining({ where: 'wolfi-osv' })] },
    ]);
    expect(JSON.stringify(sink.ledger.findings())).toContain('renewed until 2026-12-31');
    expect(sink.platforms).toMatchObject([{ data: { marks: ['fixes_only', 'no_package_list'] } }]);
  });

  it('an archive that was there and is gone stays in use', async () => {
    const store = openSnapshotStore(temporaryFolder());
    const source = sourceOf('wolfi');
    const fetch = async (mirror: string) => {
      const http = createHttp({ mirror });
      try {
        return await source.fetch({ http, store, now: new Date('2026-11-24'), progress: () => {} });
      } finally {
        await http.close();
      }
    };
    await fetch(writeComponentMirror(recordsOf([{ name: 'curl', cve: 'CVE-2026-1001' }])));
    const kept = await fetch(writeRollingMirror('wolfi', { openssl: { '3.0.7-r0': ['CVE-2022-3602'] } }));
    expect(kept.map(({ id }) => id)).toEqual(['wolfi-osv']);
  });
});

const record =
  'vendors2/chainguard/anchore+vunnel/tests/unit/providers/chainguard/test-fixtures/input/osv/CGA-22hv-wp9q-4779.json';

it.skipIf(!hasData(record))(
  'the record at hand, an edited one: every entry is used by one of the two',
  async () => {
    const mirror = writeComponentMirror([JSON.parse(readFileSync(dataPath(record), 'utf8')) as object]);
    const [paid, free] = [await read('chainguard', mirror), await read('wolfi', mirror)];
    expect([...rows(paid), ...rows(free)]).toEqual([
      'chainguard-rolling langfuse-3-worker binary x86_64 CVE-2026-24398 fixed 3.153.0-r0',
      'chainguard-rolling langfuse-fips-3-worker binary x86_64 CVE-2026-24398 fixed 3.152.0-r0',
      'wolfi-rolling langfuse-3-worker binary aarch64 CVE-2026-24398 fixed 3.153.0-r0',
    ]);
    expect([paid.ledger.used, free.ledger.used]).toEqual([2, 1]);
  },
);

interface Scanned {
  verdicts: { vulnerability: string; package: { name: string }; fixedVersion?: string; fixState?: string }[];
}

describe('a package is judged by its own name and its origin', () => {
  const out = join(temporaryFolder('feed'), 'out');
  const built = (() => {
    const mirror = writeComponentMirror(
      recordsOf([
        { name: 'katib', cve: 'CVE-2026-1001', fixed: '1.0-r5' },
        { name: 'katib-skopt', cve: 'CVE-2026-1002' },
        // The origin has the flaw; of its part it is said that it has it not, or that it was mended sooner.
        { name: 'katib', cve: 'CVE-2026-1003' },
        { name: 'katib-skopt', cve: 'CVE-2026-1003', fixed: '0' },
        { name: 'katib', cve: 'CVE-2026-1004', fixed: '1.0-r9' },
        { name: 'katib-skopt', cve: 'CVE-2026-1004', fixed: '1.0-r2' },
        { name: 'prism', cve: 'CVE-2025-25289', arch: 'aarch64', fixed: '1.0-r1' },
        { name: 'prism', cve: 'CVE-2025-25289', arch: 'x86_64', fixed: '1.0-r8' },
      ]),
    );
    const args = ['build', '--source', 'wolfi', '--mirror', mirror, '--out', out];
    return scapfeed([...args, '--snapshots', join(out, '../snapshots')]);
  })();

  const scan = (...records: string[]) => {
    expect(built, built.err).toMatchObject({ code: 0 });
    const root = rootWith({ 'etc/os-release': 'ID=wolfi\n', 'lib/apk/db/installed': records.join('') });
    const { out: text, err } = scapfeed([
      'scan',
      `dir:${root}`,
      '--feed',
      out,
      '--max-age',
      '0',
      '-o',
      'json',
    ]);
    expect(text, err).not.toBe('');
    return (JSON.parse(text) as Scanned).verdicts
      .map(({ vulnerability, package: { name }, fixedVersion, fixState }) =>
        [name, vulnerability, fixedVersion ?? fixState].join(' '),
      )
      .sort();
  };

  // https://github.com/aquasecurity/trivy/pull/11015
  it('neither set holds the other (trivy#11015); its own statement on a flaw outweighs its origin’s', () => {
    expect(scan(apkRecord('katib-skopt', '1.0-r3', { o: 'katib' }), apkRecord('katib', '1.0-r3'))).toEqual([
      'katib CVE-2026-1001 1.0-r5',
      'katib CVE-2026-1003 none_yet',
      'katib CVE-2026-1004 1.0-r9',
      'katib-skopt CVE-2026-1001 1.0-r5',
      'katib-skopt CVE-2026-1002 none_yet',
    ]);
  });

  it.each([
    ['aarch64', []],
    ['x86_64', ['prism CVE-2025-25289 1.0-r8']],
    ['noarch', ['prism CVE-2025-25289 1.0-r8']],
  ])('of its architecture: %s', (A, wanted) => {
    expect(scan(apkRecord('prism', '1.0-r3', { A }))).toEqual(wanted);
  });
});
