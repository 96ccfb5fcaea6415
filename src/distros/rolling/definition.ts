import type { Platform } from '../../model/index.ts';
import type { Download } from '../../sources/download.ts';
import { maxSecdbBytes } from '../../sources/secdb/statements.ts';
import type { RollingVendor } from '../rolling.ts';
import { rolling } from './rule.ts';

/** `feeds/ID.json` of a vendor without releases. A test checks it by schemas/secdb-definition.schema.json. */
export interface RollingDefinition {
  /** Address of the security database: one document, which may be compressed. */
  secdb: string;
  /** Address of the document with its digest and date. Absent: it has neither. */
  latest?: string;
  /** The address of its packages that the database has: another one is not the vendor's. */
  urlPrefix: string;
  /** Share of the packages that may be malformed before the document is refused. */
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

export function platformOf({ vendor: { id, name }, definition: { releases } }: RollingData): Platform {
  return {
    id: `${id}-${rolling}`,
    name,
    aliases: [id],
    os: { id, version: rolling },
    packaging: 'apk',
    life: releases.flatMap(({ until }) => (until === undefined ? [] : [{ phase: 'regular', until }])),
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
