import type { EcosystemId, PackageUrl } from '../model/inventory/index.ts';
import type { Comparison } from '../model/order.ts';
import type { VersionOrder } from '../packaging/order.ts';
import { bitnami } from './versions/bitnami.ts';
import { composer } from './versions/composer.ts';
import { gem } from './versions/gem.ts';
import { maven } from './versions/maven.ts';
import { nuget } from './versions/nuget.ts';
import { pep440 } from './versions/pep440.ts';
import { goVersions, semver } from './versions/semver.ts';

/** A registry of packages of one language: its names, and the order of its versions. */
export interface Ecosystem {
  /** Type of its package URLs; id of its platform in a feed. */
  id: EcosystemId;
  /** Its name for people, and in OSV records. */
  name: string;
  versions: VersionOrder;
  /** The name by which its data knows a package; equal for all spellings of one package. */
  nameOf(purl: Pick<PackageUrl, 'namespace' | 'name'>): string;
  /** The same for a name of an OSV record. Default: as it is. */
  spelled?(name: string): string;
  /** Form of a whole name, where a package without its group, vendor or scope is another one or none. Default: any text. */
  wholeName?: { pattern: RegExp; words: string };
  /** Why a package that no record names is not known to have no flaw. Default: its data is about the whole registry, so that it has none. */
  unnamed?: string;
}

const slashed = ({ namespace, name }: Pick<PackageUrl, 'namespace' | 'name'>) =>
  namespace === undefined ? name : `${namespace}/${name}`;

/** PEP 503, https://packaging.python.org/en/latest/specifications/name-normalization/ */
const pythonName = (name: string) => name.toLowerCase().replace(/[-_.]+/g, '-');
/** The registry takes both for one name. */
const crateName = (name: string) => name.replaceAll('_', '-');
/** Modules that can be fetched: their paths begin with a domain, unlike local ones (https://go.dev/ref/mod#module-path). */
export const goModule: RegExp = /^(?:stdlib|toolchain|[^/]+\.[^/]+(?:\/.*)?)$/;
const lowered = (name: string) => name.toLowerCase();

/** By id, in code-unit order. */
export const ecosystems: readonly Ecosystem[] = [
  {
    id: 'bitnami',
    name: 'Bitnami',
    versions: bitnami,
    nameOf: (purl) => lowered(slashed(purl)),
    spelled: lowered,
    unnamed: 'no record of Bitnami names it, and Bitnami does not list what it looks into',
  },
  {
    id: 'cargo',
    name: 'crates.io',
    versions: semver,
    nameOf: ({ name }) => crateName(name),
    spelled: crateName,
  },
  {
    id: 'composer',
    name: 'Packagist',
    versions: composer,
    nameOf: (purl) => lowered(slashed(purl)),
    spelled: lowered,
    wholeName: { pattern: /^[^/]+\/[^/]+$/, words: 'vendor/name' },
  },
  { id: 'gem', name: 'RubyGems', versions: gem, nameOf: ({ name }) => name },
  {
    id: 'golang',
    name: 'Go',
    versions: goVersions,
    // osv-scalibr calls the standard library by the name of the language.
    nameOf: (purl) => (purl.namespace === undefined && purl.name === 'go' ? 'stdlib' : slashed(purl)),
    wholeName: { pattern: goModule, words: 'domain/path, or stdlib' },
  },
  {
    id: 'maven',
    name: 'Maven',
    versions: maven,
    nameOf: ({ namespace = '', name }) => `${namespace.replaceAll('/', '.')}:${name}`,
    wholeName: { pattern: /^[^:]+:[^:]+$/, words: 'group:artifact' },
  },
  {
    id: 'npm',
    name: 'npm',
    versions: semver,
    nameOf: slashed,
    wholeName: { pattern: /^(?:@[^/]+\/)?[^@/][^/]*$/, words: 'name or @scope/name' },
  },
  { id: 'nuget', name: 'NuGet', versions: nuget, nameOf: ({ name }) => lowered(name), spelled: lowered },
  {
    id: 'pypi',
    name: 'PyPI',
    versions: pep440,
    nameOf: ({ name }) => pythonName(name),
    spelled: pythonName,
  },
];

/** Undefined: no ecosystem that feeds know has this type of package URLs. */
export function ecosystemOf(type: string): Ecosystem | undefined {
  return ecosystems.find(({ id }) => id === type);
}

/** Comparers of two versions, by ecosystem. */
export const comparersOfEcosystems = Object.fromEntries(
  ecosystems.map(({ id }) => [id, (a: string, b: string) => compareInEcosystem(id, a, b)]),
) as Readonly<Record<EcosystemId, (a: string, b: string) => Comparison>>;

/** Compares two versions in the order of an ecosystem. Undefined: one of them is no version. */
export function compareInEcosystem(type: EcosystemId, a: string, b: string): Comparison | undefined {
  const { read, compare } = ecosystemOf(type)!.versions;
  const [one, other] = [read(a), read(b)];
  if (one === undefined || other === undefined) return undefined;
  return Math.sign(compare(one, other)) as Comparison;
}
