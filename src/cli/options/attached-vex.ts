import { reachable } from '../../acts/reachable.ts';
import type { Environment } from '../../model/index.ts';
import { attachedDocuments } from '../../signatures/find/attached-documents.ts';
import { readVexDocument, type VexDocument } from '../../vex/index.ts';
import type { OptionValues } from '../option.ts';
import type { imageOptions } from './image-choice.ts';
import { readAuthorities } from './registry-access.ts';

/** The VEX documents that are attached to an image: OpenVEX and CSAF artifacts, and attestations of them. */
export async function attachedVex(
  reference: string,
  given: OptionValues<typeof imageOptions>,
  env: Environment,
): Promise<VexDocument[]> {
  const platform = given.platform?.find((text) => text.includes('/'));
  const ca = given['ca-file'];
  const insecure = given['insecure-registry'];
  const options = {
    env,
    ...(platform === undefined ? {} : { platform }),
    registry: {
      ...(insecure === undefined ? {} : { insecure }),
      ...(ca === undefined ? {} : { ca: readAuthorities(ca) }),
    },
  };
  const found = await reachable(reference, () => attachedDocuments(reference, /vex|csaf/i, options));
  return found.map(({ bytes, where }) => readVexDocument(bytes, where));
}
