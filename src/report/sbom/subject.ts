import { hash } from 'node:crypto';
import {
  type GoProgram,
  halfInstalledNote,
  type InstalledPackage,
  type Inventory,
  incompleteDatabase,
  type Layer,
  type PackageDescription,
  type PackageOwner,
  searchCut,
  searchIncomplete,
  unjudgedBeside,
  unreadContext,
} from '../../model/inventory/index.ts';

/** The subject of an SBOM: an image and its inventory. */
export interface SbomImage {
  reference: string;
  /** Digest of the image, if its form has one. */
  digest?: string;
  architecture?: string;
  layers: readonly Layer[];
  inventory: Inventory;
  toolVersion: string;
  /** ISO 8601 in seconds, for formats that need a date. */
  date: string | undefined;
  purl(pkg: InstalledPackage): string;
  describe(pkg: InstalledPackage): PackageDescription;
}

/** Name of the property, or prefix of the annotation, for an incomplete package database. */
export const lossName = 'database:incomplete';

/** The same for packages of languages that have no name or version: `npm 12`. */
export const unreadName = 'packages:unread';

/** The same for those of them whose files are damaged, with the place of the first: `npm 1 /app/node_modules/x/package.json`. */
export const damagedName = 'packages:damaged';

/** Places where packages of languages were not looked for: `/srv: …`. */
export const unsearchedName = 'packages:unsearched';

/** A fact about a package by the name of its property or annotation. */
export type PackageFact = readonly [name: string, value: string | undefined];

/** Facts that decide about a package, and for which formats have no members of their own. */
export function packageFacts(pkg: InstalledPackage): PackageFact[] {
  return [
    ['package:keyId', keyText(pkg)],
    ['package:modularityLabel', pkg.modularityLabel],
    ['package:module', pkg.module],
    ['package:owner', pkg.owner && ownerText(pkg.owner)],
    ['package:program', pkg.program && programText(pkg.program)],
    ['package:state', pkg.state],
    ['package:unstated', pkg.unstated?.join(' ')],
  ];
}

/** The signing key; `none` for an rpm that is known to be unsigned, because a missing one is not known. */
function keyText({ type, keyId, unstated }: InstalledPackage): string | undefined {
  if (type !== 'rpm') return undefined;
  return keyId ?? (unstated?.includes('signature') ? undefined : 'none');
}

/** `deb python3-requests 2.28.1+dfsg-1 all`: none of the four has a space. */
function ownerText({ type, name, version, arch }: PackageOwner): string {
  return [type, name, version, arch].join(' ');
}

/** `github.com/rancher/wharfie v1.0.0`; a path of a module has no space. */
function programText({ name, version }: GoProgram): string {
  return version === undefined ? name : `${name} ${version}`;
}

/** Packages that are counted and not listed, one text for each ecosystem. */
export function unreadOf({ unjudged = [], languages = [] }: Inventory): string[] {
  return unjudgedBeside(unjudged, languages).map(({ ecosystem, packages }) => `${ecosystem} ${packages}`);
}

/** Packages in damaged files, one text for each ecosystem. */
export function damagedOf({ unjudged = [] }: Inventory): string[] {
  return unjudged.flatMap(({ ecosystem, damaged, places }) =>
    damaged === undefined ? [] : [[ecosystem, damaged, ...places.slice(0, 1)].join(' ')],
  );
}

/** Notes without which the copy of an image would be known in full where the image is not, with the words before their details. */
const losses = new Map([
  [incompleteDatabase, ''],
  [halfInstalledNote, 'half installed: '],
  [unreadContext, 'not readable: '],
]);

/** Gaps of the inventory: an incomplete database, a half-installed package, a description that could not be read. */
export function lossesOf({ notes }: Inventory): string[] {
  return notes.flatMap(({ code, where, detail }) => {
    const words = losses.get(code);
    if (words === undefined) return [];
    return [detail === undefined ? where : `${where}: ${words}${detail}`];
  });
}

/** Reasons why packages of languages may be missing from the inventory. */
export function unsearchedOf({ notes }: Inventory): string[] {
  return notes.flatMap(({ code, where, detail }) =>
    code === searchCut || code === searchIncomplete ? [`${where}: ${detail}`] : [],
  );
}

/** A UUID of version 8 that stands for what a subject holds: the same image gives the same one. */
export function subjectUuid({ reference, digest, inventory, purl }: SbomImage): string {
  const identity = [digest ?? reference, ...inventory.packages.map(purl)];
  return uuidOf(JSON.stringify(identity));
}

export function uuidOf(identity: string): string {
  const hex = hash('sha256', identity);
  const variant = '89ab'[Number.parseInt(hex[16]!, 16) % 4];
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

/** References of packages in an SBOM: the purl, and a number where two packages have the same one. */
export function packageRefs(
  packages: readonly InstalledPackage[],
  purl: SbomImage['purl'],
): Map<InstalledPackage, string> {
  const counts = new Map<string, number>();
  const refs = new Map<InstalledPackage, string>();
  for (const pkg of packages) {
    const url = purl(pkg);
    const count = (counts.get(url) ?? 0) + 1;
    counts.set(url, count);
    refs.set(pkg, count === 1 ? url : `${url}#${count}`);
  }
  return refs;
}
