import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { platformBinaries } from '../../feed/read/whole-file.ts';
import { type BinariesRecord, compareCodeUnits, compareIds } from '../../model/index.ts';
import { type NamedRelease, releasesWith } from '../releases.ts';
import type { ExportTarget, TargetWork } from '../target.ts';

export const notusTarget: ExportTarget = {
  name: 'notus',
  title: "Greenbone's notus-scanner",
  write: writeNotus,
};

/**
 * `debian_12.notus` and so on, with `sha256sums` of all, which the scanner checks, and `oids.csv`: which vulnerabilities an
 * OID stands for, because the scanner reports OIDs only.
 */
async function writeNotus(work: TargetWork): Promise<void> {
  const { feed, inexact, folder } = work;
  const sums: string[] = [];
  const oids: string[] = [];
  for (const release of releasesWith(feed, inexact, 'notus', ({ notus }) => notus)) {
    const file = `${release.names.toLowerCase().replaceAll(' ', '_')}.notus`;
    const binaries = new Map(
      [...platformBinaries(feed, release.platform.id)].map((record) => [record.source, record]),
    );
    if (binaries.size === 0) {
      // An empty file would read as a system without flaws.
      inexact.without(release.platform.id, binariesUnknown);
      continue;
    }
    const advisories = advisoriesOf(release, binaries, work);
    const text = JSON.stringify({
      version: '1.0',
      package_type: release.platform.packaging,
      product_name: release.names,
      advisories: advisories.map(({ oid, fixed }) => ({ oid, fixed_packages: fixed })),
    });
    for (const { oid, ids } of advisories) for (const id of ids) oids.push(`${oid},${release.names},${id}`);
    writeFileSync(join(folder, file), `${text}\n`);
    sums.push(`${createHash('sha256').update(`${text}\n`).digest('hex')}  ${file}`);
  }
  const list = Buffer.from(`${sums.join('\n')}\n`);
  writeFileSync(join(folder, 'sha256sums'), list);
  const signer = await work.settings.signer?.(feed.manifest.created);
  if (signer) writeFileSync(join(folder, 'sha256sums.asc'), await signer.sign(list));
  writeFileSync(join(folder, 'oids.csv'), `oid,system,vulnerability\n${oids.sort().join('\n')}\n`);
}

interface Advisory {
  oid: string;
  ids: readonly string[];
  fixed: { name: string; full_version: string; specifier: '>=' }[];
}

/** One advisory for each version of a source that fixes something: its binaries, and from which version on. */
function advisoriesOf(
  { platform, release, names }: NamedRelease<string>,
  binaries: ReadonlyMap<string, BinariesRecord>,
  { inexact }: TargetWork,
): Advisory[] {
  const advisories: Advisory[] = [];
  for (const { package: source, rows } of release.lines()) {
    const known = binaries.get(source);
    const fixes = new Map<string, string[]>();
    for (const row of rows) {
      if (row.status === 'not_affected' || row.status === 'fixed') continue;
      if (row.fixed === undefined) {
        inexact.leftOut(platform.id, 'without_fix', withoutFix, source, row.ids);
        continue;
      }
      if (!known || known.binaries.length === 0) {
        inexact.leftOut(platform.id, 'binaries_unknown', binariesUnknown, source, row.ids);
        continue;
      }
      if (known.apart) inexact.item(platform.id, 'binary_version', binaryVersion, source, row.ids);
      if (row.fixState === 'other_channel')
        inexact.item(platform.id, 'other_channel', otherChannel, source, row.ids);
      inexact.wrote(platform.id, row.ids.length);
      fixes.set(row.fixed, [...(fixes.get(row.fixed) ?? []), ...row.ids]);
    }
    for (const [version, ids] of [...fixes].sort(([a], [b]) => compareCodeUnits(a, b))) {
      const fixed = known!.binaries.map((name) => ({
        name,
        full_version: version,
        specifier: '>=' as const,
      }));
      advisories.push({ oid: oidOf(names, source, version), ids: ids.sort(compareIds), fixed });
    }
  }
  return advisories;
}

/** An OID below the arc for UUIDs (ITU-T X.667), made from the system's name and the fixed version of a source. */
function oidOf(system: string, source: string, version: string): string {
  const digest = createHash('sha256').update(`scapfeed notus ${system} ${source} ${version}`).digest();
  return `2.25.${BigInt(`0x${digest.subarray(0, 16).toString('hex')}`)}`;
}

const withoutFix = 'notus knows a flaw by the version that fixes it: one without a fix cannot be written.';
const binariesUnknown = 'notus looks up binaries, and the feed does not know those of the source.';
const binaryVersion =
  "Binaries with versions of their own cannot be compared with their source's, and are left out.";
const otherChannel = 'The fix is in a channel that the system may not have.';
