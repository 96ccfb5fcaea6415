import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Collector, compile, writeCompiled } from '../../../src/feed/compile/index.ts';
import { writeOval } from '../../../src/feed/oval/index.ts';
import { readInventory } from '../../../src/inventory/index.ts';
import type { PlatformIndex } from '../../../src/model/feed/index.ts';
import { makeManifest } from '../../../src/model/feed/make-manifest.ts';
import type { InstalledPackage } from '../../../src/model/inventory/index.ts';
import type { UncoveredPackage, Verdict } from '../../../src/model/verdict/index.ts';
import { definitionId } from '../../../src/oval/document/document.ts';
import { flawKey, ovalNamespace, type Selection } from '../../../src/oval/forms/rows.ts';
import { matchInventory, openFeed } from '../../../src/runtime/node.ts';
import { oscapVerdicts } from '../../prove/oscap.ts';
import { dirView } from '../../support/dir-view.ts';
import { feedDay } from '../../support/small-feed.ts';
import { temporaryFolder } from '../../support/temporary.ts';

/** Statements compiled into both outputs: the feed that the runtime reads and the OVAL that oscap reads. */
export interface BothOutputs {
  directory: string;
  indexes: readonly PlatformIndex[];
}

/** Compiles what a collector holds; OVAL of RHEL's own platforms only, as layered products have none. */
export async function bothOutputs(collector: Collector): Promise<BothOutputs> {
  const directory = temporaryFolder();
  const compiled = compile([collector], []);
  const written = writeCompiled(directory, compiled);
  const manifest = makeManifest({
    toolVersion: '0.0.0',
    created: feedDay,
    inputs: [],
    sources: [],
    ...written,
  });
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify(manifest));
  mkdirSync(join(directory, 'oval'));
  const indexes = compiled.indexes.filter(({ platform }) => platform.os.id === 'rhel');
  for (const index of indexes) {
    await writeOval(index, join(directory, 'oval'), {
      toolVersion: '0.0.0',
      forms: ['oval', 'unfixed.oval'],
    });
  }
  return { directory, indexes };
}

/** The two answers on one root: of every (vulnerability, package) definition in both files. */
export interface Agreement {
  compared: number;
  /** True both ways. */
  affected: number;
  /** Differences whose cause the build lists, by cause. */
  listed: Map<string, number>;
  /** Differences without one, word for word. */
  unexplained: string[];
}

/** Judges a root by the feed and lets oscap's own probes evaluate the OVAL on it. */
export function compareRoot(outputs: BothOutputs, platform: string, root: string): Agreement {
  const { directory, indexes } = outputs;
  const index = indexes.find((each) => each.platform.id === platform)!;
  const feed = openFeed(directory);
  const { verdicts, uncovered } = matchInventory(feed, feed.shard(platform)!, readInventory(dirView(root)));
  feed.close();
  const lines = new Lines(index);
  const ours = verdictsByDefinition(verdicts, lines);
  const causes = listedCauses(join(directory, `oval/${platform}.inexact.json`));
  const result: Agreement = { compared: 0, affected: 0, listed: new Map(), unexplained: [] };
  for (const selection of ['fixed', 'unfixed'] as const) {
    const name = `oval/${platform}.${selection === 'fixed' ? 'oval' : 'unfixed.oval'}.xml`;
    const oscap = oscapVerdicts(join(directory, name), { root });
    for (const { vulnerability, line } of lines.pairs) {
      const key = flawKey(selection, vulnerability, line);
      const theirs = oscap.get(definitionId(ovalNamespace(platform), key)) ?? 'false';
      const packages = ours.get(key);
      result.compared += 1;
      if (theirs === String(packages !== undefined)) {
        if (packages) result.affected += 1;
        continue;
      }
      const cause = packages
        ? lines.unseen(packages, line)
        : (lines.undecided(uncovered, line) ?? lines.moved(verdicts, vulnerability, line));
      if (cause !== undefined && causes.has(cause))
        result.listed.set(cause, (result.listed.get(cause) ?? 0) + 1);
      else
        result.unexplained.push(
          `${key}: oscap ${theirs}, index ${packages?.map(nevra).join(' ') ?? 'silent'}`,
        );
    }
  }
  return result;
}

/** Definitions of an installed package: by its own name if that has rows, else by its source's. */
class Lines {
  readonly pairs: { vulnerability: string; line: string }[] = [];
  readonly #binary = new Set<string>();
  readonly #source = new Set<string>();
  readonly #binaries: PlatformIndex['binaries'];

  constructor({ lines, binaries }: PlatformIndex) {
    this.#binaries = binaries;
    for (const { package: line, claims } of lines) {
      for (const { subject, ids } of claims)
        for (const id of ids) (subject === 'binary' ? this.#binary : this.#source).add(`${line} ${id}`);
      for (const vulnerability of new Set(claims.flatMap(({ ids }) => ids)))
        this.pairs.push({ vulnerability, line });
    }
  }

  of({ vulnerability, package: { name, source } }: Verdict): string {
    if (this.#binary.has(`${name} ${vulnerability}`)) return name;
    if (this.#source.has(`${source.name} ${vulnerability}`)) return source.name;
    const others = [...(this.#binaries ?? [])]
      .filter(([, names]) => names.includes(name))
      .map(([other]) => other);
    return others.find((other) => this.#source.has(`${other} ${vulnerability}`)) ?? name;
  }

  /** Why OVAL does not see packages at all: no document shows them as binaries of the source. */
  unseen(packages: readonly InstalledPackage[], line: string): string | undefined {
    const seen = new Set(this.#binaries?.get(line) ?? [line]);
    return packages.every(({ name }) => name !== line && !seen.has(name)) ? 'unknown_binary' : undefined;
  }

  /** OVAL looks a module build's number up among all packages; the runtime among those rows that speak of the package. */
  undecided(uncovered: readonly UncoveredPackage[], line: string): string | undefined {
    const names = new Set([line, ...(this.#binaries?.get(line) ?? [])]);
    const some = uncovered.some(
      ({ reason, package: { name } }) => reason === 'undecidable' && names.has(name),
    );
    return some ? 'module_unlabelled' : undefined;
  }

  /** A binary of the line that was built from another source has its verdict by that one's rows. */
  moved(verdicts: readonly Verdict[], vulnerability: string, line: string): string | undefined {
    const names = this.#binaries?.get(line) ?? [line];
    const some = verdicts.some(
      (verdict) =>
        verdict.vulnerability === vulnerability &&
        names.includes(verdict.package.name) &&
        verdict.package.source.name !== line,
    );
    return some ? 'several_sources' : undefined;
  }
}

function verdictsByDefinition(verdicts: readonly Verdict[], lines: Lines): Map<string, InstalledPackage[]> {
  const found = new Map<string, InstalledPackage[]>();
  for (const verdict of verdicts) {
    if (verdict.status !== 'affected') continue;
    const selection: Selection = verdict.fixState === 'available' ? 'fixed' : 'unfixed';
    const key = flawKey(selection, verdict.vulnerability, lines.of(verdict));
    found.set(key, [...(found.get(key) ?? []), verdict.package]);
  }
  return found;
}

function listedCauses(path: string): ReadonlySet<string> {
  const list = JSON.parse(readFileSync(path, 'utf8')) as { entries: { cause: string }[] };
  return new Set(list.entries.map(({ cause }) => cause));
}

function nevra({ name, version, arch, module }: InstalledPackage): string {
  return `${name}-${version}.${arch}${module === undefined ? '' : ` (${module})`}`;
}
