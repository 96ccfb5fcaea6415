import type { PlatformIndex, ShardClaim } from '../../../src/model/feed/index.ts';
import type { RpmPackage } from '../../prove/trial.ts';
import { type RhelRelease, redHatKey, vendor } from './roots.ts';

/** A root around what the documents themselves fix: each package once, at, below or beside one of its fixed builds. */
export interface DocumentRoot {
  name: string;
  release: RhelRelease;
  packages: RpmPackage[];
  modules: string[];
}

/** A fixed build of one line, and how the installed one stands to it. */
interface Case {
  /** The installed package's name. */
  name: string;
  /** The package whose SOURCERPM it has. */
  source: string;
  claim: ShardClaim;
  kind: Kind;
}

const kinds = ['fixed', 'below', 'untagged', 'other_arch', 'foreign_key', 'unsigned', 'unlabelled'] as const;
type Kind = (typeof kinds)[number];

/**
 * Roots that hold every fixed build of an index in every kind. Two builds of one name never meet in a root, since a
 * definition is true if any of them is affected; so there are as many roots as the busiest name has builds.
 */
export function documentRoots(index: PlatformIndex): DocumentRoot[] {
  const byName = new Map<string, Case[]>();
  for (const each of casesOf(index)) byName.set(each.name, [...(byName.get(each.name) ?? []), each]);
  const count = Math.max(0, ...[...byName.values()].map((cases) => cases.length));
  const major = Number(index.platform.os.version);
  const minors = [
    ...new Set(index.lines.flatMap(({ claims }) => claims.flatMap(({ minor }) => minor ?? []))),
  ].sort((a, b) => a - b);
  return Array.from({ length: count }, (_, at) => {
    const cases = [...byName.values()].flatMap((all) => all[at % all.length] ?? []);
    // Later rounds of a name with few builds meet other minors of the image.
    const minor = minors.length === 0 ? (major === 7 ? 9 : 0) : minors[at % minors.length]!;
    return {
      name: `rhel-${major}.${minor} #${at}`,
      release: { major, minor },
      packages: cases.map((each) => installed(each, major)),
      modules: at % 2 === 0 ? enabledModules(cases) : [],
    };
  });
}

/** Rows of a source stand for its binaries in turn: one for each fix and kind. */
function casesOf({ lines, binaries }: PlatformIndex): Case[] {
  const sourceOf = new Map<string, string>();
  for (const [source, names] of binaries ?? []) for (const name of names) sourceOf.set(name, source);
  return lines.flatMap(({ package: line, claims }) => {
    const fixes = uniqueBy(
      claims.filter(({ fixed }) => fixed !== undefined),
      ({ fixed, module, subject }) => `${fixed} ${module} ${subject}`,
    );
    return fixes.flatMap((claim, at) =>
      kinds
        .filter((kind) => kind !== 'unlabelled' || claim.module !== undefined)
        .filter((kind) => kind !== 'untagged' || claim.module === undefined)
        .map((kind, turn): Case => {
          const own = claim.subject === 'binary';
          const names = own ? [line] : (binaries?.get(line) ?? [line]);
          const name = names[(at + turn) % names.length]!;
          return { name, source: own ? (sourceOf.get(line) ?? line) : line, claim, kind };
        }),
    );
  });
}

function installed({ name, source, claim, kind }: Case, major: number): RpmPackage {
  const [, epoch = '0', version = '', release = ''] = /^(?:(\d+):)?(.+)-([^-]+)$/.exec(claim.fixed!)!;
  const build =
    kind === 'fixed'
      ? release
      : kind === 'untagged'
        ? release.replace(/(el\d+)_\d+.*$/, '$1')
        : lower(release);
  return {
    name,
    ...(epoch === '0' ? {} : { epoch: Number(epoch) }),
    version,
    release: build,
    arch: kind === 'other_arch' ? 's390x' : (claim.arch?.find((arch) => arch !== 'noarch') ?? 'x86_64'),
    sourcerpm: `${source}-${version}-${build}.src.rpm`,
    ...(kind === 'unsigned' ? {} : { keyid: kind === 'foreign_key' ? epelKey : redHatKey }),
    vendor: kind === 'foreign_key' ? 'Fedora Project' : vendor,
    ...(claim.module === undefined || kind === 'unlabelled'
      ? {}
      : { modularitylabel: `${claim.module}:${labelVersion(build, major)}:0badc0de` }),
  };
}

/** EPEL 8. */
const epelKey = '21ea45ab2f86d6a1';

/** The build before: one less in the release's first number; where that is 0, what sorts before it. */
function lower(release: string): string {
  const [, digits = '', rest = ''] = /^(\d+)(.*)$/.exec(release) ?? [];
  if (digits === '') return `0.${release}`;
  return Number(digits) === 0 ? `0~${rest}` : `${Number(digits) - 1}${rest}`;
}

/** MODULARITYLABEL's version of a build: major, minor and patch of its tag, and a time. */
function labelVersion(release: string, major: number): string {
  const minor = /el\d+\.(\d+)\./.exec(release)?.[1] ?? '0';
  return `${major}${minor.padStart(2, '0')}0020240101000000`;
}

/** Modules that dnf would have enabled; a name with two streams in one root has no record. */
function enabledModules(cases: readonly Case[]): string[] {
  const streams = new Map<string, Set<string>>();
  for (const { claim } of cases) {
    if (claim.module === undefined) continue;
    const [name = ''] = claim.module.split(':');
    streams.set(name, (streams.get(name) ?? new Set()).add(claim.module));
  }
  return [...streams.values()].flatMap((modules) => (modules.size === 1 ? [...modules] : []));
}

function uniqueBy<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [keyOf(item), item])).values()];
}
