import { imageReaders } from '../distros/images.ts';
import { osIdOf } from '../distros/purl.ts';
import { known } from '../io/json-parts.ts';
import {
  type InventoryNote,
  isDatabaseType,
  type OsRelease,
  type PackageUrl,
  qualifier,
} from '../model/inventory/index.ts';
import type { SbomComponent, StatedSystem } from './document.ts';
import { withoutBrackets } from './values.ts';

/** The release that an SBOM is about, and what is doubtful about it. */
export interface FoundRelease {
  os: OsRelease | null;
  notes: readonly InventoryNote[];
  answers: ReleaseAnswers;
}

/** A component with its package URLs, parsed. */
export interface ReadComponent {
  component: SbomComponent;
  purls: readonly PackageUrl[];
}

/**
 * Finds the release in the ways that SBOMs give it: as a component, in the `distro` qualifiers of packages, or in a vendor's own
 * documents. If these contradict each other, the release is unknown.
 */
export function releaseOf(
  systems: readonly StatedSystem[],
  packages: readonly ReadComponent[],
  where: string,
): FoundRelease {
  const named = systems.filter(({ name }) => name !== '').map(releaseNamed);
  const qualified = qualifiedReleases(packages);
  const stated = named.length > 0 ? named : qualified.length > 0 ? qualified : inferredReleases(packages);
  const distinct = new Map(stated.map((os) => [`${os.id} ${os.versionId ?? os.codename}`, os]));
  const [os] = distinct.values();
  if (os === undefined) return { os: null, notes: [], answers: releaseAnswers([]) };
  if (distinct.size > 1) {
    const detail = [...distinct.keys()].slice(0, 5).join(', ');
    const notes = [{ code: 'sbom_names_several_systems', where, detail }];
    return { os: null, notes, answers: releaseAnswers([]) };
  }
  const found = { ...withVersion(os, qualified), found: `${where}#${os.found}` };
  return { os: found, notes: [], answers: releaseAnswers([found, ...qualified]) };
}

/** The match of a release check's pattern in a file of the stated system; undefined: it is not stated. */
export type ReleaseAnswers = (filepath: string, pattern: string) => string | undefined;

/** Answers that all releases which a document names agree on. */
export function releaseAnswers(named: readonly OsRelease[]): ReleaseAnswers {
  return (filepath, pattern) => {
    const answers = new Set(named.map((os) => answerOf(os, filepath, pattern)));
    return answers.size === 1 ? [...answers][0] : undefined;
  };
}

function answerOf(os: OsRelease, filepath: string, pattern: string): string | undefined {
  const questions = imageReaders.find(({ id }) => id === os.id)?.release?.questions ?? [];
  return questions.find((each) => each.filepath === filepath && each.pattern === pattern)?.answer(os);
}

/** A named system by the ID and the version that its own os-release has. */
export function releaseNamed({ name, version: text, ...stated }: StatedSystem): OsRelease {
  // `2 (Karoo)`
  const version = text === undefined ? undefined : withoutBrackets(text);
  const id = osIdOf(name, version);
  const reader = imageReaders.find((each) => each.id === id);
  const parts = version === undefined ? {} : (reader?.release?.ofNumber?.(version) ?? {});
  return { id, ...known({ versionId: version }), ...parts, ...stated };
}

/** An element without a version, as for Debian testing: it may be derived from the packages. */
function withVersion(os: OsRelease, qualified: readonly OsRelease[]): OsRelease {
  if (os.versionId !== undefined) return os;
  const versions = new Set(qualified.flatMap(({ id, versionId }) => (id === os.id ? (versionId ?? []) : [])));
  const [versionId] = versions;
  return versions.size === 1 && versionId !== undefined ? { ...os, versionId } : os;
}

/** Releases by the `distro` qualifier of packages of a distribution, each once. */
function qualifiedReleases(packages: readonly ReadComponent[]): OsRelease[] {
  const found = new Map<string, OsRelease>();
  for (const { purls } of packages) {
    for (const purl of purls) {
      const system = systemOf(purl);
      if (system === undefined || found.has(system.key)) continue;
      found.set(system.key, releaseNamed({ ...system.stated, found: 'purl distro' }));
    }
  }
  return [...found.values()];
}

interface QualifiedSystem {
  key: string;
  stated: Pick<StatedSystem, 'name' | 'version' | 'codename'>;
}

/** The system of a package URL; a version alone is of the namespace's distribution. */
function systemOf(purl: PackageUrl): QualifiedSystem | undefined {
  if (!isDatabaseType(purl.type)) return undefined;
  const distro = qualifier(purl, 'distro');
  const codename = qualifier(purl, 'distro_name');
  if (distro === undefined && codename === undefined) return undefined;
  // trivy writes `amazon-2 (Karoo)`.
  const [, name, version] = /^(?:(.*?)-)?(\d[\w.]*)(?: \(.*\))?$/.exec(distro ?? '') ?? [
    undefined,
    distro,
    undefined,
  ];
  return {
    key: `${purl.namespace} ${distro} ${codename}`,
    stated: { name: name ?? purl.namespace ?? '', ...known({ version, codename }) },
  };
}

/** The ID and version of a package's system, by its `distro` qualifier; undefined: it has none. */
export function statedSystemOf(purl: PackageUrl): { id: string; version?: string } | undefined {
  const stated = systemOf(purl)?.stated;
  if (stated === undefined || stated.name === '') return undefined;
  return { id: osIdOf(stated.name, stated.version), ...known({ version: stated.version }) };
}

function inferredReleases(packages: readonly ReadComponent[]): OsRelease[] {
  const evidence = {
    purls: packages.flatMap(({ purls }) => purls),
    cpes: packages.flatMap(({ component }) => component.cpes ?? []),
  };
  return imageReaders.flatMap(({ id, release }) => {
    const inferred = release?.ofPackages?.(evidence);
    return inferred ? [{ id, ...inferred }] : [];
  });
}
