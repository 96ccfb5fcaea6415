import type { PlatformIndex, ShardClaim } from '../../../model/feed/index.ts';
import { pushTo } from '../../../model/order.ts';
import { moduleBuild } from '../rule/build-tags.ts';
import { linesOf, type VersionLine } from '../rule/lines.ts';
import { type RpmClaim, rpmClaim } from './rpm-rule.ts';

/** Facts from all lines of an rpm platform's index: which binaries have rows of their own, and which module builds there are. */
export interface RpmBook {
  /** Binary name -> vulnerability -> its own rows. */
  binaryRows: ReadonlyMap<string, ReadonlyMap<string, readonly ShardClaim[]>>;
  /**
   * `name:stream` -> numbers of its module builds in releases, sorted. A number shared with other modules (python39 and
   * python39-devel) counts if none of those is in `spoken`, the modules that have the package.
   */
  builds(module: string, spoken: ReadonlySet<string>): readonly string[];
  /** Numbers of every stream of the module's name, sorted. */
  buildsOfName(module: string): readonly string[];
  /** Binaries with their source's version, by the vendor's documents; undefined: none was seen. */
  binariesOf(source: string): readonly string[] | undefined;
  /** The lines of a binary's versions, by its own rows; empty: it has none. */
  linesOf(binary: string): readonly VersionLine[];
  /** Rows about a vulnerability of a binary in the lines of its sources. */
  sourceRowsOf(binary: string, vulnerability: string): readonly RpmClaim[];
}

/** Reads the index once, before its definitions are made. */
export function readRpmIndex(index: PlatformIndex): RpmBook {
  const binaryRows = new Map<string, Map<string, ShardClaim[]>>();
  const modulesOf = new Map<string, Set<string>>();
  for (const { package: name, claims } of index.lines) {
    for (const claim of claims) {
      if (claim.subject === 'binary') addRows(binaryRows, name, claim);
      const build = claim.module === undefined ? undefined : moduleBuild(claim.fixed ?? '');
      if (build !== undefined) modulesOf.set(build, (modulesOf.get(build) ?? new Set()).add(claim.module!));
    }
  }
  const sharing = new Map([...modulesOf].filter(([, modules]) => modules.size > 1));
  const builds = sortedBuilds(modulesOf, (module) => module);
  const byName = sortedBuilds(modulesOf, (module) => module.split(':')[0]!);
  return {
    binaryRows,
    builds: (module, spoken) => {
      const own = builds.get(module) ?? [];
      const shared = sharedBuilds(sharing, module, spoken);
      return shared.length === 0 ? own : [...own, ...shared].sort((a, b) => Number(a) - Number(b));
    },
    buildsOfName: (module) => byName.get(module.split(':')[0]!) ?? [],
    binariesOf: (source) => index.binaries?.get(source),
    linesOf: versionLines(index),
    sourceRowsOf: sourceRows(index),
  };
}

function versionLines({ lines }: PlatformIndex): RpmBook['linesOf'] {
  const claims = new Map(lines.map((line) => [line.package, line.claims]));
  const known = new Map<string, readonly VersionLine[]>();
  return (binary) => {
    const found = known.get(binary) ?? linesOf(claims.get(binary) ?? []);
    known.set(binary, found);
    return found;
  };
}

/** Only few binaries have rows of their own, so a source's rows are sorted by vulnerability on demand. */
function sourceRows(index: PlatformIndex): RpmBook['sourceRowsOf'] {
  const sources = new Map<string, string[]>();
  for (const [source, binaries] of index.binaries ?? []) {
    for (const binary of binaries) {
      if (binary !== source) pushTo(sources, binary, source);
    }
  }
  const lines = new Map(index.lines.map((line) => [line.package, line]));
  const rows = new Map<string, Map<string, Map<string, ShardClaim[]>>>();
  return (binary, vulnerability) =>
    (sources.get(binary) ?? []).flatMap((source) => {
      const known = rows.get(source) ?? new Map<string, Map<string, ShardClaim[]>>();
      if (!rows.has(source)) {
        rows.set(source, known);
        for (const claim of lines.get(source)?.claims ?? [])
          if (claim.subject !== 'binary') addRows(known, source, claim);
      }
      const claims = known.get(source)?.get(vulnerability) ?? [];
      return claims.map((claim) => rpmClaim(claim, source, 'source', 'own'));
    });
}

function addRows(rows: Map<string, Map<string, ShardClaim[]>>, name: string, claim: ShardClaim): void {
  const ofName = rows.get(name) ?? new Map<string, ShardClaim[]>();
  rows.set(name, ofName);
  for (const id of claim.ids) {
    const known = ofName.get(id);
    if (known) known.push(claim);
    else ofName.set(id, [claim]);
  }
}

/** Two modules that were built together are distinguished by packages that only one of them has. */
function sharedBuilds(
  sharing: ReadonlyMap<string, ReadonlySet<string>>,
  module: string,
  spoken: ReadonlySet<string>,
): string[] {
  const isAlone = (modules: ReadonlySet<string>) =>
    [...modules].every((each) => each === module || !spoken.has(each));
  return [...sharing].flatMap(([build, modules]) => (modules.has(module) && isAlone(modules) ? build : []));
}

/** A number shared by two modules with the same package identifies neither: the modules that dnf has enabled decide. */
function sortedBuilds(
  modulesOf: ReadonlyMap<string, ReadonlySet<string>>,
  keyOf: (module: string) => string,
): Map<string, string[]> {
  const builds = new Map<string, string[]>();
  for (const build of [...modulesOf.keys()].sort((a, b) => Number(a) - Number(b))) {
    const modules = modulesOf.get(build)!;
    if (modules.size > 1) continue;
    for (const module of modules) pushTo(builds, keyOf(module), build);
  }
  return builds;
}
