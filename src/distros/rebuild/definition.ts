import type { LifePhase, Platform } from '../../model/feed/index.ts';
import type { FetchPace } from '../../sources/csaf-tree/tree.ts';
import type { Download } from '../../sources/download.ts';
import { type Repository, repositoriesOf } from '../../sources/repodata/repository.ts';
import type { Rebuild } from '../rebuilds.ts';

/** `feeds/ID.json` of a rebuild: where its data is, and what its releases are. A test checks it by a schema of its own. */
export type RebuildDefinition =
  | ListsDefinition
  | PagesDefinition
  | PatchesDefinition
  | UpdatesDefinition
  | DocumentsDefinition;

interface CommonDefinition {
  /** The same errata as OSV records, for comparison. */
  osv?: string;
  /** Base address of the packages, whose repositories say what a release ships. */
  packages: string;
  /** See FetchedSource. */
  usualDays?: number;
  /** Share of the errata in a document that may be malformed before all are refused. */
  malformedShare: number;
  /** So many may be malformed in any case, if there are others. */
  malformedFew: number;
  releases: readonly RebuildRelease[];
}

/** Errata are a document for each release: `MAJOR/errata.full.json`. */
export interface ListsDefinition extends CommonDefinition {
  /** Base address of the errata. */
  errata: string;
  /** Base address of the vendor's own OVAL (Rebuild.oval). */
  oval?: string;
}

/** Errata are the pages of an API, those of all releases together. */
export interface PagesDefinition extends CommonDefinition {
  /** The API's list of advisories, without a query. */
  advisories: string;
  /** Advisories per request. */
  pageSize: number;
}

/** The vendor's own OVAL is all that there is (Rebuild.oval). */
export interface PatchesDefinition extends CommonDefinition {
  /** Base address of a document for each release. */
  oval: string;
}

/** Errata are the lists of updates of the releases' repositories (Rebuild.updates). */
export interface UpdatesDefinition extends CommonDefinition {
  /** Base address of the repositories with updates. */
  updates: string;
  releases: readonly UpdatedRelease[];
}

/** CSAF documents of a CVE each (Rebuild.csaf). */
export interface DocumentsDefinition extends CommonDefinition {
  /** Address of the folder with their index. */
  documents: string;
  limits: FetchPace;
}

export interface UpdatedRelease extends RebuildRelease {
  /** Below `updates`: for each architecture one. */
  updates: readonly string[];
}

export interface RebuildRelease {
  /** `9`: the major, as a rebuild updates the last minor only; or whatever names the release (Rebuild.version). */
  major: string;
  life: readonly LifePhase[];
  /** Below `packages`. */
  repositories: readonly string[];
}

/** A rebuild, and where its data is. */
export interface RebuildData<Definition = RebuildDefinition> {
  rebuild: Rebuild;
  definition: Definition;
}

export function isPaged(definition: RebuildDefinition): definition is PagesDefinition {
  return 'advisories' in definition;
}

export function isListed(definition: RebuildDefinition): definition is ListsDefinition {
  return 'errata' in definition;
}

export function isUpdated(definition: RebuildDefinition): definition is UpdatesDefinition {
  return 'updates' in definition;
}

export function isOfDocuments(definition: RebuildDefinition): definition is DocumentsDefinition {
  return 'documents' in definition;
}

export function platformOf(rebuild: Rebuild, { major, life }: RebuildRelease): Platform {
  const { os, name, names } = rebuild;
  return {
    id: platformId(rebuild, { major }),
    name: `${name} ${major}`,
    aliases: [
      ...names.map((other) => `${other}-${major}`),
      ...[os, ...names].sort().map((each) => `${each}${major}`),
    ],
    os: { id: os, version: major },
    packaging: 'rpm',
    life,
  };
}

export function platformId({ os }: Rebuild, { major }: Pick<RebuildRelease, 'major'>): string {
  return `${os}-${major.toLowerCase()}`;
}

export interface AdvisoryForm {
  id: RegExp;
  /** The first word of an id. */
  word: RegExp;
  /** The end of a page's address, with what follows the word in an id in group 1 (VendorOval.advisoryPage). */
  address?: RegExp;
  /** A page's address, with the release in group 1. */
  page: RegExp;
}

export function advisoryForm({ advisories, oval }: Rebuild): AdvisoryForm {
  return {
    ...(oval?.advisoryPage && { address: new RegExp(oval.advisoryPage) }),
    id: new RegExp(`^(?:${advisories})-\\d{4}[:-][A-Z]?\\d+$`),
    word: new RegExp(`^(?:${advisories})$`),
    page: new RegExp(`/(\\d+)/(?:${advisories})-[^/]*$`),
  };
}

const maxOsvBytes = 2 ** 28;

export function osvInput({ rebuild: { id }, definition: { osv } }: RebuildData): Download | undefined {
  return osv === undefined
    ? undefined
    : { source: id, id: `${id}-osv`, url: osv, kind: 'zip', maxBytes: maxOsvBytes };
}

export function repositoryInputs(
  { repositories }: RebuildRelease,
  { rebuild: { id }, definition: { packages } }: RebuildData,
): Repository[] {
  return repositoriesOf(id, { packages, repositories });
}
