import { isScapfeedError } from '../../model/error.ts';
import type { InventoryNote } from '../../model/inventory/index.ts';
import type { RequiredSigners } from '../../signatures/index.ts';
import type { VexDocument } from '../../vex/index.ts';
import { attestedVex, type SignatureAccess } from '../signed/image-signatures.ts';
import { reachable } from './reachable.ts';

/** VEX documents of an image, and notes about the search for the result. */
export interface VexOfImage {
  documents: VexDocument[];
  notes: InventoryNote[];
}

/**
 * The documents that are attached to an image, whoever attached them: OpenVEX and CSAF artifacts, and attestations of them. One that
 * cannot be read is left out, and noted: who can attach it could otherwise stop every scan.
 */
export async function attachedVexOf(reference: string, access: SignatureAccess): Promise<VexOfImage> {
  const [{ attachedDocuments }, { readVexDocument }] = await Promise.all([
    import('../../signatures/find/attached-documents.ts'),
    import('../../vex/index.ts'),
  ]);
  const found = await reachable(reference, () => attachedDocuments(reference, /vex|csaf/i, access));
  const leftOut = [...found.leftOut];
  const documents = found.documents.flatMap(({ bytes, where }): VexDocument[] => {
    try {
      return [{ ...readVexDocument(bytes, where, found.subjects), issuer: { kind: 'attached' } }];
    } catch (error) {
      if (!isScapfeedError(error) || error.code !== 'VEX_INVALID') throw error;
      leftOut.push({ where, detail: error.message });
      return [];
    }
  });
  return { documents, notes: notesOf(reference, 'attached', documents, leftOut, 'vex_left_out') };
}

/** Only documents that an accepted signer attested; others are noted. */
export async function attestedVexOf(
  reference: string,
  asked: RequiredSigners,
  access: SignatureAccess,
): Promise<VexOfImage> {
  const { readVexDocument } = await import('../../vex/index.ts');
  const { documents, leftOut } = await attestedVex(reference, asked, access);
  return {
    documents: documents.map(({ statement, where, signer, subject }) => ({
      ...readVexDocument(statement, where, [subject]),
      issuer: { kind: 'signer', signer },
    })),
    notes: notesOf(reference, 'attested', documents, leftOut, 'vex_not_verified'),
  };
}

/** If VEX of the image was requested, its absence is noted: a wrong tag or a lost attachment looks the same. */
function notesOf(
  reference: string,
  how: string,
  documents: readonly unknown[],
  leftOut: readonly { where: string; detail: string }[],
  code: string,
): InventoryNote[] {
  if (documents.length + leftOut.length === 0)
    return [{ code: 'no_vex_document', where: reference, detail: `none is ${how}` }];
  return leftOut.map(({ where, detail }) => ({ code, where, detail }));
}
