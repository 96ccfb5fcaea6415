import { osIdOf, purlNamespace, releaseOf } from '../distros/purl.ts';
import {
  type InstalledPackage,
  type OsRelease,
  type PackageUrl,
  parsePackageUrl,
  qualifier,
} from '../model/index.ts';
import { compareApk } from '../packaging/apk/version.ts';
import { compareDpkg } from '../packaging/deb/version.ts';
import { compareRpmEvr } from '../packaging/rpm/version.ts';
import type { VersionRule, VexProduct } from './statement.ts';
import { productText } from './statement.ts';

/** Why something does not match; the higher the level, the nearer it came. */
export interface Miss {
  level: number;
  why: string;
}

export const missLevels = { other: 0, type: 1, namespace: 2, version: 3, qualifier: 4, image: 5 } as const;

/** Undefined: the product is the package. */
export function missOfPackage(
  product: VexProduct,
  pkg: InstalledPackage,
  os: OsRelease | null,
): Miss | undefined {
  let nearest: Miss = { level: missLevels.other, why: `${productText(product)} is no package URL` };
  for (const id of product.ids) {
    const purl = parsePackageUrl(id);
    if (!purl) continue;
    const miss = missOfPurl(purl, product.versions ?? [], pkg, os);
    if (!miss) return undefined;
    if (miss.level >= nearest.level) nearest = miss;
  }
  return nearest;
}

/** Qualifiers that only say where a package is from, or that are read in other ways. */
const readApart: ReadonlySet<string> = new Set(['distro', 'arch', 'epoch', 'upstream', 'distro_name']);

function missOfPurl(
  purl: PackageUrl,
  versions: readonly VersionRule[],
  pkg: InstalledPackage,
  os: OsRelease | null,
): Miss | undefined {
  // Ubuntu's own documents name sources so.
  const arch = qualifier(purl, 'arch');
  const isSource = arch === 'source' || arch === 'src';
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
  if (purl.namespace !== undefined && os !== null && osIdOf(purl.namespace) !== os.id)
    return {
      level: missLevels.namespace,
      why: `${name} is of ${os.id}, the statement is about ${purl.namespace}`,
    };
  const installed = isSource ? pkg.source.version : pkg.version;
  const version = missOfVersion(purl, versions, installed, pkg.type);
  if (version !== undefined) return { level: missLevels.version, why: version };
  return missOfQualifiers(purl, pkg, os, isSource);
}

/** The version as text, without the epoch where one side leaves it out; ranges by the packager's own order. */
function missOfVersion(
  purl: PackageUrl,
  versions: readonly VersionRule[],
  installed: string,
  type: InstalledPackage['type'],
): string | undefined {
  if (purl.version !== undefined) {
    const epoch = qualifier(purl, 'epoch') ?? /^(\d+):/.exec(purl.version)?.[1];
    const bare = withoutEpoch(purl.version);
    const own = /^(\d+):/.exec(installed)?.[1] ?? '0';
    if (bare !== withoutEpoch(installed) || (epoch !== undefined && epoch !== own))
      return `${purl.name} ${installed} is installed, the statement is about ${epoch === undefined ? '' : `${epoch}:`}${bare}`;
  }
  if (versions.length === 0 || versions.some((rule) => holds(rule, installed, type))) return undefined;
  const told = versions.map((rule) => ('version' in rule ? rule.version : rule.range)).join(', ');
  return `${purl.name} ${installed} is installed, the statement is about ${told}`;
}

function withoutEpoch(version: string): string {
  return version.replace(/^\d+:/, '');
}

function holds(rule: VersionRule, installed: string, type: InstalledPackage['type']): boolean {
  if ('version' in rule) return withoutEpoch(rule.version) === withoutEpoch(installed);
  return inRange(rule.range, installed, type);
}

/**
 * A range of vers (`vers:deb/>=1.0|<2.0`), or a single comparison (`<= 4.2`). Bounds go in pairs, as vers orders them: of
 * `>=1|<2|>=3` the first two are one interval. A range that cannot be read holds for nothing.
 */
export function inRange(range: string, installed: string, type: InstalledPackage['type']): boolean {
  const [, scheme, list = range] = /^vers:([a-z]+)\/(.*)$/s.exec(range.replaceAll(' ', '')) ?? [];
  if (scheme !== undefined && scheme !== type && scheme !== 'generic') return false;
  if (list === '*') return true;
  const bounds = list.replaceAll(' ', '').split('|').map(boundOf);
  if (bounds.some((bound) => bound === undefined)) return false;
  const compare = { apk: compareApk, deb: compareDpkg, rpm: compareRpmEvr, oci: compareRpmEvr }[type];
  let lower: boolean | undefined;
  if (bounds.every((bound) => bound?.operator === '!='))
    return bounds.every((bound) => compare(installed, bound!.version) !== 0);
  for (const { operator, version } of bounds as Bound[]) {
    const order = compare(installed, version);
    if (order === undefined) return false;
    if (operator === '=') {
      if (order === 0) return true;
    } else if (operator === '!=') {
      if (order === 0) return false;
    } else if (operator.startsWith('>')) lower = order === 1 || (order === 0 && operator === '>=');
    else {
      const below = order === -1 || (order === 0 && operator === '<=');
      if (below && (lower ?? true)) return true;
      lower = undefined;
      if (below) return false;
    }
  }
  return lower === true;
}

interface Bound {
  operator: '=' | '!=' | '<' | '<=' | '>' | '>=';
  version: string;
}

function boundOf(text: string): Bound | undefined {
  const [, operator = '=', version] = /^(<=|>=|!=|<|>|=)?(.+)$/s.exec(text) ?? [];
  if (version === undefined) return undefined;
  try {
    return { operator: operator as Bound['operator'], version: decodeURIComponent(version) };
  } catch {
    return undefined;
  }
}

function missOfQualifiers(
  purl: PackageUrl,
  pkg: InstalledPackage,
  os: OsRelease | null,
  isSource: boolean,
): Miss | undefined {
  for (const [name, value] of purl.qualifiers) {
    const own = ownValues(name, pkg, os);
    if (name === 'epoch' || (name === 'arch' && isSource) || own.has(value)) continue;
    const has = [...own].join(' or ') || 'none';
    const ours = readApart.has(name) ? has : 'none that scapfeed knows';
    return {
      level: missLevels.qualifier,
      why: `${pkg.name} has ${name} ${ours}, the statement is about ${name}=${value}`,
    };
  }
  return undefined;
}

/** The values that a package's own purl could have: writers differ in how they name a release. */
function ownValues(name: string, pkg: InstalledPackage, os: OsRelease | null): Set<string> {
  if (name === 'arch') return new Set([pkg.arch]);
  if (name === 'upstream') {
    const { source } = pkg;
    return new Set([
      source.name,
      `${source.name}@${source.version}`,
      `${source.name}-${source.version}.src.rpm`,
    ]);
  }
  if (!os) return new Set();
  if (name === 'distro_name') return new Set(os.codename === undefined ? [] : [os.codename]);
  if (name !== 'distro') return new Set();
  const release = os.versionId === undefined ? undefined : releaseOf(os.id, os.versionId);
  const versions = [os.versionId, os.pointRelease, release, os.codename].flatMap((version) => version ?? []);
  return new Set(versions.flatMap((version) => [version, `${os.id}-${version}`, ...aliasOf(os.id, version)]));
}

/** trivy writes its own name of a system. */
function aliasOf(id: string, version: string): string[] {
  const name = purlNamespace(id);
  return name === id ? [] : [`${name}-${version}`];
}
