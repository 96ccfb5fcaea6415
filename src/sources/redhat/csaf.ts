import { ScapfeedError } from '../../model/index.ts';

/**
 * CSAF 2.0 (OASIS, 2022-11-18), only the fields that we read. Types of what JSON.parse gave are wishes: every list and
 * text goes through `list` or `text` before it is used.
 */
export interface CsafDocument {
  document?: {
    aggregate_severity?: { text?: unknown };
    category?: unknown;
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

/** No real document comes near (the largest has 20 MB); above it one file could take a build's whole memory. */
export const documentByteLimit = 128 * 1024 * 1024;

/** The document in UTF-8 JSON bytes. SOURCE_NOT_JSON, SOURCE_TOO_LARGE or SOURCE_MALFORMED: `where` names the file. */
export function parseCsaf(bytes: Uint8Array, path: string): CsafDocument {
  if (bytes.length > documentByteLimit) {
    throw new ScapfeedError({
      code: 'SOURCE_TOO_LARGE',
      message: `expected a document of at most ${documentByteLimit} bytes, found ${bytes.length}`,
      where: path,
    });
  }
  const json = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch (cause) {
    const message = `expected JSON, found ${cause instanceof Error ? cause.message : 'something else'}`;
    throw new ScapfeedError({ code: 'SOURCE_NOT_JSON', message, where: path, cause });
  }
  return record(parsed, '') as CsafDocument;
}

/** A list that may be absent or null; anything else but a list is malformed. */
export function list<T>(value: unknown, pointer: string): readonly T[] {
  if (value === undefined || value === null) return noItems;
  if (!Array.isArray(value)) throw malformed(pointer, 'a list', value);
  return value as T[];
}

const noItems: readonly never[] = [];

/** A JSON object, or malformed. */
export function record(value: unknown, pointer: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed(pointer, 'an object', value);
  return value as Record<string, unknown>;
}

/** A text, or malformed. */
export function text(value: unknown, pointer: string): string {
  if (typeof value !== 'string') throw malformed(pointer, 'a text', value);
  return value;
}

/** A text, or undefined for whatever else stands there: for fields that decide nothing. */
export function textOrNone(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function shown(found: unknown, kind: string): string {
  return typeof found === 'string' ? JSON.stringify(found.slice(0, 60)) : kind;
}

/** The error of a document that is JSON but not CSAF at a pointer; the reader adds the file. */
export function malformed(pointer: string, expected: string, found: unknown): ScapfeedError {
  const kind = Array.isArray(found) ? 'a list' : typeof found === 'object' ? 'an object' : typeof found;
  return new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: `expected ${expected}, found ${found === undefined || found === null ? 'nothing' : shown(found, kind)}`,
    where: pointer,
  });
}
