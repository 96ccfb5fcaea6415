import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readInventory } from '../../src/inventory/index.ts';
import type { InstalledPackage } from '../../src/model/inventory/index.ts';
import { dirView } from '../support/dir-view.ts';
import { hasEpoch, type Judge, withoutZeroEpoch } from './judge.ts';

/** The loader and the comparison of Greenbone's notus-scanner with an export of ours. */
export function notusJudge(system: string): Judge {
  return {
    target: 'notus',
    findings(exported, root) {
      const folder = join(exported, 'notus');
      execFileSync('sha256sum', ['--check', '--quiet', 'sha256sums'], { cwd: folder });
      const { packages } = readInventory(dirView(root));
      const installed = new Map(packages.map((pkg) => [`${pkg.name}\t${gathered(pkg)}`, pkg]));
      const input = [...installed.keys()].map((line) => `${line}\n`).join('');
      const script = join(import.meta.dirname, 'notus-scan.py');
      const out = execFileSync('/usr/bin/python3', [script, folder, system], {
        input,
        encoding: 'utf8',
        maxBuffer: 1 << 28,
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      const vulnerabilities = vulnerabilitiesByOid(folder);
      const isRpm = packages[0]?.type === 'rpm';
      const { found } = JSON.parse(out) as {
        found: [oid: string, name: string, version: string, fixed: string][];
      };
      return found.flatMap(([oid, name, version, fixed]) =>
        (vulnerabilities.get(oid) ?? [`unknown ${oid}`]).map((vulnerability) => ({
          vulnerability,
          package: name,
          version: withoutZeroEpoch(installed.get(`${name}\t${version}`)!.version),
          fixed: withoutZeroEpoch(isRpm ? fixed.replace(/\.[^.]+$/, '') : fixed),
        })),
      );
    },
    uncovered: {
      other_origin: 'other_origin',
      not_covered: 'foreign_vendor',
      undecidable: 'module_build',
      half_installed: 'half_installed',
      unparsable_version: 'unparsable_version',
    },
    rules: new Set([
      ...['other_origin', 'foreign_vendor', 'half_installed', 'unparsable_version'],
      ...['binary_version', 'notus_order', 'module_build', 'no_epoch'],
    ]),
    rule: ({ type, version, source, module }, _root, { ours, theirs }) => {
      if (type === 'rpm') {
        if (module !== undefined || /\.module[+_][a-z]+\d/.test(version)) return 'module_build';
        if (hasEpoch(version)) return 'no_epoch';
        // For rpm `el9_0` is older than `el9.1`; notus compares the separators, of which `_` is above `.`.
        return differBySeparator(version, ours ?? theirs ?? '') ? 'notus_order' : undefined;
      }
      if (version !== source.version) return 'binary_version';
      // It compares epochs as texts, and versions by rules of its own.
      return /^\d\d:/.test(version) ? 'notus_order' : undefined;
    },
  };
}

/** True where two versions are the same up to a separator that one writes otherwise. */
function differBySeparator(one: string, other: string): boolean {
  const [left = [], right = []] = [one, other].map((version) => version.match(/[a-z0-9]+|[^a-z0-9]/gi) ?? []);
  const at = left.findIndex((part, index) => part !== right[index]);
  return [left[at], right[at]].every((part) => part !== undefined && /^[^a-z0-9~^]$/i.test(part));
}

/** A package as the scanner is told of it: of an rpm without an epoch and with its architecture. */
function gathered({ type, version, arch }: InstalledPackage): string {
  return type === 'rpm' ? `${version.replace(/^\d+:/, '')}.${arch}` : version;
}

function vulnerabilitiesByOid(folder: string): Map<string, string[]> {
  const byOid = new Map<string, string[]>();
  for (const line of readFileSync(join(folder, 'oids.csv'), 'utf8').trim().split('\n').slice(1)) {
    const [oid = '', , vulnerability = ''] = line.split(',');
    byOid.set(oid, [...(byOid.get(oid) ?? []), vulnerability]);
  }
  return byOid;
}
