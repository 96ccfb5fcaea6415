import { osIdOf, purlNamespace, releaseOf } from '../distros/purl.ts';
import { comparersOfEcosystems, ecosystemOf } from '../ecosystems/ecosystems.ts';
import { known } from '../io/json-parts.ts';
import {
  type InstalledPackage,
  type OsRelease,
  type PackageUrl,
  parsePackageUrl,
  qualifier,
} from '../model/inventory/index.ts';
import type { Comparison } from '../model/order.ts';
import { compareAlpm } from '../packaging/alpm/version.ts';
import { compareApk } from '../packaging/apk/version.ts';
import { compareDpkg } from '../packaging/deb/version.ts';
import { compareEbuild } from '../packaging/ebuild/version.ts';
import { compareRpmEvr } from '../packaging/rpm/version.ts';
import { applicationOf, cpeHolds, isOfSystem, versionOfCpe } from './cpe.ts';
import { identityOf, isOfUpstream } from './identity.ts';
import { productText, type VersionRule, type VexProduct } from './statement.ts';

/** Why something does not match; the higher the level, the nearer it came. */
export interface Miss {
  level: number;
  why: string;
}

export const missLevels = {
  other: 0,
  type: 1,
  namespace: 2,
  version: 3,
  qualifier: 4,
  image: 5,
  identity: 6,
} as const;

/**
 * Undefined: the product is the package. `inDoubt`: the answer where a version cannot be compared, which is no match for a
 * statement that clears and one for all others.
 */
export function missOfPackage(
  product: VexProduct,
  pkg: InstalledPackage,
  os: OsRelease | null,
  inDoubt: boolean,
): Miss | undefined {
  let nearest: Miss = { level: missLevels.other, why: `${productText(product)} is no package URL` };
  const { ids, others = [], cpes = [] } = product;
  for (const id of inDoubt ? [...ids, ...others] : ids) {
    const purl = inDoubt ? inOtherSpelling(id, pkg) : parsePackageUrl(id);
    if (!purl) continue;
    const miss = missOfPurl(purl, product.versions, pkg, os, inDoubt);
    if (!miss) return inDoubt ? undefined : missOfIdentity(product, purl, pkg, os);
    if (miss.level >= nearest.level) nearest = miss;
  }
  return inDoubt && ids.length === 0 && cpes.some((cpe) => mayBe(cpe, pkg)) ? undefined : nearest;
}

/** Names that a package has as missOfPackage and missOfProgram compare them, in one spelling. */
export function namesOf({ name, source, program }: InstalledPackage): Set<string> {
  return new Set([name, source.name, ...(program ? [program.name] : [])].map(inOneSpelling));
}

/** Names of a product's package URLs in that spelling: it can only be a package that has one of them. */
export function namesOfProduct({ ids, others = [] }: VexProduct): Set<string> {
  const purls = [...ids, ...others].flatMap((id) => parsePackageUrl(id.replaceAll(/\s|%20/g, '')) ?? []);
  return new Set(purls.map((purl) => inOneSpelling(inEcosystem(purl).name)));
}

function inOneSpelling(name: string): string {
  return name.replaceAll(/\s/g, '').toLowerCase();
}

/** Undefined: the product is the program that a module of Go is linked into. `inDoubt`: as of missOfPackage. */
export function missOfProgram(
  product: VexProduct,
  { type, program, ...pkg }: InstalledPackage,
  os: OsRelease | null,
  inDoubt: boolean,
): Miss | undefined {
  if (!program) return { level: missLevels.image, why: `the program that has ${pkg.name} is not known` };
  const { name, version = '' } = program;
  const miss = missOfPackage(
    product,
    { ...pkg, type, name, version, source: { name, version } },
    os,
    inDoubt,
  );
  return miss && { level: missLevels.image, why: `${pkg.name} is in the program ${name}: ${miss.why}` };
}

/** A package URL without blanks, in the case of the package's name, and as that of the source if it has only the name of that. */
function inOtherSpelling(id: string, pkg: InstalledPackage): PackageUrl | undefined {
  const purl = parsePackageUrl(id.replaceAll(/\s|%20/g, ''));
  if (!purl) return undefined;
  if (ecosystemOf(purl.type)) return inOwnCase(purl, pkg);
  const names = [pkg.name, pkg.source.name];
  const name = names.find((each) => each.toLowerCase() === purl.name.toLowerCase()) ?? purl.name;
  const namespace = purl.namespace?.toLowerCase();
  const isSource = name === pkg.source.name && name !== pkg.name && !isSourceUrl(purl);
  const arch = isSource ? [['arch', 'source'] as const] : [];
  const qualifiers = [...arch, ...purl.qualifiers.filter(([each]) => !isSource || each !== 'arch')];
  return { ...purl, ...known({ namespace }), name, qualifiers };
}

/** With the letters of the package's name: some ecosystems distinguish case, and writers of documents do not. */
function inOwnCase(purl: PackageUrl, { name }: InstalledPackage): PackageUrl {
  const [, namespace, own] = /^(?:(.*)[/:])?([^/:]*)$/s.exec(name)!;
  const whole = inEcosystem(purl).name.toLowerCase();
  return whole === name.toLowerCase() ? { ...purl, ...known({ namespace }), name: own! } : purl;
}

/** Whether the name in a CPE has nothing in common with the names of the package and its source: `httpd` and `libssl3` of `openssl`. */
function isOfOther(cpe: string, { name, source }: InstalledPackage): boolean {
  const [product, ...own] = [applicationOf(cpe)?.product ?? '', name, source.name].map((each) =>
    each.toLowerCase().replaceAll(/[^a-z0-9]/g, ''),
  ) as [string, ...string[]];
  return !own.some((each) => each.includes(product) || product.includes(each));
}

/** Whether a CPE is that of an application of the package's name, or its source's, in its version. */
function mayBe(cpe: string, { name, version, source }: InstalledPackage): boolean {
  const { product, version: stated } = applicationOf(cpe) ?? {};
  const own = [
    [name, version],
    [source.name, source.version],
  ] as const;
  return own.some(
    ([each, installed]) => each === product && (stated === undefined || isOfUpstream(installed, stated)),
  );
}

/** An identifier supplies what another one lacks. */
function missOfIdentity(
  product: VexProduct,
  purl: PackageUrl,
  pkg: InstalledPackage,
  os: OsRelease | null,
): Miss | undefined {
  const { fault, epochs = [], ...stated } = identityOf(product);
  if (fault !== undefined) return { level: missLevels.identity, why: fault };
  const { arch } = product;
  const others = [...epochs, ...(arch === undefined ? [] : [['arch', arch] as const])];
  const whole = { ...purl, ...stated, qualifiers: [...purl.qualifiers, ...others] };
  const miss = missOfPurl(whole, product.versions, pkg, os, false);
  if (miss) return miss;
  for (const qualifiers of openQualifiers(product, {
    ...purl,
    qualifiers: [...purl.qualifiers, ...epochs],
  })) {
    const misses = qualifiers.map((each) =>
      missOfPurl({ ...purl, qualifiers: [each] }, undefined, pkg, os, false),
    );
    if (misses.every((each) => each)) return misses[0];
  }
  const { version: installed } = isSourceUrl(purl) ? pkg.source : pkg;
  const cpe = product.cpes?.find(
    (each) => !cpeHolds(each, { os, architecture: pkg.arch }, (version) => isOfUpstream(installed, version)),
  );
  if (cpe === undefined) {
    const other = product.cpes?.find((each) => isOfOther(each, pkg));
    return other === undefined
      ? undefined
      : { level: missLevels.identity, why: `${other} is none of ${purl.name}` };
  }
  const why = isOfSystem(cpe)
    ? `${purl.name} is of ${os?.cpe ?? 'a system without a CPE'}, the statement is about ${cpe}`
    : `${purl.name} ${installed} is installed, the CPE of the statement is about ${versionOfCpe(cpe)?.version}`;
  return { level: missLevels.version, why };
}

/** A reference of syft has it, to be unique in its document. */
const ofReference = 'package-id';

/** Qualifiers that other package URLs of a product have and one leaves open, by name: of each, one is enough. */
function openQualifiers(
  { ids, others = [] }: VexProduct,
  { qualifiers }: PackageUrl,
): PackageUrl['qualifiers'][] {
  const all = [...ids, ...others].flatMap((id) => parsePackageUrl(id)?.qualifiers ?? []);
  const names = new Set(all.map(([name]) => name));
  for (const [name] of [...qualifiers, [ofReference]]) names.delete(name);
  return [...names].map((open) => all.filter(([name]) => name === open));
}

/** Ubuntu's own documents name sources so. */
function isSourceUrl(purl: PackageUrl): boolean {
  return isSourceArch(qualifier(purl, 'arch'));
}

function isSourceArch(arch: string | undefined): boolean {
  return arch === 'source' || arch === 'src';
}

/** Qualifiers that only state the origin of a package, or that are read in other ways. */
const readApart: ReadonlySet<string> = new Set([
  ...['distro', 'arch', 'epoch', 'upstream', 'distro_name', 'os_name', 'os_version', 'os_distro'],
]);

/** A package of a language has one name: that of the ecosystem's data, of which the namespace is a part. */
function inEcosystem({ namespace, ...purl }: PackageUrl): PackageUrl {
  const ecosystem = ecosystemOf(purl.type);
  if (ecosystem) return { ...purl, name: ecosystem.nameOf({ ...known({ namespace }), name: purl.name }) };
  return { ...purl, ...known({ namespace }) };
}

function missOfPurl(
  stated: PackageUrl,
  versions: readonly VersionRule[] | undefined,
  pkg: InstalledPackage,
  os: OsRelease | null,
  inDoubt: boolean,
): Miss | undefined {
  const purl = inEcosystem(stated);
  const isSource = isSourceUrl(purl);
  const name = isSource ? pkg.source.name : pkg.name;
  if (purl.name !== name && purl.name === pkg.source.name)
    return {
      level: missLevels.type,
      why: `${purl.name} is the source of ${pkg.name}: name the package, or the source with ?arch=source`,
    };
  if (purl.name !== name)
    return { level: missLevels.other, why: `no package ${purl.name} has the vulnerability` };
  if (purl.type !== pkg.type)
    return {
      level: missLevels.type,
      why: `${name} is a package of ${pkg.type}, the statement is about one of ${purl.type}`,
    };
  if (purl.namespace !== undefined && (os ? osIdOf(purl.namespace) !== os.id : !inDoubt))
    return {
      level: missLevels.namespace,
      why: `${name} is of ${os?.id ?? 'an unknown system'}, the statement is about ${purl.namespace}`,
    };
  const installed = isSource ? pkg.source.version : pkg.version;
  const version = missOfVersion(purl, versions, installed, pkg.type, inDoubt);
  if (version !== undefined) return { level: missLevels.version, why: version };
  return missOfQualifiers(inDoubt ? withoutDoubtful(purl) : purl, pkg, os, installed, isSource);
}

/** The version as text, without the epoch where one side leaves it out; ranges by the packager's own order. */
function missOfVersion(
  purl: PackageUrl,
  versions: readonly VersionRule[] | undefined,
  installed: string,
  type: InstalledPackage['type'],
  inDoubt: boolean,
): string | undefined {
  const { version: stated } = purl;
  const isStated =
    stated === undefined ||
    isVersion(stated, installed, type, qualifier(purl, 'epoch')) ||
    (inDoubt && isOfUpstream(installed, stated));
  if (!isStated) {
    const epoch = qualifier(purl, 'epoch') ?? epochOf(stated);
    const bare = withoutEpoch(stated);
    return `${purl.name} ${installed} is installed, the statement is about ${epoch === undefined ? '' : `${epoch}:`}${bare}`;
  }
  if (versions === undefined || versions.some((rule) => holds(rule, installed, type) ?? inDoubt))
    return undefined;
  return `${purl.name} ${installed} is installed, the statement is about ${versionsText(versions)}`;
}

/** Versions of a statement in messages. */
export function versionsText(versions: readonly VersionRule[]): string {
  const ranges = versions.map((rule) => ('version' in rule ? rule.version : rule.range)).join(', ');
  return ranges === '' ? 'none of the versions that it lists' : ranges;
}

/**
 * Whether both are one version; an epoch that the statement leaves out is any. Ecosystems have several spellings of one (`v1.2.0`, `1.2`),
 * but builds of it, which their orders do not distinguish, are other ones.
 */
function isVersion(
  stated: string,
  installed: string,
  type: InstalledPackage['type'],
  epoch = epochOf(stated),
): boolean {
  const ecosystem = ecosystemOf(type);
  if (ecosystem)
    return (
      stated === installed ||
      (comparersOfEcosystems[ecosystem.id](stated, installed) === 0 && buildOf(stated) === buildOf(installed))
    );
  if (withoutEpoch(stated) !== withoutEpoch(installed)) return false;
  return epoch === undefined || epoch === (epochOf(installed) ?? '0');
}

function epochOf(version: string): string | undefined {
  return /^(\d+):/.exec(version)?.[1];
}

/** The part after a plus; Go's mark of a version without a module file is no build. */
function buildOf(version: string): string {
  return version.split('+')[1]?.replace(/^incompatible$/, '') ?? '';
}

function withoutEpoch(version: string): string {
  return version.replace(/^\d+:/, '');
}

function holds(rule: VersionRule, installed: string, type: InstalledPackage['type']): boolean | undefined {
  return 'version' in rule ? isVersion(rule.version, installed, type) : inRange(rule.range, installed, type);
}

/**
 * A range of vers (`vers:deb/>=1.0|<2.0`), or a single comparison (`<= 4.2`). Bounds are ordered by version, as vers demands, and go in
 * pairs: of `>=1|<2|>=3` the first two are one interval. Undefined: the range cannot be read, or not compared with the version.
 */
export function inRange(
  range: string,
  installed: string,
  type: InstalledPackage['type'],
): boolean | undefined {
  // Words between the bounds would become part of a version: `<3.1 except 3.0.7`.
  if (/[^\s|,<>=!]\s+[^\s|,<>=!]/.test(range)) return undefined;
  const plain = range.replaceAll(' ', '');
  const [, scheme, list = plain] = /^vers:([a-z]+)\/(.*)$/s.exec(plain) ?? [];
  if (scheme !== undefined && scheme !== type && scheme !== 'generic') return undefined;
  if (list === '*') return true;
  const bounds = orderedBounds(list, comparers[type]);
  if (!bounds) return undefined;
  // Versions that are not declared the package manager's are upstream's, which have no epoch: any version with one is above them.
  const isApart = scheme !== type && Number(epochOf(installed) ?? 0) > 0;
  if (isApart && bounds.some(({ version }) => epochOf(version) === undefined)) return undefined;
  const compare = comparers[type];
  let lower: boolean | undefined;
  for (const { operator, version } of bounds) {
    const order = compare(installed, version);
    if (order === undefined) return undefined;
    if (operator === '=') {
      if (order === 0) return true;
    } else if (operator === '!=') {
      if (order === 0) return false;
    } else if (operator.startsWith('>')) lower ||= order === 1 || (order === 0 && operator === '>=');
    else {
      const below = order === -1 || (order === 0 && operator === '<=');
      if (below) return lower ?? true;
      lower = undefined;
    }
  }
  return lower === true || bounds.every(({ operator }) => operator === '!=');
}

type Compare = (a: string, b: string) => Comparison;

const comparers: Readonly<Record<InstalledPackage['type'], Compare>> = {
  ...comparersOfEcosystems,
  alpm: compareAlpm,
  ebuild: compareEbuild,
  apk: compareApk,
  deb: compareDpkg,
  rpm: compareRpmEvr,
  oci: compareRpmEvr,
};

interface Bound {
  operator: '=' | '!=' | '<' | '<=' | '>' | '>=';
  version: string;
}

/** Undefined: some are none, cannot be compared, or are about one version twice. */
function orderedBounds(list: string, compare: Compare): Bound[] | undefined {
  const bounds = list.split('|').flatMap((text) => boundOf(text) ?? []);
  if (bounds.length !== list.split('|').length) return undefined;
  bounds.sort((a, b) => compare(a.version, b.version) ?? 0);
  const isOrdered = bounds.every(
    ({ version }, at) => at === 0 || compare(bounds[at - 1]!.version, version) === -1,
  );
  return isOrdered ? bounds : undefined;
}

function boundOf(text: string): Bound | undefined {
  const [, operator = '=', encoded = ''] = /^(<=|>=|!=|<|>|=)?(.+)$/s.exec(text) ?? [];
  try {
    const version = decodeURIComponent(encoded);
    // rpm compares any text; two comparisons in one would be a version.
    return /^[\w.+~^:-]+$/.test(version) ? { operator: operator as Bound['operator'], version } : undefined;
  } catch {
    return undefined;
  }
}

/** Without qualifiers that may be right: those with several values, those that nobody here knows, and releases in no known form. */
function withoutDoubtful(purl: PackageUrl): PackageUrl {
  const { qualifiers } = purl;
  const isOnce = (name: string) => qualifiers.filter(([each]) => each === name).length === 1;
  const isRead = (name: string, value: string) =>
    readApart.has(name) && (name !== 'distro' || /^[a-z]+(?:-[\w.]+)?$/.test(value));
  return { ...purl, qualifiers: qualifiers.filter(([name, value]) => isOnce(name) && isRead(name, value)) };
}

function missOfQualifiers(
  purl: PackageUrl,
  pkg: InstalledPackage,
  os: OsRelease | null,
  installed: string,
  isSource: boolean,
): Miss | undefined {
  for (const [name, value] of purl.qualifiers) {
    if (isUsual(pkg.type, name, value)) continue;
    const own = name === 'epoch' ? new Set([epochOf(installed) ?? '0']) : ownValues(name, pkg, os);
    if (name === 'arch' && isSource ? isSourceArch(value) : own.has(value)) continue;
    const has = [...own].join(' or ') || 'none';
    const ours = readApart.has(name) ? has : 'none that scapfeed knows';
    return {
      level: missLevels.qualifier,
      why: `${pkg.name} has ${name} ${ours}, the statement is about ${name}=${value}`,
    };
  }
  return undefined;
}

/** Meaning of a package URL of a language without the qualifier. */
const usualQualifiers: Readonly<Partial<Record<InstalledPackage['type'], readonly [string, string]>>> = {
  gem: ['platform', 'ruby'],
  maven: ['type', 'jar'],
};

function isUsual(type: InstalledPackage['type'], name: string, value: string): boolean {
  const [usual, its] = usualQualifiers[type] ?? [];
  return usual === name && its === value;
}

/** The values that a package's own purl could have: writers differ in how they name a release. */
function ownValues(name: string, pkg: InstalledPackage, os: OsRelease | null): Set<string> {
  if (name === 'arch') return new Set([pkg.arch]);
  if (name === 'slot' || name === 'repository') return new Set(pkg[name] === undefined ? [] : [pkg[name]]);
  if (name === 'upstream') {
    const { source } = pkg;
    return new Set([
      source.name,
      `${source.name}@${source.version}`,
      `${source.name}-${source.version}.src.rpm`,
    ]);
  }
  if (!os) return new Set();
  if (name === 'os_name') return new Set([os.id]);
  if (name === 'distro_name' || name === 'os_distro')
    return new Set(os.codename === undefined ? [] : [os.codename]);
  if (name !== 'distro' && name !== 'os_version') return new Set();
  const release = os.versionId === undefined ? undefined : releaseOf(os.id, os.versionId);
  const numbers = [os.versionId, os.pointRelease, release].flatMap((version) => version ?? []);
  if (name === 'os_version') return new Set(numbers);
  const versions = [...numbers, ...(os.codename === undefined ? [] : [os.codename])];
  return new Set(versions.flatMap((version) => [version, `${os.id}-${version}`, ...aliasOf(os.id, version)]));
}

/** trivy writes its own name of a system. */
function aliasOf(id: string, version: string): string[] {
  const name = purlNamespace(id);
  return name === id ? [] : [`${name}-${version}`];
}
