import { isVendor, osIdOf, purlNamespace } from '../distros/purl.ts';
import { ecosystemOf } from '../ecosystems/ecosystems.ts';
import { isPackagedPlace } from '../ecosystems/places.ts';
import { known } from '../io/json-parts.ts';
import {
  type DatabaseType,
  type InstalledPackage,
  type InventoryNote,
  incompleteDatabase,
  isDatabaseType,
  type OsRelease,
  type PackageUrl,
  parsePackageUrl,
  qualifier,
  searchIncomplete,
  statedVersion,
  type UnjudgedPackages,
  type Unstated,
  unstatedFacts,
} from '../model/inventory/index.ts';
import { compareCodeUnits } from '../model/order.ts';
import { UnjudgedCount } from '../model/verdict/index.ts';
import { sourceOfRpm } from '../packaging/rpm/package.ts';
import type { SbomComponent, SbomDocument } from './document.ts';
import { type ReadComponent, statedSystemOf } from './release.ts';

/** The components of an SBOM: each is a package, counted as unjudged, or counted as left out. */
export interface SortedComponents {
  packages: InstalledPackage[];
  unjudged: UnjudgedPackages[];
  /** Those of ecosystems whose name and version are known; they are counted in `unjudged` too. */
  languages: InstalledPackage[];
  notes: InventoryNote[];
  /** Some packages of a distribution could not be read. */
  incomplete: boolean;
}

/**
 * Reads the package URLs of all components, those of package databases first: another one beside them does not take a package out of
 * the result. Those that are none are found by `sortComponents`.
 */
export function readComponents(components: readonly SbomComponent[]): ReadComponent[] {
  return components.map((component) => {
    const purls = component.purls.flatMap((purl) => parsePackageUrl(purl) ?? []);
    const isOfDatabase = ({ type }: PackageUrl) => isDatabaseType(type);
    return {
      component,
      purls: [...purls.filter(isOfDatabase), ...purls.filter((purl) => !isOfDatabase(purl))],
    };
  });
}

const databasePurl = /^pkg:\/*(?:alpine|alpm|apk|deb|ebuild|rpm)\//i;
/** A package URL of another kind, whole or broken. */
const otherPurl = /^pkg:\/*(?!(?:alpine|alpm|apk|deb|ebuild|rpm)\b)[a-z][a-z0-9.+-]*\//i;

/** Sorts every component into what it is. */
export function sortComponents(
  {
    layers,
    writers,
    builtFrom,
    losses: stated = [],
    unread = [],
    damaged = [],
    unsearched = [],
  }: SbomDocument,
  components: readonly ReadComponent[],
  os: OsRelease | null,
  where: string,
): SortedComponents {
  const context: Context = {
    where,
    os,
    layers: new Map(layers.map((layer, at) => [layer, at])),
    builtFrom,
    namesSources: writers.some(namesSources) || (writers.some(isSyft) && components.some(namesUpstream)),
  };
  const left = new LeftOut();
  const unreadable = new LeftOut();
  const packages: InstalledPackage[] = [];
  const unjudged = new UnjudgedCount();
  const places = new Map<string, string>();
  for (const text of damaged) {
    const [, ecosystem, count, place = where] =
      /^([a-z][a-z\d.+-]{0,31}) (\d{1,9})(?: (.+))?$/s.exec(text) ?? [];
    if (ecosystem === undefined) continue;
    unjudged.damaged(ecosystem, Number(count));
    places.set(ecosystem, place);
  }
  for (const text of unread) {
    const [, ecosystem, count] = /^([a-z][a-z\d.+-]{0,31}) (\d{1,9})$/.exec(text) ?? [];
    if (ecosystem !== undefined)
      unjudged.add(ecosystem, places.get(ecosystem) ?? where, undefined, Number(count));
  }
  const languages: InstalledPackage[] = [];
  const packaged = new LeftOut();
  // Without them nobody judges what they own.
  const hasPackages = os !== null && components.some(({ purls: [purl] }) => isDatabaseType(purl?.type));
  for (const read of components) {
    const { component, purls } = read;
    const [purl] = purls;
    const kind = purl?.type ?? component.kind;
    const isListed =
      component.purls.some((text) => databasePurl.test(text)) || [kind, component.kind].some(isDatabaseType);
    // Whatever a component says it is, a package URL of a database is that of an installed package.
    const isPackage = component.role === 'package' || (isListed && component.role !== 'system');
    if (!isPackage) left.add(roleWords[component.role as keyof typeof roleWords], component);
    else if (component.purls.length > 0 && purl === undefined) {
      const isOther = !isListed && component.purls.every((text) => otherPurl.test(text));
      (isOther ? left : unreadable).add('with a broken package URL', component);
    } else if (isListed && !isDatabaseType(kind))
      unreadable.add('with a package URL of another kind', component);
    else if (kind === undefined) left.add('of no known kind', component);
    else if (kind === 'oci' || kind === 'docker') left.add(roleWords.image, component);
    else if (!isDatabaseType(kind)) {
      if (hasPackages && !component.owner && isPackagedPlace(component.location ?? '')) {
        packaged.add(`of ${kind}, judged as part of packages of the distribution by their places`, component);
        continue;
      }
      if (!component.owner)
        unjudged.add(kind, component.database ?? component.place, layerOf(component, context));
      const pkg = purl && languagePackage(purl, component, context);
      if (pkg) languages.push(pkg);
    } else {
      const pkg = installedPackage(kind, read, context);
      if (typeof pkg === 'string') left.add(pkg, component);
      else if ('type' in pkg) packages.push(pkg);
      else if (pkg.length === 0) unreadable.add('without a name or a version', component);
      else {
        const name = `${component.name}: ${pkg.join(' and ')}`;
        unreadable.add('whose versions contradict each other', { ...component, name });
      }
    }
  }
  const losses = [...unreadable.details(), ...stated];
  const distinct = distinctPackages(packages);
  const twice = packages.length - distinct.length;
  const notes: InventoryNote[] = [
    ...left.details().map((detail) => ({ code: 'sbom_components_left_out', where, detail })),
    ...packaged.details().map((detail) => ({ code: 'packaged_languages', where, detail })),
    ...losses.map((detail) => ({ code: incompleteDatabase, where, detail })),
    ...unsearched.map((detail) => ({ code: searchIncomplete, where, detail })),
  ];
  if (twice > 0) notes.push({ code: 'sbom_packages_listed_twice', where, detail: `${twice} more than once` });
  return {
    packages: distinct,
    unjudged: unjudged.list(),
    languages,
    notes,
    incomplete: losses.length > 0,
  };
}

/** Counts components that are not used, by reason. */
class LeftOut {
  readonly #found = new Map<string, { count: number; example: string }>();

  add(why: string, { name, place }: SbomComponent): void {
    const known = this.#found.get(why);
    if (known) known.count += 1;
    else this.#found.set(why, { count: 1, example: name === '' ? place : `${name} at ${place}` });
  }

  details(): string[] {
    return [...this.#found].map(
      ([why, { count, example }]) => `${count} ${why} (${example}${count > 1 ? ', …' : ''})`,
    );
  }
}

const roleWords: Readonly<Record<Exclude<SbomComponent['role'], 'package'>, string>> = {
  system: 'naming a system',
  file: 'that are files',
  image: 'that are images or layers',
  other: 'without a package URL, or of another kind than packages',
};

interface Context {
  where: string;
  os: OsRelease | null;
  layers: ReadonlyMap<string, number>;
  builtFrom: SbomDocument['builtFrom'];
  /** The writer names a source wherever it is not the package itself: one left out is exactly the package's own. */
  namesSources: boolean;
}

function isSyft(writer: string): boolean {
  return /^syft\b/i.test(writer);
}

/** syft since 0.57, whose documents name a source wherever it is not the package itself; older ones may do. */
function namesSources(writer: string): boolean {
  const [, major = '0', minor = '0'] = /^syft[- ]v?(\d+)\.(\d+)/i.exec(writer) ?? [];
  return Number(major) > 0 || Number(minor) >= 57;
}

function namesUpstream({ purls }: ReadComponent): boolean {
  return purls.some(
    ({ type, qualifiers }) => type !== 'rpm' && qualifiers.some(([name]) => name === 'upstream'),
  );
}

/** The package; or why none is installed; a list: one is, but which of these versions, or which at all, the SBOM does not say. */
function installedPackage(
  type: DatabaseType,
  { component, purls }: ReadComponent,
  context: Context,
): InstalledPackage | string | readonly string[] {
  const [purl] = purls;
  const name = purl?.name ?? component.name;
  const arch = (purl && qualifier(purl, 'arch')) ?? component.arch ?? '';
  const same = purls.filter((each) => each.type === type && each.name === name);
  const version = statedVersion(same, component.version);
  if (type === 'rpm' && name === 'gpg-pubkey') return 'that are keys';
  if (arch === 'src' || arch === 'source') return 'that are source packages, which nobody installs';
  if (name === '' || (type === 'ebuild' && !name.includes('/'))) return [];
  if (typeof version !== 'string') return version;
  const declaredUnstated = component.unstated ?? [];
  const source = declaredUnstated.includes('source')
    ? undefined
    : sourceOf(type, { name, version }, purls, component, context);
  const label = moduleLabel(purl, component);
  const layer = layerOf(component, context);
  const system = purl && context.os ? otherSystem(purl, context.os) : undefined;
  const isMissing: Readonly<Record<Unstated, boolean>> = {
    source: source === undefined,
    signature: type === 'rpm' && component.keyId === undefined,
    release: system !== undefined,
  };
  const unstated = unstatedFacts.filter((fact) => isMissing[fact] || declaredUnstated.includes(fact));
  return {
    type,
    name,
    version,
    arch,
    source: source ?? { name, version },
    ...known({
      state: component.state,
      module: label?.split(':', 2).join(':') ?? component.module,
      modularityLabel: label,
      // For dpkg this would be the maintainer, whom no rule reads.
      vendor: type === 'rpm' ? component.vendor : undefined,
      keyId: component.keyId === 'none' ? undefined : component.keyId,
      ...(type === 'ebuild' && {
        slot: purl && qualifier(purl, 'slot'),
        repository: purl && qualifier(purl, 'repository'),
      }),
    }),
    database: component.database ?? context.where,
    ...known({ layer, system, unstated: unstated.length > 0 ? unstated : undefined }),
  };
}

/** Undefined: no feed knows the ecosystem, or the version is not stated or contradicted. */
function languagePackage(
  purl: PackageUrl,
  component: SbomComponent,
  context: Context,
): InstalledPackage | undefined {
  const ecosystem = ecosystemOf(purl.type);
  const version = statedVersion([purl], component.version);
  if (!ecosystem || typeof version !== 'string') return undefined;
  const name = ecosystem.nameOf(purl);
  const layer = layerOf(component, context);
  const place = component.location ?? component.database;
  // Without a place, modules of two programs are one package: a statement about one of them must not clear it.
  const program = place === undefined ? undefined : component.program;
  return {
    type: ecosystem.id,
    name,
    version,
    arch: '',
    source: { name, version },
    database: place ?? context.where,
    ...known({ layer, owner: component.owner, program }),
  };
}

/**
 * The source: as the component states it, by the `upstream` qualifier, or the package itself where the writer leaves out
 * exactly that, or by a relation of the document. Undefined: not known, also where statements contradict each other.
 */
function sourceOf(
  type: DatabaseType,
  own: { name: string; version: string },
  purls: readonly PackageUrl[],
  { source, id, location, database }: SbomComponent,
  { namesSources, builtFrom }: Context,
): InstalledPackage['source'] | undefined {
  const [first, ...others] = [...(source ? [source] : []), ...upstreamsOf(purls)];
  if (first && others.some((other) => contradict(first, other))) return undefined;
  // No source has such a name, and none that is close may be meant.
  if (first && /\s/.test(first.name)) return undefined;
  const whole = [first, ...others].find(
    (each) => each !== undefined && plainSource(each).version !== undefined,
  );
  const stated = whole ?? first ?? relatedSource(id === undefined ? undefined : builtFrom.get(id));
  if (type === 'rpm') {
    const build = stated && (sourceOfRpm(stated.name) ?? versioned(stated));
    return build && { name: build.name, version: build.version.replace(/^\d+:/, '') };
  }
  // `apk add --virtual` makes a package of a name that no other one can have.
  if (type === 'apk' && own.name.startsWith('.')) return own;
  // dpkg's `Source` names a version only where it is not the package's own; apk, pacman and portage have no other.
  if (stated) return { name: stated.name, version: stated.version ?? own.version };
  // The list of a chiselled image names none that its reader could leave out.
  if ((location ?? database)?.endsWith('/manifest.wall')) return undefined;
  // Statements about packages of pacman and portage name no sources, so that an unknown one is none.
  return namesSources || type === 'alpm' || type === 'ebuild' ? own : undefined;
}

type StatedSource = NonNullable<SbomComponent['source']>;

/** A version that one of them leaves out contradicts nothing. */
function contradict(one: StatedSource, other: StatedSource): boolean {
  const [a, b] = [plainSource(one), plainSource(other)];
  return a.name !== b.name || (a.version !== undefined && b.version !== undefined && a.version !== b.version);
}

/** Name and version, also of the file name of a source rpm; that has no epoch. */
function plainSource({ name, version }: StatedSource): StatedSource {
  return sourceOfRpm(name) ?? { name, ...known({ version: version?.replace(/^\d+:/, '') }) };
}

function versioned({
  name,
  version,
}: {
  name: string;
  version?: string;
}): InstalledPackage['source'] | undefined {
  return version === undefined ? undefined : { name, version };
}

/** `openssl@1.1.1-1`, `openssl`, `openssl-1.1.1k-7.el8_6.src.rpm`. */
function upstreamsOf(purls: readonly PackageUrl[]): StatedSource[] {
  const texts = purls.flatMap(({ qualifiers }) =>
    qualifiers.flatMap(([name, text]) => (name === 'upstream' ? text : [])),
  );
  return texts.map((text) => {
    const at = text.indexOf('@');
    return at < 1 ? { name: text } : { name: text.slice(0, at), version: text.slice(at + 1) };
  });
}

function relatedSource(url: string | undefined): SbomComponent['source'] {
  const purl = url === undefined ? undefined : parsePackageUrl(url);
  if (purl === undefined) return undefined;
  const version = statedVersion([purl], undefined);
  if (typeof version === 'string') return { name: purl.name, version };
  return version.length === 0 ? { name: purl.name } : undefined;
}

/** MODULARITYLABEL, in a qualifier of syft's or trivy's, or as the component states it. */
function moduleLabel(purl: PackageUrl | undefined, { modularityLabel }: SbomComponent): string | undefined {
  const label =
    modularityLabel ?? (purl && (qualifier(purl, 'rpmmod') ?? qualifier(purl, 'modularitylabel')));
  return label?.includes(':') ? label : undefined;
}

/** The system of a package, if it is another one or another release: each number of a version that both state is the same in one. */
function otherSystem(purl: PackageUrl, os: OsRelease): InstalledPackage['system'] {
  const stated = statedSystemOf(purl);
  if (stated === undefined) return namespaceSystem(purl, os);
  const [own, others] = [stated.version, os.versionId].map((version) => version?.match(/\d+/g) ?? []);
  const isOther =
    stated.id !== os.id || own!.some((number, at) => Number(number) !== Number(others![at] ?? number));
  return isOther ? stated : undefined;
}

/** Without a `distro` the namespace says it, if it is that of a vendor: `pkg:deb/ubuntu/…` in a document about Debian. */
function namespaceSystem({ namespace }: PackageUrl, os: OsRelease): InstalledPackage['system'] {
  const id = namespace === undefined ? undefined : osIdOf(namespace);
  if (id === undefined || !isVendor(id) || purlNamespace(id) === purlNamespace(os.id)) return undefined;
  return { id };
}

/** Packages in the order of an inventory, each once: an SBOM may list one for each repository or location. */
function distinctPackages(packages: readonly InstalledPackage[]): InstalledPackage[] {
  const sorted = [...packages].sort(
    (a, b) =>
      compareCodeUnits(a.name, b.name) ||
      compareCodeUnits(a.arch, b.arch) ||
      compareCodeUnits(a.version, b.version) ||
      compareCodeUnits(a.type, b.type),
  );
  const distinct: InstalledPackage[] = [];
  for (const pkg of sorted) {
    const last = distinct.at(-1);
    const isSame =
      last?.name === pkg.name &&
      last.arch === pkg.arch &&
      last.version === pkg.version &&
      last.type === pkg.type;
    if (isSame) distinct[distinct.length - 1] = joined(last, pkg);
    else distinct.push(pkg);
  }
  return distinct;
}

/** One package of two records: what only one of them states counts, and what they contradict each other in is not known. */
function joined(one: InstalledPackage, other: InstalledPackage): InstalledPackage {
  const both = [one, other];
  const stating = (fact: Unstated) => both.filter(({ unstated }) => !unstated?.includes(fact));
  const source = agreed(stating('source'), ({ source: { name, version } }) => `${name} ${version}`)?.source;
  const signed = agreed(stating('signature'), ({ keyId }) => keyId);
  const text = (fact: 'modularityLabel' | 'module' | 'vendor') =>
    agreed(
      both.filter((each) => each[fact] !== undefined),
      (each) => each[fact],
    )?.[fact];
  const isMissing: Readonly<Record<Unstated, boolean>> = {
    source: source === undefined,
    signature: signed === undefined,
    release: stating('release').length < both.length,
  };
  const unstated = unstatedFacts.filter((fact) => isMissing[fact]);
  return {
    ...withoutStated(one),
    source: source ?? { name: one.name, version: one.version },
    ...known({
      module: text('module'),
      modularityLabel: text('modularityLabel'),
      vendor: text('vendor'),
      keyId: signed?.keyId,
      system: one.system ?? other.system,
      unstated: unstated.length > 0 ? unstated : undefined,
    }),
  };
}

/** The first of those that state one thing; undefined: there is none, or they contradict each other. */
function agreed<T>(records: readonly T[], stated: (record: T) => string | undefined): T | undefined {
  return new Set(records.map(stated)).size === 1 ? records[0] : undefined;
}

function withoutStated({
  module: _module,
  modularityLabel: _label,
  vendor: _vendor,
  keyId: _keyId,
  system: _system,
  unstated: _unstated,
  ...own
}: InstalledPackage): InstalledPackage {
  return own;
}

function layerOf({ layer }: SbomComponent, { layers }: Context): number | undefined {
  return layer === undefined ? undefined : layers.get(layer);
}
