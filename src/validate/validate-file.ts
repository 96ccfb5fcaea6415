import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { ScapfeedError } from '../model/error.ts';
import { checkDocument, type ScapDocumentKind } from './check-document.ts';
import { type Problem, ProblemList, type ViolatedRule } from './problem.ts';
import { officialSchema, profileSchema, validateSchema } from './schema.ts';

export interface ValidateOptions {
  /** Folder of the official schemas as openscap-common lays them out; also checks against them. */
  official?: string;
  /** Our own schema profile: `auto` for documents that name scapfeed as their generator. */
  profile?: 'auto' | 'always' | 'never';
}

/** The result of validating a document. */
export interface ValidationReport {
  path: string;
  kind: ScapDocumentKind;
  /** Size of the uncompressed document. */
  bytes: number;
  /** Schemas that the document was validated against: `profile`, `official`. */
  schemas: string[];
  valid: boolean;
  /** The first hundred problems of each rule, in document order. */
  problems: Problem[];
  /** The number of all problems, by rule. */
  counts: { rule: ViolatedRule; level: 'error' | 'warning'; count: number }[];
}

/** libxml2 keeps a document as a tree in 32-bit memory: above this size only the streamed checks run. */
const schemaSizeLimit = 400 * 1024 * 1024;

/**
 * Validates an OVAL, XCCDF, tailoring or data stream document: first as a stream (references, ids, versions, logic), then
 * against schemas. Problems are returned, not thrown.
 * @throws {ScapfeedError} USAGE if the file cannot be read or a schema is missing
 */
export async function validateFile(path: string, options: ValidateOptions = {}): Promise<ValidationReport> {
  await requireFile(path);
  const problems = new ProblemList();
  const { kind, generator, wellFormed, bytes } = await checkDocument(path, problems);
  const schemas: string[] = [];
  if (wellFormed && kind !== 'unknown') {
    for (const [name, schema] of chooseSchemas(kind, generator, options)) {
      if (bytes > schemaSizeLimit) {
        problems.warning(
          'schema',
          1,
          `${bytes} bytes are too many for the ${name} schema; it was not applied`,
        );
        continue;
      }
      await validateSchema(path, schema, name, problems);
      schemas.push(name);
    }
  }
  const isArf = kind === 'arf';
  if (wellFormed && (isArf || (kind === 'xccdf-results' && schemas.length === 0)))
    problems.warning(
      'results-unread',
      1,
      schemas.length === 0
        ? 'nothing but the XML was checked'
        : 'the schema does not check the results inside',
    );
  const { valid, counts } = problems;
  return { path, kind, bytes, schemas, valid, problems: problems.problems, counts };
}

function chooseSchemas(
  kind: ScapDocumentKind,
  generator: string,
  options: ValidateOptions,
): [string, string][] {
  const chosen: [string, string][] = [];
  const { profile = 'auto', official } = options;
  const ours = profileSchema(kind);
  if (ours !== undefined && (profile === 'always' || (profile === 'auto' && generator === 'scapfeed'))) {
    chosen.push(['profile', ours]);
  }
  if (official !== undefined) chosen.push(['official', officialSchema(kind, official)]);
  return chosen;
}

async function requireFile(path: string): Promise<void> {
  let found: Stats;
  try {
    found = await stat(path);
  } catch (cause) {
    throw unreadable(path, cause);
  }
  if (!found.isFile()) throw unreadable(path, undefined);
}

function unreadable(path: string, cause: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'USAGE',
    message: cause instanceof Error ? `could not read the file: ${cause.message}` : 'expected a file',
    where: path,
    remedy: 'specify an XML file, or the folder of a feed',
    cause,
  });
}
