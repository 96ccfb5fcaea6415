import type { GoProgram, Inventory, PackageOwner, Unstated } from '../model/inventory/index.ts';

/** An SBOM in the terms that its many formats share. Nothing is inferred here: each reader reports what its document says. */
export interface SbomDocument {
  /** `CycloneDX 1.6`, `SPDX 2.3`. */
  format: string;
  /** The tools that wrote it: `syft-0.62.3`. */
  writers: readonly string[];
  subject: SbomSubject;
  /** Operating systems that it names in elements of their own. */
  systems: readonly StatedSystem[];
  components: readonly SbomComponent[];
  /** Diff ids, the lowest layer first. */
  layers: readonly string[];
  /** Why packages of the image may be missing from the document, as scapfeed wrote it. */
  losses?: readonly string[];
  /** Packages of languages that the document counts and does not list, as scapfeed wrote it: `npm 12`. */
  unread?: readonly string[];
  /** Those of them in damaged files, with a place: `npm 1 /app/node_modules/x/package.json`. */
  damaged?: readonly string[];
  /** Places where packages of languages were not looked for, as scapfeed wrote it: `/srv: …`. */
  unsearched?: readonly string[];
  /** Package URLs of the sources of packages, by the package's id; only by relations of the document. */
  builtFrom: ReadonlyMap<string, string>;
}

/** Our own inventory, which needs no reading of components. */
export interface OwnInventory {
  format: string;
  inventory: Inventory;
  subject: SbomSubject;
  layers: readonly { diffId?: string; digest?: string; createdBy?: string }[];
}

/** The subject of an SBOM. */
export interface SbomSubject {
  name?: string;
  /** Digest of the image's manifest. */
  digest?: string;
  architecture?: string;
}

export interface StatedSystem {
  /** Its name as written: an ID of os-release, or a scanner's family name. */
  name: string;
  version?: string;
  codename?: string;
  prettyName?: string;
  idLike?: readonly string[];
  cpe?: string;
  /** Place in the document. */
  found: string;
}

export interface SbomComponent {
  name: string;
  version?: string;
  /** Package URLs, the main one first. */
  purls: readonly string[];
  /** A package may be installed; the others are counted only. */
  role: 'package' | 'system' | 'file' | 'image' | 'other';
  /** The kind of package if it has no package URL: `rpm`, `npm`. */
  kind?: string;
  /** Place in the document: `components/12`. */
  place: string;
  /** The id by which relations of the document refer to it. */
  id?: string;
  arch?: string;
  /** The source as the document states it. */
  source?: { name: string; version?: string };
  /** rpm: MODULARITYLABEL. */
  modularityLabel?: string;
  /** rpm: `name:stream`, where there is no label. */
  module?: string;
  vendor?: string;
  /** `none`: it is unsigned. */
  keyId?: string;
  state?: string;
  /** The package database that listed it. */
  database?: string;
  /** The package of the distribution that owns the file which names a package of a language. */
  owner?: PackageOwner;
  /** The program that a module of Go is linked into. */
  program?: GoProgram;
  /** Facts that the document says are not known, as scapfeed wrote it. */
  unstated?: readonly Unstated[];
  /** The file in the image that names a package of a language. */
  location?: string;
  /** Diff id or digest of the layer that has it. */
  layer?: string;
  cpes?: readonly string[];
  /** Of an image, in SPDX: the same as of the document. */
  losses?: readonly string[];
  unread?: readonly string[];
  damaged?: readonly string[];
  unsearched?: readonly string[];
}
