import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Collector, compile, writeCompiled } from '../../src/feed/compile/index.ts';
import { subjectOf, writeOval } from '../../src/feed/oval/index.ts';
import { readInventory } from '../../src/inventory/index.ts';
import type { Platform, PlatformIndex, ShardLine } from '../../src/model/feed/index.ts';
import { makeManifest } from '../../src/model/feed/make-manifest.ts';
import type { InstalledPackage, Inventory } from '../../src/model/inventory/index.ts';
import type { MatchResult, UncoveredPackage } from '../../src/model/verdict/index.ts';
import { definitionId } from '../../src/oval/document/document.ts';
import type { OvalInexactEntry } from '../../src/oval/forms/inexact.ts';
import { flawKey, ovalNamespace, type Selection, unreadKey } from '../../src/oval/forms/rows.ts';
import { inventoryManifest } from '../../src/report/manifest.ts';
import { matchInventory, openFeed } from '../../src/runtime/node.ts';
import { dataDir } from '../support/data.ts';
import { dirView } from '../support/dir-view.ts';
import { oscapVerdicts } from './oscap.ts';
import type { Comparison, RpmPackage, Trial } from './trial.ts';

const day = '2026-11-20T00:00:00Z';
const keptExamples = 20;

/** The OVAL that reads a system's own databases, or the one that reads the manifest of its inventory. */
export type Form = 'system' | 'manifest';

/**
 * Runs one trial end to end: statements are compiled, the index is read back from disk and matched against what the
 * inventory readers find in the root, and oscap's own probes evaluate the OVAL on the same root, or on its manifest. `look`
 * sees each document with its root and what oscap says.
 */
export async function compareTrial(
  trial: Trial,
  form: Form = 'system',
  look: (document: string, root: string, oscap: ReadonlyMap<string, string>) => void = () => undefined,
): Promise<Comparison> {
  const work = mkdtempSync(join(tmpdir(), 'scapfeed-prove-'));
  try {
    const root = trial.root ?? join(work, 'root');
    if (trial.root === undefined) writeRoot(root, trial);
    const index = compileTrial(trial, join(work, 'feed'));
    const inventory = readInventory(dirView(root));
    const runtime = matchRuntime(join(work, 'feed'), inventory, trial.platform.id);
    const oval = join(work, 'oval');
    mkdirSync(oval);
    const forms = (trial.fixesOnly ? ['oval'] : ['oval', 'unfixed.oval']).map((suffix) =>
      form === 'manifest' ? `manifest.${suffix}` : suffix,
    );
    await writeOval(index, oval, { toolVersion: '0.0.0', forms });
    const list = inexactList(join(oval, `${trial.platform.id}.inexact.json`), forms);
    if (form === 'manifest') writeManifest(oval, inventory, trial.platform.id);
    const place = form === 'manifest' ? { folder: oval } : { root };
    const truths = new Set<string>();
    const unknowns = new Set<string>();
    for (const suffix of forms) {
      const document = join(oval, `${trial.platform.id}.${suffix}.xml`);
      const verdicts = oscapVerdicts(document, place);
      look(document, root, verdicts);
      for (const [id, result] of verdicts) {
        if (result === 'true') truths.add(id);
        else if (result === 'unknown') unknowns.add(id);
        else if (result !== 'false') throw new Error(`oscap says ${result} of ${id} in ${trial.name}`);
      }
    }
    const differs = (form === 'manifest' ? trial.manifestDiffers : trial.differs) ?? new Map();
    const selections: readonly Selection[] = trial.fixesOnly ? ['fixed'] : ['fixed', 'unfixed'];
    const result = tally(index, runtime, truths, selections, { ...list, differs });
    tallyUnread(result, index, runtime, unknowns, { ...list, differs });
    return result;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Makes the root file system of a trial. */
export function writeRoot(root: string, { files, rpms }: Trial): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  if (rpms) writeRpmDatabase(join(root, 'var/lib/rpm'), rpms);
}

/** The database maker stands beside the data folder; its databases have every index that librpm wants. */
export const rpmDatabaseMaker = join(dataDir, '../tools/make-rpmdb.py');

export function writeRpmDatabase(folder: string, packages: readonly RpmPackage[]): void {
  mkdirSync(folder, { recursive: true });
  const list = `${folder}.json`;
  writeFileSync(list, JSON.stringify({ packages }));
  execFileSync('python3', [rpmDatabaseMaker, list, folder, 'sqlite'], { stdio: 'ignore' });
  rmSync(list);
}

/** Of every so many of a trial's packages a statement could not be read. */
const unreadEach = 8;

/** Compiles the statements of a trial into a feed on disk. */
export function compileTrial({ platform, data, statements }: Trial, directory: string): PlatformIndex {
  const collector = new Collector('prove');
  collector.platform(platform, { inputs: ['prove'], ...data });
  for (const statement of statements) {
    collector.ledger.use();
    collector.statement({ platform: platform.id, severity: 'medium', evidence: 'prove#/x', ...statement });
  }
  const packages = [...new Set(statements.map(({ package: name }) => name))];
  for (const [at, name] of packages.entries())
    if (at % unreadEach === 0)
      collector.ledger.unread(
        { platforms: [platform.id], package: name },
        { reason: 'test', where: 'prove' },
      );
  const input = {
    id: 'prove',
    source: 'prove',
    url: 'https://example.test',
    sha256: '0'.repeat(64),
    size: 0,
    date: day,
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

/** As `scapfeed inventory -o manifest` writes it, beside the OVAL that reads it. */
function writeManifest(folder: string, inventory: Inventory, id: string): void {
  const release = inventory.os?.pointRelease;
  const text = inventoryManifest(inventory, { id, ...(release === undefined ? {} : { release }) });
  writeFileSync(join(folder, 'manifest'), text);
}

function matchRuntime(directory: string, inventory: Inventory, platform: string): MatchResult {
  const feed = openFeed(directory);
  try {
    return matchInventory(feed, feed.shard(platform)!, inventory);
  } finally {
    feed.close();
  }
}

function inexactList(path: string, forms: readonly string[]): Omit<KnownCauses, 'differs'> {
  const { entries } = JSON.parse(readFileSync(path, 'utf8')) as { entries: OvalInexactEntry[] };
  const own = entries.filter(({ files }) => files.some((file) => forms.includes(file)));
  const exact = own.filter(({ cause }) => cause === 'two_versions');
  return {
    listed: new Set(own.map(({ cause }) => cause)),
    items: new Map(exact.flatMap(({ cause, items = [] }) => items.map((item) => [item, cause]))),
  };
}

/** Every vulnerability of every family, in both files: true for OVAL, true for the runtime, or neither. */
function tally(
  index: PlatformIndex,
  runtime: MatchResult,
  truths: ReadonlySet<string>,
  selections: readonly Selection[],
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
      for (const selection of selections) {
        const keys = lines.map((line) =>
          flawKey(selection, vulnerability, subjectOf(index.platform, line.package)),
        );
        const oval = keys.some((key) => truths.has(definitionId(namespace, key)));
        result.compared += 1;
        if (oval === wanted.has(verdictKey(selection, vulnerability, source))) result.equal += 1;
        else {
          const item = keys.map((key) => causes.items.get(key)).find((cause) => cause !== undefined);
          explain(
            result,
            { vulnerability, selection, oval, source },
            { item, reason: uncovered.get(source) },
            causes,
          );
        }
      }
    }
  }
  return result;
}

/** Every package about which a statement could not be read: unknown for OVAL and listed by the runtime, or neither. */
function tallyUnread(
  result: Comparison,
  index: PlatformIndex,
  { uncovered }: MatchResult,
  unknowns: ReadonlySet<string>,
  { listed: causes, differs }: KnownCauses,
): void {
  const { platform, lines } = index;
  const families = familiesOf(index).flatMap(({ source, lines: own }) =>
    own.map((line) => [line.package, source] as const),
  );
  const familyOf = new Map(families);
  const listed = uncovered.filter(isOfUnread).map(({ package: pkg }) => pkg);
  const names = new Set(listed.flatMap(({ name, source }) => [name, source.name]));
  // Whatever else the runtime says of such a package, it is not clean either.
  const others = uncovered.filter((each) => !isOfUnread(each)).map(({ package: pkg }) => pkg);
  const otherNames = new Set(others.flatMap(({ name, source }) => [name, source.name]));
  for (const { package: name, unread } of lines) {
    if (unread === undefined) continue;
    const oval = unknowns.has(definitionId(ovalNamespace(platform.id), unreadKey('flaw', name)));
    result.compared += 1;
    const differing = differs.get(familyOf.get(name)!);
    const cause = otherNames.has(name) ? 'not_clean' : causes.has(differing ?? '') ? differing : undefined;
    if (oval === names.has(name)) result.equal += 1;
    // A binary that the OVAL does not look for is the one difference the other way.
    else if (cause !== undefined && (oval || cause === 'unknown_binary')) {
      result.explained.set(cause, (result.explained.get(cause) ?? 0) + 1);
    } else {
      result.unexplainedCount += 1;
      result.unexplained.push(`${name} with unread statements: oscap ${oval}, runtime ${!oval}`);
    }
  }
}

function isOfUnread({ unread }: UncoveredPackage): boolean {
  return unread !== undefined;
}

interface Family {
  source: string;
  lines: ShardLine[];
}

/**
 * A source's line with those of its binaries: rows of both judge a binary together, in the definition of one of them.
 * Sources that share their definitions, or a binary, are one family.
 */
function familiesOf({ platform, lines, binaries }: PlatformIndex): Family[] {
  const sourceOf = new Map<string, string>();
  const together = new Map<string, string>();
  for (const [source, names] of binaries ?? []) {
    const shared = names.find((name) => sourceOf.has(name));
    if (shared !== undefined) together.set(source, sourceOf.get(shared)!);
    for (const name of names) sourceOf.set(name, together.get(source) ?? source);
  }
  const families = new Map<string, Family>();
  for (const line of lines) {
    const source =
      together.get(line.package) ?? sourceOf.get(line.package) ?? subjectOf(platform, line.package);
    const family = families.get(source) ?? { source, lines: [] };
    families.set(source, family);
    family.lines.push(line);
  }
  return [...families.values()];
}

function verdictKey(selection: Selection, vulnerability: string, source: string): string {
  return `${selection} ${vulnerability} ${source}`;
}

/** The runtime's findings, by the family of a package: that of its own rows, if it has any, or its source's. */
function runtimeTruths(
  { verdicts, uncovered }: MatchResult,
  families: readonly Family[],
  platform: Platform,
): { wanted: Set<string>; uncovered: Map<string, UncoveredPackage['reason']> } {
  const ownFamily = new Map<string, string>();
  const bySource = new Map<string, string>();
  for (const { source, lines } of families) {
    for (const line of lines) {
      if (line.claims.some(({ subject }) => subject === 'binary')) ownFamily.set(line.package, source);
      if (line.claims.some(({ subject }) => subject !== 'binary')) bySource.set(line.package, source);
    }
  }
  const familyOf = (pkg: InstalledPackage) =>
    ownFamily.get(pkg.name) ?? bySource.get(pkg.source.name) ?? subjectOf(platform, pkg.source.name);
  const wanted = new Set<string>();
  for (const { vulnerability, status, fixState, package: pkg } of verdicts) {
    if (status !== 'affected') continue;
    wanted.add(verdictKey(fixState === 'available' ? 'fixed' : 'unfixed', vulnerability, familyOf(pkg)));
  }
  const without = uncovered.filter((each) => !isOfUnread(each));
  return { wanted, uncovered: new Map(without.map(({ package: pkg, reason }) => [familyOf(pkg), reason])) };
}

interface KnownCauses {
  /** Causes on the list that the build wrote. */
  listed: ReadonlySet<string>;
  /** Definition keys on that list, each with its cause. */
  items: ReadonlyMap<string, string>;
  /** Sources made to differ, with the cause. */
  differs: ReadonlyMap<string, string>;
}

/** Reasons of the runtime for judging nothing, and the cause by which the build lists the difference. */
const causesOf: Partial<Record<UncoveredPackage['reason'], string>> = {
  other_origin: 'other_origin',
  unparsable_version: 'unparsable_installed_version',
  undecidable: 'manifest_unlabelled',
};

function explain(
  result: Comparison,
  pair: { vulnerability: string; selection: Selection; oval: boolean; source: string },
  { item, reason }: { item: string | undefined; reason: UncoveredPackage['reason'] | undefined },
  { listed, differs }: KnownCauses,
): void {
  const cause = item ?? differs.get(pair.source) ?? (reason && causesOf[reason]);
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
