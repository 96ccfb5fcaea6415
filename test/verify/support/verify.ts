import { openImage } from '../../../src/image/index.ts';
import { readInventory } from '../../../src/inventory/index.ts';
import type { Deviation } from '../../../src/model/verdict/index.ts';
import { verifyFiles, verifyInspection, verifyWanted } from '../../../src/verify/index.ts';
import type { VerifyResult } from '../../../src/verify/verify-files.ts';
import { imageLayout, writeFiles } from '../../image/support/make-image.ts';
import type { TarInput } from '../../image/support/make-tar.ts';
import { temporaryFolder } from '../../support/temporary.ts';

export const verifyOptions = { wanted: verifyWanted, inspection: verifyInspection };

/** Verifies an image made of these layers. */
export async function verifyLayers(...layers: TarInput[][]): Promise<VerifyResult> {
  return verifyReference(`oci:${writeFiles(temporaryFolder(), imageLayout({ layers }))}`);
}

export async function verifyReference(
  reference: string,
  options: Partial<Parameters<typeof openImage>[1]> = {},
): Promise<VerifyResult> {
  const image = await openImage(reference, { ...verifyOptions, ...options });
  try {
    const { files } = image;
    const live = image.reference.startsWith('dir:');
    return verifyFiles({ files, inventory: readInventory(files), live }, { allowed: () => false });
  } finally {
    image.close();
  }
}

/** `changed /usr/bin/x: digest` */
export function lines({ deviations }: { deviations: readonly Deviation[] }): string[] {
  return deviations.map(({ kind, path, detail }) => `${kind} ${path}: ${detail}`);
}
