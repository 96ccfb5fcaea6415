import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ScanResult } from '../../src/model/verdict/index.ts';
import {
  compareFindings,
  languageFeed,
  purlsAround,
  scanFindings,
  trivyFindingsOf,
  writeBom,
} from '../prove-exports/languages.ts';
import { scapfeed } from '../support/cli.ts';
import { dataPath, hasData } from '../support/data.ts';
import { npmCommand } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { type OsvRecords, writeOsvMirror } from './world.ts';

const folder = ['vendors2', 'bitnami'];
const grype = [...folder, 'anchore+grype/grype/matcher/bitnami/testdata/bitnami/bitnami/results'];
const syft = [...folder, 'anchore+syft/syft/pkg/cataloger/bitnami/testdata'];

/** Bitnami's database by id, as a checkout of its repository has it, and records of it that Grype's tests bring. */
function database(): Record<string, string> {
  const work = temporaryFolder();
  execFileSync('tar', ['-C', work, '-xf', dataPath(...folder, 'vulndb.tar.xz')]);
  const records: Record<string, string> = {};
  for (const path of readdirSync(work, { recursive: true, encoding: 'utf8' }).sort())
    if (path.endsWith('.json')) records[basename(path, '.json')] = readFileSync(join(work, path), 'utf8');
  return records;
}

function ofGrype(): Record<string, object> {
  return Object.fromEntries(
    readdirSync(dataPath(...grype)).map((name) => {
      const { item } = JSON.parse(readFileSync(dataPath(...grype, name), 'utf8')) as { item: { id: string } };
      return [item.id, item];
    }),
  );
}

/** Component, version, and the records that Grype's own tests expect. */
const expected: readonly (readonly [name: string, version: string, records: readonly string[]])[] = [
  ['spark', '3.2.1', ['BIT-spark-2022-31777', 'BIT-spark-2023-22946']],
  ['spark', '3.2.4', ['BIT-spark-2023-22946']],
  ['spark', '3.3.0', ['BIT-spark-2022-31777', 'BIT-spark-2023-22946']],
  ['spark', '3.4.1', []],
  ['apache', '2.4.40', ['BIT-apache-2020-11984']],
  ['apache', '2.4.10', ['BIT-apache-2020-11985']],
  ['apache', '2.4.50', []],
  ['node', '12.18.0', ['BIT-node-2020-8201']],
  ['node', '12.18.4', []],
];

describe.skipIf(!hasData(...folder, 'vulndb.tar.xz'))("Bitnami's database", () => {
  it('is used whole but for a record with a bound that is no version, and judges the cases of Grype', () => {
    const work = temporaryFolder();
    const records: OsvRecords = database();
    expect(Object.keys(records)).toHaveLength(5227);
    const built = scapfeed([
      ...['build', '--source', 'osv', '--no-ratings', '--no-oval', '--unsigned-mirror'],
      ...['--mirror', writeOsvMirror({ Bitnami: records }), '--out', join(work, 'feed')],
    ]);
    expect(built.code, built.err).toBe(0);
    expect(JSON.parse(readFileSync(join(work, 'feed/manifest.json'), 'utf8')).sources).toMatchObject([
      {
        ...{ records: 5227, used: 5226, dropped: 1 },
        findings: [
          { reason: 'absurd_version', examples: [{ detail: 'nightly.2026-03-10.0' }] },
          { count: 8 },
        ],
      },
    ]);

    const { feed } = languageFeed({ Bitnami: { ...ofGrype(), ...records } }, join(work, 'all'), 'osv');
    const asked = new Set(expected.flatMap(([, , ids]) => ids));
    for (const [name, version, ids] of expected)
      for (const build of [version, `${version}-0`, `${version}-12`]) {
        const bom = writeBom(join(work, 'bom.json'), [`pkg:bitnami/${name}@${build}`]);
        const { out, err } = scapfeed(['scan', bom, '--feed', feed, '--max-age', '0', '-o', 'json']);
        expect(out, err).not.toBe('');
        const { verdicts } = JSON.parse(out) as ScanResult;
        const found = verdicts.flatMap(({ advisories }) => advisories.filter((id) => asked.has(id)));
        expect([name, build, found.sort()]).toEqual([name, build, ids]);
      }
  });

  it.skipIf(npmCommand('trivy') === undefined)(
    'judges as real Trivy by our export does, around every bound of every component',
    () => {
      const work = temporaryFolder();
      const { feed, exports } = languageFeed({ Bitnami: database() }, work, 'trivy');
      // Words are revisions above the release to Trivy; the components have none.
      const purls = purlsAround(feed).filter((purl) => /@[\d.]+(?:-\d+)?$/.test(purl));
      const some = purls.filter((_, at) => at % 13 === 0);
      const bom = writeBom(join(work, 'bom.json'), some);
      const ours = scanFindings(feed, `sbom:${bom}`);
      const { differences, equal } = compareFindings(ours, trivyFindingsOf(exports, ['sbom', bom], work));
      const firstBuilds = ours.findings.filter(({ fixed }) => fixed[0]?.endsWith('-0'));
      // Trivy names the fixes of other release lines too, revision 0 as none, and reads no zero before a number, as bounds of MinIO have.
      const { fix = [], several_intervals: lines = [], version_order: order = [], ...others } = differences;
      expect(others).toEqual({});
      expect(order.filter((each) => !/^scan \S+ pkg:bitnami\/minio@/.test(each))).toEqual([]);
      expect(fix).toEqual(firstBuilds.map(({ vulnerability, purl }) => `${vulnerability} ${purl}`).sort());
      expect([some.length, order.length]).toEqual([2809, 87]);
      expect([equal > 97_000, lines.length < 400]).toEqual([true, true]);
    },
  );

  it.skipIf(npmCommand('trivy') === undefined || !hasData(...syft))(
    "real Trivy finds the same in a file system with the documents of Syft's tests",
    () => {
      const work = temporaryFolder();
      const { feed, exports } = languageFeed({ Bitnami: database() }, work, 'trivy');
      const root = join(work, 'root');
      mkdirSync(root, { mode: 0o755 });
      for (const name of ['json', 'tag-value', 'mix'])
        cpSync(dataPath(...syft, name), root, { recursive: true });
      // Trivy reads no document in JSON that has the id of its component, as Bitnami writes it.
      const path = join(root, 'opt/bitnami/postgresql/.spdx-postgresql.spdx');
      const text = readFileSync(path, 'utf8');
      rmSync(path);
      writeFileSync(path, text.replace('"SPDXRef-postgresql"', '"SPDXRef-DOCUMENT"'));
      const ours = scanFindings(feed, `dir:${root}`);
      const theirs = trivyFindingsOf(exports, ['rootfs', root], work);
      expect(compareFindings(ours, theirs)).toEqual({ equal: 33, differences: {} });
    },
  );
});
