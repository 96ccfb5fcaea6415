import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readInventory } from '../../src/inventory/index.ts';
import { dirView } from '../support/dir-view.ts';
import { type Judge, withoutZeroEpoch } from './judge.ts';

/** The loader and the comparison of Greenbone's notus-scanner with an export of ours. */
export function notusJudge(system: string): Judge {
  return {
    target: 'notus',
    findings(exported, root) {
      const folder = join(exported, 'notus');
      execFileSync('sha256sum', ['--check', '--quiet', 'sha256sums'], { cwd: folder });
      const { packages } = readInventory(dirView(root));
      const input = packages.map(({ name, version }) => `${name}\t${version}\n`).join('');
      const script = join(import.meta.dirname, 'notus-scan.py');
      const out = execFileSync('/usr/bin/python3', [script, folder, system], {
        input,
        encoding: 'utf8',
        maxBuffer: 1 << 28,
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      const vulnerabilities = vulnerabilitiesByOid(folder);
      const { found } = JSON.parse(out) as {
        found: [oid: string, name: string, version: string, fixed: string][];
      };
      return found.flatMap(([oid, name, version, fixed]) =>
        (vulnerabilities.get(oid) ?? [`unknown ${oid}`]).map((vulnerability) => ({
          vulnerability,
          package: name,
          version: withoutZeroEpoch(version),
          fixed: withoutZeroEpoch(fixed),
        })),
      );
    },
    uncovered: {
      other_origin: 'other_origin',
      half_installed: 'half_installed',
      unparsable_version: 'unparsable_version',
    },
    rules: new Set(['other_origin', 'half_installed', 'unparsable_version', 'binary_version', 'notus_order']),
    rule: ({ version, source }) => {
      if (version !== source.version) return 'binary_version';
      // It compares epochs as texts, and versions by rules of its own.
      return /^\d\d:/.test(version) ? 'notus_order' : undefined;
    },
  };
}

function vulnerabilitiesByOid(folder: string): Map<string, string[]> {
  const byOid = new Map<string, string[]>();
  for (const line of readFileSync(join(folder, 'oids.csv'), 'utf8').trim().split('\n').slice(1)) {
    const [oid = '', , vulnerability = ''] = line.split(',');
    byOid.set(oid, [...(byOid.get(oid) ?? []), vulnerability]);
  }
  return byOid;
}
