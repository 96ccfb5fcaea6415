import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Feed } from '../../feed/read/feed.ts';
import { platformBinaries } from '../../feed/read/whole-file.ts';
import type { BinariesRecord } from '../../model/feed/index.ts';
import { compareCodeUnits, compareIds } from '../../model/order.ts';
import { type NamedRelease, releasesWith } from '../releases.ts';
import type { ExportTarget, TargetWork } from '../target.ts';

export const notusTarget: ExportTarget = {
  name: 'notus',
  title: "Greenbone's notus-scanner",
  write: writeNotus,
  signs: true,
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
    const binariesOf = lookup(release, feed);
    if (!binariesOf) {
      // An empty file would read as a system without flaws.
      inexact.without(release.platform.id, binariesUnknown);
      continue;
    }
    const advisories = advisoriesOf(release, binariesOf, work);
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

type BinariesOf = (name: string) => Pick<BinariesRecord, 'binaries' | 'apart'> | undefined;

/** The binaries that rows of a name are about; undefined: the feed knows none. */
function lookup({ platform, release }: NamedRelease<string>, feed: Feed): BinariesOf | undefined {
  if (release.subject === 'binary') return (name) => ({ binaries: [name] });
  const records = new Map([...platformBinaries(feed, platform.id)].map((record) => [record.source, record]));
  return records.size === 0 ? undefined : (name) => records.get(name);
}

/** Builds that a version fixes: all, or those of some architectures. */
interface Fix {
  version: string;
  arch: readonly string[] | undefined;
  ids: string[];
}

/** One advisory for each version of a source that fixes something: its binaries, and from which version on. */
function advisoriesOf(
  { platform, release, names }: NamedRelease<string>,
  binariesOf: BinariesOf,
  { inexact }: TargetWork,
): Advisory[] {
  const advisories: Advisory[] = [];
  if (platform.packaging === 'rpm')
    for (const [cause, what] of rpmCauses) inexact.general(platform.id, cause, what);
  for (const { package: source, rows } of release.lines()) {
    const known = binariesOf(source);
    const fixes = new Map<string, Fix>();
    for (const row of rows) {
      if (row.status === 'not_affected' || row.status === 'fixed') continue;
      if (row.fixed === undefined) {
        inexact.leftOut(platform.id, 'without_fix', withoutFix, source, row.ids);
        continue;
      }
      if (row.module !== undefined) {
        inexact.leftOut(platform.id, 'module', inModule, source, row.ids);
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
      const key = [row.fixed, ...(row.arch ?? [])].join(' ');
      const fix = fixes.get(key) ?? { version: row.fixed, arch: row.arch, ids: [] };
      fixes.set(key, fix);
      fix.ids.push(...row.ids);
    }
    for (const [key, { version, arch, ids }] of [...fixes].sort(([a], [b]) => compareCodeUnits(a, b))) {
      const full = versionsOf(version, arch ?? release.notusArchitectures);
      const fixed = known!.binaries.flatMap((name) =>
        full.map((full_version) => ({ name, full_version, specifier: '>=' as const })),
      );
      advisories.push({ oid: oidOf(names, source, key), ids: ids.sort(compareIds), fixed });
    }
  }
  return advisories;
}

/** For rpm packages, notus expects no epochs and compares builds of one architecture. */
function versionsOf(version: string, architectures: readonly string[] | undefined): string[] {
  if (architectures === undefined) return [version];
  const withoutEpoch = version.replace(/^\d+:/, '');
  return architectures.map((arch) => `${withoutEpoch}.${arch}`);
}

/** An OID below the arc for UUIDs (ITU-T X.667), made from the system's name and the fixed version of a source. */
function oidOf(system: string, source: string, version: string): string {
  const digest = createHash('sha256').update(`scapfeed notus ${system} ${source} ${version}`).digest();
  return `2.25.${BigInt(`0x${digest.subarray(0, 16).toString('hex')}`)}`;
}

const withoutFix = 'notus knows a flaw by the version that fixes it: one without a fix cannot be written.';
const binariesUnknown = 'notus looks up binaries, and the feed does not know those of the source';
const binaryVersion =
  "Binaries with versions of their own cannot be compared with their source's, and are left out.";
const otherChannel = 'The fix is in a channel that the system may not have.';
const inModule = 'notus has no place for the module that a statement is limited to.';

const rpmCauses = [
  ['foreign_vendor', 'Packages that others have signed or built are judged by their names.'],
  ['module_build', 'A build of a module is judged by the rows outside of modules.'],
  [
    'no_epoch',
    'The scanner is told of rpm packages without their epochs, and compares version and release alone.',
  ],
  [
    'notus_order',
    'The scanner compares separators too: for rpm el9_0 is below el9.1, for notus it is above.',
  ],
] as const;
