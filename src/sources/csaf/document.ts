import type { JsonBound } from '../../io/foreign-json.ts';
import { ScapfeedError } from '../../model/error.ts';
import { record } from '../fields.ts';
import { parseJsonText } from '../foreign-record.ts';

/**
 * CSAF 2.0 (OASIS, 2022-11-18), only the fields that are read. JSON.parse does not check types: every list and text is
 * checked by fields.ts before use.
 */
export interface CsafDocument {
  document?: {
    aggregate_severity?: { text?: unknown };
    category?: unknown;
    notes?: unknown;
    title?: unknown;
    tracking?: {
      id?: unknown;
      status?: unknown;
      initial_release_date?: unknown;
      current_release_date?: unknown;
      generator?: { engine?: { name?: unknown } };
    };
  };
  product_tree?: { branches?: unknown; relationships?: unknown };
  vulnerabilities?: unknown;
}

export interface CsafBranch {
  category?: unknown;
  branches?: unknown;
  product?: CsafProduct;
}

export interface CsafProduct {
  product_id?: unknown;
  product_identification_helper?: { purl?: unknown; cpe?: unknown };
}

export interface CsafRelationship {
  full_product_name?: { product_id?: unknown };
  product_reference?: unknown;
  relates_to_product_reference?: unknown;
}

export interface CsafVulnerability {
  cve?: unknown;
  title?: unknown;
  cwe?: { id?: unknown };
  discovery_date?: unknown;
  release_date?: unknown;
  notes?: unknown;
  product_status?: Record<string, unknown> | null;
  remediations?: unknown;
  threats?: unknown;
  scores?: unknown;
  flags?: unknown;
}

export interface CsafRemediation {
  category?: unknown;
  details?: unknown;
  product_ids?: unknown;
  url?: unknown;
  date?: unknown;
}

export interface CsafThreat {
  category?: unknown;
  details?: unknown;
  product_ids?: unknown;
}

export interface CsafFlag {
  label?: unknown;
  product_ids?: unknown;
}

export interface CsafScore {
  cvss_v2?: CsafCvss;
  cvss_v3?: CsafCvss;
  cvss_v4?: CsafCvss;
}

export interface CsafCvss {
  version?: unknown;
  vectorString?: unknown;
  baseScore?: unknown;
}

/** Size limit of a document; the largest real one has 20 MB. */
export const documentByteLimit = 128 * 1024 * 1024;

/** The document in UTF-8 JSON bytes. SOURCE_NOT_JSON, SOURCE_TOO_LARGE or SOURCE_MALFORMED (foreign-record.ts). */
export function parseCsaf(bytes: Uint8Array, bound: JsonBound = {}): CsafDocument {
  if (bytes.length > documentByteLimit) {
    throw new ScapfeedError({
      code: 'SOURCE_TOO_LARGE',
      message: `expected a document of at most ${documentByteLimit} bytes, found ${bytes.length}`,
    });
  }
  const json = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
  return record(parseJsonText(json, bound), '') as CsafDocument;
}
