import type { ImageReadOptions } from '../../image/image-options.ts';
import { verifyDigest } from '../../image/manifest/digest.ts';
import type { Descriptor } from '../../image/manifest/manifest.ts';
import type { SignaturePlace } from '../../model/verdict/index.ts';
import { Refused } from '../refused.ts';

/** Access to an image. */
export type StoreOptions = Pick<ImageReadOptions, 'platform' | 'registry' | 'env'> & {
  /** Folder with signatures in the form of containers/image, as a lookaside server has them. */
  lookaside?: string;
};

/** A row of a list of attached manifests. */
export interface AttachedRow {
  descriptor: Descriptor;
  place: SignaturePlace;
}

/** Where an image and what is attached to it are read: a registry or an OCI layout. Digests are verified by the store. */
export interface SignatureStore {
  /** Name of the store in errors. */
  readonly where: string;
  /** The manifest or index that the reference names. */
  top(): Promise<Descriptor>;
  manifest(digest: string): Promise<Buffer>;
  /** A whole small blob. Refused: too large, not there, not what its digest names. */
  blob(descriptor: Descriptor, maxBytes: number): Promise<Buffer>;
  /** Manifests that are listed as attached to a digest. */
  attached(digest: string): Promise<AttachedRow[]>;
  /** Manifests with cosign's signatures (`sig`) or attestations (`att`) of a digest. */
  legacy(digest: string, kind: 'sig' | 'att'): Promise<AttachedRow[]>;
  close(): Promise<void>;
}

/** `sha256-HEX`: the tag that stands for a referrers API, and the stem of cosign's. */
export function tagOf(digest: string): string {
  return digest.replace(':', '-');
}

export function requireSmall(size: number, maxBytes: number): void {
  if (size <= maxBytes) return;
  throw new Refused('SIGNATURE_TOO_LARGE', `expected at most ${maxBytes} bytes, found ${size}`);
}

export function requireContent(bytes: Buffer, { digest, size }: Descriptor): void {
  if (bytes.length !== size) {
    const found = bytes.length > size ? 'more' : String(bytes.length);
    throw new Refused('CONTENT_DIFFERS', `expected ${size} bytes, found ${found}`);
  }
  try {
    verifyDigest(bytes, digest, digest);
  } catch (error) {
    throw new Refused('CONTENT_DIFFERS', (error as Error).message, error);
  }
}
