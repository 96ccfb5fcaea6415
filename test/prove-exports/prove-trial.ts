import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlatformInexact } from '../../src/export/rows/inexact.ts';
import { exportTargets } from '../../src/export/targets.ts';
import { replaceExports } from '../../src/export/write-exports.ts';
import { readInventory } from '../../src/inventory/index.ts';
import type { Inventory } from '../../src/model/inventory/index.ts';
import type { MatchResult } from '../../src/model/verdict/index.ts';
import { type Feed, matchInventory, openFeed } from '../../src/runtime/node.ts';
import { compileTrial, writeRoot } from '../prove/compare.ts';
import type { Trial } from '../prove/trial.ts';
import { dirView } from '../support/dir-view.ts';
import {
  compareFindings,
  type Difference,
  type Equality,
  type Finding,
  type Judge,
  listedCauses,
  ownFindings,
  withoutZeroEpoch,
} from './judge.ts';

/** Puts the statements of a trial to another scanner, by the export of its feed. */
export async function proveTrial(trial: Trial, judge: Judge): Promise<Equality> {
  const work = mkdtempSync(join(tmpdir(), 'scapfeed-prove-'));
  try {
    const root = trial.root ?? join(work, 'root');
    if (trial.root === undefined) writeRoot(root, withReleaseFiles(trial));
    compileTrial(rated(trial), join(work, 'feed'));
    return await proveRoot(join(work, 'feed'), root, trial.platform.id, judge, work);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const words = ['unknown', 'negligible', 'low', 'medium', 'high', 'critical'] as const;

/** A severity for each vulnerability; Trivy has one for all packages of a distribution. */
function rated(trial: Trial): Trial {
  const severityOf = (id: string) => words[Number(/\d+$/.exec(id)?.[0] ?? 0) % words.length]!;
  return {
    ...trial,
    statements: trial.statements.map((one) => ({ ...one, severity: severityOf(one.vulnerability) })),
  };
}

/** Real systems have files of their own besides os-release, which other scanners read instead. */
function withReleaseFiles(trial: Trial): Trial {
  const { id, version = '' } = trial.platform.os;
  const [, full = version] = /^VERSION_ID="?([\d.]+)/m.exec(trial.files['etc/os-release'] ?? '') ?? [];
  const own = releaseFiles[id];
  return { ...trial, files: { ...trial.files, ...own?.(version, full) } };
}

const releaseFiles: Readonly<Record<string, (version: string, full: string) => Record<string, string>>> = {
  almalinux: (_, full) => ({ 'etc/almalinux-release': `AlmaLinux release ${full} (Name)\n` }),
  alpine: (_, full) => ({ 'etc/alpine-release': `${full}\n` }),
  amzn: (_, full) => ({ 'etc/system-release': `Amazon Linux release ${full} (Name)\n` }),
  debian: (version) => ({ 'etc/debian_version': `${version}.7\n` }),
  rocky: (_, full) => ({ 'etc/rocky-release': `Rocky Linux release ${full} (Name)\n` }),
  rhel: (_, full) => ({ 'etc/redhat-release': `Red Hat Enterprise Linux release ${full} (Name)\n` }),
  ubuntu: (version) => ({ 'etc/lsb-release': `DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=${version}\n` }),
};

/** The findings on a root file system by a feed, and those of another scanner by the feed's export. */
export async function proveRoot(
  feedFolder: string,
  root: string,
  platform: string,
  judge: Judge,
  work: string,
): Promise<Equality> {
  const feed = openFeed(feedFolder);
  try {
    const inventory = readInventory(dirView(root));
    const exported = join(work, `exports-${judge.target}`);
    const listed = await exportAll(feed, judge.target, exported);
    const theirs = judge.findings(exported, root, work);
    return proveInventory(feed, { inventory, platform, root }, { judge, listed, theirs });
  } finally {
    feed.close();
  }
}

/** What another scanner found in a system. */
interface Judged {
  judge: Pick<Judge, 'uncovered' | 'rules' | 'rule'>;
  /** The list of the export. */
  listed: readonly PlatformInexact[];
  theirs: readonly Finding[];
}

/** The findings in a system by a feed, and those of another scanner. */
export function proveInventory(
  feed: Feed,
  { inventory, platform, root }: { inventory: Inventory; platform: string; root: string },
  { judge, listed, theirs }: Judged,
): Equality {
  const matched = matchInventory(feed, feed.shard(platform)!, inventory);
  return compareFindings(ownFindings(matched), theirs, explainer(matched, inventory, listed, judge, root));
}

/** Writes an export that lists every row that is inexact, not examples alone. */
export async function exportAll(feed: Feed, target: string, out: string): Promise<PlatformInexact[]> {
  const [report] = await replaceExports(out, {
    feed,
    targets: exportTargets.filter(({ name }) => name === target),
    toolVersion: '0.0.0',
    examples: Number.POSITIVE_INFINITY,
    progress: () => undefined,
  });
  return report!.platforms;
}

function explainer(
  { verdicts, uncovered }: MatchResult,
  { packages, halfInstalled = [] }: Inventory,
  listed: readonly PlatformInexact[],
  judge: Judged['judge'],
  root: string,
) {
  const { items, general } = listedCauses(listed.flatMap(({ entries }) => entries));
  // Not packages with statements that could not be read: their other statements are exported.
  const silent = uncovered.filter(({ unread }) => unread === undefined);
  const reasons = new Map(silent.map(({ package: pkg, reason }) => [pkg, reason] as const));
  for (const pkg of halfInstalled) reasons.set(pkg, 'half_installed');
  for (const { package: pkg, marks } of verdicts)
    if (marks.includes('judged_by_other_release')) reasons.set(pkg, 'other_origin');
  return (difference: Difference) => {
    const installed = [...packages, ...halfInstalled].filter(
      ({ name, version }) => name === difference.package && withoutZeroEpoch(version) === difference.version,
    );
    const causes = installed.flatMap((pkg) => {
      const reason = reasons.get(pkg);
      return [reason && judge.uncovered[reason], judge.rule?.(pkg, root, difference)];
    });
    const cause = causes.find((each) => each !== undefined && (general.has(each) || judge.rules.has(each)));
    const names = [difference.package, ...installed.map(({ source }) => source.name)];
    return (
      cause ?? names.map((name) => items.get(`${difference.vulnerability} ${name}`)).find((item) => item)
    );
  };
}
