import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { readInventory } from '../../src/inventory/index.ts';
import { compareApk, compareDpkg, compareRpmEvr } from '../../src/packaging/index.ts';
import { dirView } from '../support/dir-view.ts';
import { type Finding, hasEpoch, type Judge, withoutZeroEpoch } from './judge.ts';

export interface OsvRecord {
  id: string;
  aliases?: string[];
  affected: {
    package: { ecosystem: string; name: string };
    ranges: { events: { fixed?: string }[] }[];
    ecosystem_specific: { severity?: string };
  }[];
}

/** The records of an `all.zip`, read by its directory. */
export function zipRecords(path: string): OsvRecord[] {
  const file = readFileSync(path);
  const end = file.length - 22;
  const records: OsvRecord[] = [];
  let at = file.readUInt32LE(end + 16);
  for (let left = file.readUInt16LE(end + 10); left > 0; left--) {
    const [packed, name, extra] = [
      file.readUInt32LE(at + 20),
      file.readUInt16LE(at + 28),
      file.readUInt16LE(at + 30),
    ];
    const local = file.readUInt32LE(at + 42);
    const start = local + 30 + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28);
    records.push(JSON.parse(inflateRawSync(file.subarray(start, start + packed)).toString()) as OsvRecord);
    at += 46 + name + extra;
  }
  return records;
}

/** A root's findings by OSV records and the schema's own evaluation: affected below `fixed`, else always. */
export function osvJudge(ecosystem: string): Judge {
  return {
    target: 'osv',
    findings(exported, root) {
      const base = join(exported, 'osv/osv-scalibr');
      const [folder = ''] = readdirSync(base).filter((name) => ecosystem.startsWith(`${name}:`));
      const ranges = new Map<string, { id: string; fixed: string | undefined; severity: string }[]>();
      for (const { id, aliases: [alias = id] = [], affected } of zipRecords(join(base, folder, 'all.zip'))) {
        for (const {
          package: pkg,
          ranges: [range],
          ecosystem_specific: { severity = 'unknown' },
        } of affected) {
          if (pkg.ecosystem !== ecosystem) continue;
          const fixed = range?.events.find((event) => event.fixed !== undefined)?.fixed;
          ranges.set(pkg.name, [...(ranges.get(pkg.name) ?? []), { id: alias, fixed, severity }]);
        }
      }
      return readInventory(dirView(root)).packages.flatMap(({ name, version, source, type }): Finding[] => {
        // Records of our rpm systems are about binaries.
        const looked = type === 'rpm' ? { name, version } : source;
        return (ranges.get(looked.name) ?? []).flatMap(({ id, fixed, severity }) =>
          fixed === undefined || orders[type]!(looked.version, fixed) === -1
            ? {
                vulnerability: id,
                package: name,
                version: withoutZeroEpoch(version),
                fixed: withoutZeroEpoch(fixed ?? ''),
                severity,
              }
            : [],
        );
      });
    },
    uncovered: {
      other_origin: 'other_origin',
      not_covered: 'foreign_vendor',
      half_installed: 'half_installed',
      unparsable_version: 'unparsable_version',
      undecidable: 'module_build',
    },
    rules: new Set([
      ...['other_origin', 'foreign_vendor', 'half_installed', 'unparsable_version'],
      ...['build_of_another_channel', 'unstated_epoch', 'module_build'],
    ]),
    rule: ({ type, version, source, module }) => {
      if (module !== undefined || /\.module[+_][a-z]+\d/.test(version)) return 'module_build';
      if (type === 'rpm') return hasEpoch(version) ? 'unstated_epoch' : undefined;
      return /[+~]esm\d|fips/i.test(source.version) ? 'build_of_another_channel' : undefined;
    },
  };
}

const orders: Readonly<Record<string, typeof compareApk>> = {
  apk: compareApk,
  deb: compareDpkg,
  rpm: compareRpmEvr,
  oci: compareRpmEvr,
};
