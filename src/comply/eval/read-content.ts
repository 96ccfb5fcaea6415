import { createHash } from 'node:crypto';
import { lookupOf } from '../oval/lookup.ts';
import type { ExternalVariables } from '../oval/model.ts';
import { wantedFiles } from '../probes/wanted.ts';
import { malformed } from '../xml/read-xml.ts';
import type { OvalContent } from './content.ts';
import { readDocuments } from './read-document.ts';

/** Reads OVAL definitions, or all OVAL components of a data stream, with the metadata of their definitions. */
export function readOvalContent(
  source: Uint8Array,
  { name, where }: { name: string; where: string },
  external: ExternalVariables = new Map(),
): OvalContent {
  const sha256 = createHash('sha256').update(source).digest('hex');
  const documents = readDocuments(source, where);
  if (documents.length === 0) throw malformed(where, 'the data stream has no OVAL component');
  return {
    info: { name, sha256, documents: documents.map(({ info }) => info) },
    documents: documents.map(({ document, info, metadata }) => ({
      info,
      metadata,
      lookup: lookupOf(document),
      testTypes: [...new Set(Object.values(document.tests).map(({ type }) => type))].sort(),
    })),
    wanted: wantedFiles(
      documents.map(({ document }) => document),
      external,
    ),
  };
}
