import { cpSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { documentDate, requireDate } from '../../model/data-date.ts';
import { compareCodeUnits, pushTo } from '../../model/order.ts';
import { Partitions } from '../partitions.ts';
import { type NamedRelease, releasesWith } from '../releases.ts';
import type { OsvNames } from '../rows/distro-export.ts';
import type { ExportRow } from '../rows/rows.ts';
import type { ExportTarget, TargetWork } from '../target.ts';
import { writeArchive } from './archive.ts';
import { writeLanguages } from './language-records.ts';
import { type OsvAffected, osvRecord } from './record.ts';

export const osvTarget: ExportTarget = { name: 'osv', title: 'osv-scanner', write: writeOsv };

/**
 * `osv-scalibr/ECOSYSTEM/all.zip`, where osv-scanner from 2.5 on looks, `osv-scanner/…` for older ones, and
 * `ECOSYSTEM/modified_id.csv`, by which mirrors ask for what is new.
 */
async function writeOsv(work: TargetWork): Promise<void> {
  const { feed, inexact, folder } = work;
  const releases = releasesWith(feed, inexact, 'OSV', ({ osv }) => osv, true);
  const ecosystems = new Map<string, NamedRelease<OsvNames>[]>();
  for (const release of releases) {
    const name = release.names.ecosystem.split(':')[0]!;
    pushTo(ecosystems, name, release);
  }
  for (const name of [...ecosystems.keys()].sort(compareCodeUnits))
    writeEcosystem(name, ecosystems.get(name)!, work);
  for (const name of [...ecosystems.keys(), ...writeLanguages(work)]) {
    const older = join(folder, 'osv-scanner', name, 'all.zip');
    mkdirSync(dirname(older), { recursive: true });
    cpSync(join(folder, 'osv-scalibr', name, 'all.zip'), older);
  }
}

function writeEcosystem(
  name: string,
  releases: readonly NamedRelease<OsvNames>[],
  { feed, folder, inexact, progress }: TargetWork,
): void {
  progress(`writing OSV records of ${name}`);
  const affected = new Partitions(folder);
  try {
    for (const release of releases) addRelease(release, affected, inexact);
    const dates = releases.map(({ platform }) => platform.updated).sort();
    const modified = requireDate(documentDate(dates.at(-1)!, feed.manifest.created), 'OSV');
    writeArchive(folder, name, modified, records(modified));
  } finally {
    affected.remove();
  }

  function* records(modified: string) {
    const [{ names, platform }] = releases as [NamedRelease<OsvNames>];
    for (const [id, values] of affected.read()) {
      const isCve = id.startsWith('CVE-');
      const parts = { details: id, aliases: isCve ? [id] : [], modified, affected: values, feed };
      const record =
        names.prefix === undefined && !isCve ? undefined : osvRecord(`${names.prefix ?? ''}${id}`, parts);
      if (record) yield record;
      else {
        inexact.leftOut(platform.id, 'odd_name', oddId, '', [id]);
        inexact.wrote(platform.id, -1);
      }
    }
  }
}

function addRelease(
  { platform, release, names }: NamedRelease<OsvNames>,
  affected: Partitions,
  inexact: TargetWork['inexact'],
): void {
  for (const { package: name, rows } of release.lines()) {
    for (const row of rows) {
      if (row.status === 'not_affected' || row.status === 'fixed') continue;
      if (row.module !== undefined) {
        inexact.leftOut(platform.id, 'module', inModule, name, row.ids);
        continue;
      }
      noteInexact(platform.id, name, row, inexact);
      inexact.wrote(platform.id, row.ids.length);
      const value = JSON.stringify(affectedOf(names.ecosystem, name, row));
      for (const id of row.ids) affected.add(id, value);
    }
  }
}

function affectedOf(ecosystem: string, name: string, row: ExportRow): OsvAffected {
  const { fixed, status, fixState, severity, advisories } = row;
  return {
    package: { ecosystem, name },
    ranges: [
      {
        type: 'ECOSYSTEM',
        events: [{ introduced: '0' }, ...(fixed === undefined ? [] : [{ fixed }])],
      },
    ],
    ecosystem_specific: {
      ...(severity === 'unknown' ? {} : { severity }),
      ...(status === 'affected' ? { fix_state: fixState } : { status }),
      ...(advisories.length > 0 ? { advisories } : {}),
    },
  };
}

function noteInexact(platform: string, name: string, row: ExportRow, inexact: TargetWork['inexact']): void {
  const { ids, fixState, status, arch, severalFixes } = row;
  if (fixState === 'other_channel') inexact.item(platform, 'other_channel', otherChannel, name, ids);
  if (status === 'under_investigation') inexact.item(platform, 'under_investigation', notDecided, name, ids);
  if (arch) inexact.item(platform, 'architecture', ofArchitectures, name, ids);
  if (severalFixes) inexact.item(platform, 'several_channels', severalChannels, name, ids);
}

const oddId = 'The id is none that OSV knows: it has to begin with the prefix of a registered database.';
const inModule = 'OSV has no place for the module that a statement is limited to.';
const otherChannel = 'The fix is in a channel that the system may not have; OSV has no word for it.';
const notDecided = 'The vendor has not decided yet; OSV has no word for it, and the record says affected.';
const ofArchitectures = 'The statement is about some architectures only; the record is about all.';
const severalChannels = 'Of fixes in several channels the lowest is written.';
