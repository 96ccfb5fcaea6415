import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Collector, compile, makeManifest, writeCompiled } from '../../src/compile/index.ts';
import { readInventory } from '../../src/inventory/index.ts';
import type {
  InstalledPackage,
  MatchResult,
  Platform,
  PlatformIndex,
  ShardLine,
  UncoveredPackage,
} from '../../src/model/index.ts';
import {
  definitionId,
  flawKey,
  ovalNamespace,
  type Selection,
  subjectOf,
  writeOval,
} from '../../src/oval/index.ts';
import { matchInventory, openFeed } from '../../src/scan/index.ts';
import { dataDir } from '../support/data.ts';
import { dirView } from '../support/dir-view.ts';
import { oscapVerdicts } from './oscap.ts';
import type { Comparison, RpmPackage, Trial } from './trial.ts';

const day = '2026-11-20T00:00:00Z';
const keptExamples = 20;

/**
 * Runs one trial end to end: statements are compiled, the index is read back from disk and matched against what the
 * inventory readers find in the root, and oscap's own probes evaluate the OVAL on the same root.
 */
export async function compareTrial(trial: Trial): Promise<Comparison> {
  const work = mkdtempSync(join(tmpdir(), 'scapfeed-prove-'));
  try {
    const root = trial.root ?? join(work, 'root');
    if (trial.root === undefined) writeRoot(root, trial);
    const index = compileTrial(trial, join(work, 'feed'));
    const runtime = matchRuntime(join(work, 'feed'), root, trial.platform.id);
    const oval = join(work, 'oval');
    mkdirSync(oval);
    await writeOval(index, oval, { toolVersion: '0.0.0', forms: ['oval', 'unfixed.oval'] });
    const listed = listedCauses(join(oval, `${trial.platform.id}.inexact.json`));
    const truths = new Set<string>();
    for (const suffix of ['oval', 'unfixed.oval']) {
      for (const [id, result] of oscapVerdicts(join(oval, `${trial.platform.id}.${suffix}.xml`), root)) {
        if (result === 'true') truths.add(id);
        else if (result !== 'false') throw new Error(`oscap says ${result} of ${id} in ${trial.name}`);
      }
    }
    return tally(index, runtime, truths, { listed, differs: trial.differs ?? new Map() });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function writeRoot(root: string, { files, rpms }: Trial): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  if (rpms) writeRpmDatabase(join(root, 'var/lib/rpm'), rpms);
}

/** The database maker stands beside the data folder; its databases have every index that librpm wants. */
export const rpmDatabaseMaker = join(dataDir, '../tools/make-rpmdb.py');

function writeRpmDatabase(folder: string, packages: readonly RpmPackage[]): void {
  mkdirSync(folder, { recursive: true });
  const list = `${folder}.json`;
  writeFileSync(list, JSON.stringify({ packages }));
  execFileSync('python3', [rpmDatabaseMaker, list, folder, 'sqlite'], { stdio: 'ignore' });
  rmSync(list);
}

function compileTrial({ platform, data, statements }: Trial, directory: string): PlatformIndex {
  const collector = new Collector('prove');
  collector.platform(platform, { inputs: ['prove'], ...data });
  for (const statement of statements) {
    collector.ledger.use();
    collector.statement({ platform: platform.id, severity: 'medium', evidence: 'prove#/x', ...statement });
  }
  const input = {
    id: 'prove',
    source: 'prove',
    url: 'https://example.test',
    sha256: '0'.repeat(64),
    size: 0,
    fetched: day,
  };
  const compiled = compile([collector], [input]);
  const written = writeCompiled(directory, compiled);
  const manifest = makeManifest({
    toolVersion: '0.0.0',
    created: day,
    inputs: [input],
    sources: [],
    ...written,
  });
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify(manifest));
  return compiled.indexes[0]!;
}

function matchRuntime(directory: string, root: string, platform: string): MatchResult {
  const feed = openFeed(directory);
  try {
    return matchInventory(feed, feed.shard(platform)!, readInventory(dirView(root)));
  } finally {
    feed.close();
  }
}

function listedCauses(path: string): ReadonlySet<string> {
  const list = JSON.parse(readFileSync(path, 'utf8')) as { entries: { cause: string }[] };
  return new Set(list.entries.map(({ cause }) => cause));
}

/** Every vulnerability of every family, in both files: true for OVAL, true for the runtime, or neither. */
function tally(
  index: PlatformIndex,
  runtime: MatchResult,
  truths: ReadonlySet<string>,
  causes: KnownCauses,
): Comparison {
  const families = familiesOf(index);
  const { wanted, uncovered } = runtimeTruths(runtime, families, index.platform);
  const result: Comparison = {
    compared: 0,
    equal: 0,
    explained: new Map(),
    unexplained: [],
    unexplainedCount: 0,
  };
  const namespace = ovalNamespace(index.platform.id);
  for (const { source, lines } of families) {
    const claims = lines.flatMap((line) => line.claims);
    for (const vulnerability of new Set(claims.flatMap(({ ids }) => ids))) {
      for (const selection of ['fixed', 'unfixed'] as const) {
        const ids = lines.map((line) =>
          definitionId(namespace, flawKey(selection, vulnerability, subjectOf(index.platform, line.package))),
        );
        const oval = ids.some((id) => truths.has(id));
        result.compared += 1;
        if (oval === wanted.has(verdictKey(selection, vulnerability, source))) result.equal += 1;
        else explain(result, { vulnerability, selection, oval, source }, uncovered.get(source), causes);
      }
    }
  }
  return result;
}

interface Family {
  source: string;
  lines: ShardLine[];
}

/**
 * A source's line with those of its binaries: rows of both judge a binary together, in the definition of one of them.
 * Sources that share their definitions are one family.
 */
function familiesOf({ platform, lines, binaries }: PlatformIndex): Family[] {
  const sourceOf = new Map<string, string>();
  for (const [source, names] of binaries ?? []) for (const name of names) sourceOf.set(name, source);
  const families = new Map<string, Family>();
  for (const line of lines) {
    const source = sourceOf.get(line.package) ?? subjectOf(platform, line.package);
    const family = families.get(source) ?? { source, lines: [] };
    families.set(source, family);
    family.lines.push(line);
  }
  return [...families.values()];
}

function verdictKey(selection: Selection, vulnerability: string, source: string): string {
  return `${selection} ${vulnerability} ${source}`;
}

/** What the runtime finds, by the family that a package belongs to: that of its own rows, if it has any, or its source's. */
function runtimeTruths(
  { verdicts, uncovered }: MatchResult,
  families: readonly Family[],
  platform: Platform,
): { wanted: Set<string>; uncovered: Map<string, UncoveredPackage['reason']> } {
  const ownFamily = new Map<string, string>();
  for (const { source, lines } of families) {
    for (const line of lines) {
      if (line.claims.some(({ subject }) => subject === 'binary')) ownFamily.set(line.package, source);
    }
  }
  const familyOf = (pkg: InstalledPackage) => ownFamily.get(pkg.name) ?? subjectOf(platform, pkg.source.name);
  const wanted = new Set<string>();
  for (const { vulnerability, status, fixState, package: pkg } of verdicts) {
    if (status !== 'affected') continue;
    wanted.add(verdictKey(fixState === 'available' ? 'fixed' : 'unfixed', vulnerability, familyOf(pkg)));
  }
  return { wanted, uncovered: new Map(uncovered.map(({ package: pkg, reason }) => [familyOf(pkg), reason])) };
}

interface KnownCauses {
  /** Causes on the list that the build wrote. */
  listed: ReadonlySet<string>;
  /** Sources made to differ, with the cause. */
  differs: ReadonlyMap<string, string>;
}

/** Reasons of the runtime for judging nothing, and the cause by which the build lists the difference. */
const causesOf: Partial<Record<UncoveredPackage['reason'], string>> = {
  other_origin: 'other_origin',
  unparsable_version: 'unparsable_installed_version',
};

function explain(
  result: Comparison,
  pair: { vulnerability: string; selection: Selection; oval: boolean; source: string },
  reason: UncoveredPackage['reason'] | undefined,
  { listed, differs }: KnownCauses,
): void {
  const cause = differs.get(pair.source) ?? (reason && causesOf[reason]);
  if (cause !== undefined && listed.has(cause)) {
    result.explained.set(cause, (result.explained.get(cause) ?? 0) + 1);
    return;
  }
  result.unexplainedCount += 1;
  if (result.unexplained.length < keptExamples) {
    const { vulnerability, selection, oval, source } = pair;
    result.unexplained.push(`${source} ${vulnerability} ${selection}: oscap ${oval}, runtime ${!oval}`);
  }
}
