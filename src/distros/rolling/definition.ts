import type { Platform } from '../../model/feed/index.ts';
import type { Source } from '../../sources/contract.ts';
import type { Download } from '../../sources/download.ts';
import { maxArchiveBytes } from '../../sources/osv/archive.ts';
import { maxSecdbBytes } from '../../sources/secdb/statements.ts';
import type { RollingVendor } from '../rolling.ts';
import { rolling } from './rule.ts';

/** `feeds/ID.json` of a vendor without releases. A test checks it by schemas/secdb-definition.schema.json. */
export interface RollingDefinition extends RollingTolerance {
  /** Address of the security database: one document, which may be compressed. */
  secdb: string;
  /** Address of the document with its digest and date. Absent: it has neither. */
  latest?: string;
  /** The address of its packages that the database has: another one is not the vendor's. */
  urlPrefix: string;
}

/** `feeds/ID.json` of a vendor whose OSV records replace its security database. Tests check it against the schema. */
export interface SuccessorDefinition extends RollingDefinition {
  archive: string;
  /** The last day on which the publisher renews the security database. */
  secdbUntil: string;
  /** Days within which the records usually change. */
  usualDays: number;
}

/** `feeds/ID.json` of one whose data is OSV records. A test checks it by schemas/records-definition.schema.json. */
export interface RecordsDefinition extends RollingTolerance {
  /** Address of the archive of all records: a tar, compressed, or a zip. */
  archive: string;
}

interface RollingTolerance {
  /** Share of the packages or records that may be malformed before the document is refused. */
  malformedShare: number;
  /** So many may be malformed in any case, if there are others. */
  malformedFew: number;
  /** The stream of all builds: one. */
  releases: readonly RollingRelease[];
}

export interface RollingRelease {
  branch: 'rolling';
  /** The last day on which the vendor makes builds. Absent: no end is known. */
  until?: string;
}

/** A vendor, and where its data is. */
export interface RollingData {
  vendor: RollingVendor;
  definition: RollingDefinition;
}

export interface RecordsData {
  vendor: RollingVendor;
  definition: RecordsDefinition;
}

export function platformOf(
  { vendor: { id, name }, definition: { releases } }: RollingData | RecordsData,
  osId = id,
): Platform {
  return {
    id: `${osId}-${rolling}`,
    name,
    aliases: [osId],
    os: { id: osId, version: rolling },
    packaging: 'apk',
    life: releases.flatMap(({ until }) => (until === undefined ? [] : [{ phase: 'regular', until }])),
  };
}

export function archiveInput({ vendor: { id }, definition: { archive } }: RecordsData): Download {
  return {
    id: `${id}-osv`,
    source: id,
    url: archive,
    kind: archive.endsWith('.zip') ? 'zip' : 'packed',
    maxBytes: maxArchiveBytes,
  };
}

export function secdbInput({ vendor: { id }, definition: { secdb } }: RollingData): Download {
  return {
    id: `${id}-secdb`,
    source: id,
    url: secdb,
    kind: secdb.endsWith('.gz') ? 'packed' : 'json',
    maxBytes: maxSecdbBytes,
  };
}

const maxLatestBytes = 2 ** 16;

export function latestInput({ vendor: { id }, definition: { latest } }: RollingData): Download | undefined {
  return latest === undefined
    ? undefined
    : { id: `${id}-latest`, source: id, url: latest, kind: 'json', maxBytes: maxLatestBytes };
}

/** A vendor's facts as those of its source. */
export function vendorSource({
  id,
  data: name,
  licence,
  terms,
  publisher,
  page,
}: RollingVendor): Pick<Source, 'id' | 'name' | 'licence' | 'terms' | 'unsealed' | 'attribution'> {
  return {
    ...{ id, name, licence, ...(terms && { terms }) },
    ...{ unsealed: true, attribution: `${publisher} (${page})` },
  };
}
