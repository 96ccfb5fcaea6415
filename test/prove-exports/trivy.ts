import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { npmCommand } from '../support/oracles.ts';
import { dpkgStates } from './dpkg-state.ts';
import { type Finding, hasEpoch, type Judge, withoutZeroEpoch } from './judge.ts';

/** One finding of `trivy --format json`. */
export interface TrivyFinding {
  VulnerabilityID: string;
  PkgName: string;
  InstalledVersion: string;
  FixedVersion?: string;
  Status?: string;
  Severity?: string;
  SeveritySource?: string;
}

/** Real Trivy on a root file system, with an export as its database. */
export function trivyFindings(exported: string, root: string, work: string): TrivyFinding[] {
  loadTrivy(exported, work);
  return trivyFindingsIn(['rootfs', root], work);
}

/** Puts an export where Trivy looks for its database. */
export function loadTrivy(exported: string, work: string): void {
  const cache = join(work, 'trivy-cache');
  mkdirSync(join(cache, 'db'), { recursive: true });
  for (const name of ['trivy.db', 'metadata.json'])
    copyFileSync(join(exported, 'trivy', name), join(cache, 'db', name));
}

/** The same with the database that is in the work folder. `subject`: Trivy's command and what it looks at. */
export function trivyFindingsIn([command, ...subject]: readonly string[], work: string): TrivyFinding[] {
  const database = ['--cache-dir', join(work, 'trivy-cache'), '--skip-db-update', '--offline-scan'];
  const args = [command!, ...database, '--scanners', 'vuln', '--format', 'json', '--quiet', ...subject];
  const run = spawnSync(npmCommand('trivy')!, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 29,
    env: { PATH: process.env['PATH'], HOME: work },
  });
  if (run.status !== 0) throw new Error(`trivy: ${run.stderr.slice(0, 1000)}`);
  const { Results = [] } = JSON.parse(run.stdout) as { Results?: { Vulnerabilities?: TrivyFinding[] }[] };
  return Results.flatMap(({ Vulnerabilities = [] }) => Vulnerabilities);
}

/** `7.05`: apk 3 orders such a part as text, so that it is above `7.015`; Trivy orders it as apk 2 did, by 5 and 15. */
const leadingZero = /\.0\d/;

/** Builds of ESM and FIPS. */
const channelMark = /[+~]esm\d|fips/i;

export function comparable({
  VulnerabilityID,
  PkgName,
  InstalledVersion,
  FixedVersion = '',
  Severity = 'UNKNOWN',
}: TrivyFinding): Finding {
  return {
    vulnerability: VulnerabilityID,
    package: PkgName,
    version: withoutZeroEpoch(InstalledVersion),
    fixed: withoutZeroEpoch(FixedVersion),
    severity: Severity.toLowerCase(),
  };
}

export const trivyJudge: Judge = {
  target: 'trivy',
  findings(exported, root, work) {
    return trivyFindings(exported, root, work).map(comparable);
  },
  uncovered: {
    other_origin: 'other_origin',
    not_covered: 'foreign_vendor',
    undecidable: 'no_module_label',
    unparsable_version: 'unparsable_version',
    half_installed: 'half_installed',
  },
  rules: new Set(['dpkg_deselected', 'one_architecture', 'leading_zero']),
  rule({ type, name, version, source, module }, root) {
    if (type === 'apk' && leadingZero.test(version)) return 'leading_zero';
    const states = dpkgStates(root, name, version);
    if (states.some((state) => /^(?:deinstall|purge) /.test(state))) return 'dpkg_deselected';
    if (states.length > 1) return 'one_architecture';
    if (module === undefined && /\.module[+_][a-z]+\d/.test(version)) return 'no_module_label';
    if (type === 'rpm' && hasEpoch(version)) return 'unstated_epoch';
    if (channelMark.test(source.version)) return 'build_of_another_channel';
    return type === 'rpm' && source.name !== name ? 'other_source' : undefined;
  },
};
