import type { InventoryNote } from '../model/index.ts';
import type { Asked } from '../signatures/index.ts';
import type { VexDocument } from '../vex/index.ts';
import { attestedVex, type SignatureAccess } from './image-signatures.ts';
import { reachable } from './reachable.ts';

/** VEX documents of an image, and notes about the search for the result. */
export interface VexOfImage {
  documents: VexDocument[];
  notes: InventoryNote[];
}

/** The documents that are attached to an image, whoever attached them: OpenVEX and CSAF artifacts, and attestations of them. */
export async function attachedVexOf(reference: string, access: SignatureAccess): Promise<VexOfImage> {
  const [{ attachedDocuments }, { readVexDocument }] = await Promise.all([
    import('../signatures/find/attached-documents.ts'),
    import('../vex/index.ts'),
  ]);
  const found = await reachable(reference, () => attachedDocuments(reference, /vex|csaf/i, access));
  const documents = found.map(({ bytes, where }) => readVexDocument(bytes, where));
  return { documents, notes: documents.length === 0 ? [noVex(reference, 'attached')] : [] };
}

/** Only what somebody attested who was asked for; what is left out is noted. */
export async function attestedVexOf(
  reference: string,
  asked: Asked,
  access: SignatureAccess,
): Promise<VexOfImage> {
  const { readVexDocument } = await import('../vex/index.ts');
  const { documents, leftOut } = await attestedVex(reference, asked, access);
  return {
    documents: documents.map(({ statement, where }) => readVexDocument(statement, where)),
    notes:
      documents.length + leftOut.length === 0
        ? [noVex(reference, 'attested')]
        : leftOut.map(({ where, detail }) => ({ code: 'vex_not_verified', where, detail })),
  };
}

/** If VEX of the image was requested, its absence is an error: a wrong tag or a lost attachment looks the same. */
function noVex(where: string, how: string): InventoryNote {
  return { code: 'no_vex_document', where, detail: `none is ${how}` };
}
