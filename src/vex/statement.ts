/** What a VEX document says, in the words of OpenVEX; the readers of all formats make this. */
export interface VexDocument {
  /** File, or place in a registry; results name statements by it. */
  where: string;
  /** `OpenVEX 0.2.0`, `CSAF 2.0`. */
  format: string;
  author?: string;
  statements: readonly VexStatement[];
}

/** What a statement says of its targets, in the words of OpenVEX. */
export type VexStatus = 'not_affected' | 'affected' | 'fixed' | 'under_investigation';

/** One statement of a document. */
export interface VexStatement {
  /** JSON pointer. */
  where: string;
  /** Its id and the aliases of it. */
  vulnerabilities: readonly string[];
  status: VexStatus;
  /** Why a product is not affected: `vulnerable_code_not_present`, and what the author says in words. */
  justification?: string;
  detail?: string;
  /** When it was made, ISO 8601; of several about one package the last one counts. */
  time?: string;
  targets: readonly VexTarget[];
  /** Why it cannot be used, whatever it is about. */
  fault?: string;
}

/** What a statement is about: a package or an image; `inside`: a package in this product only. */
export interface VexTarget {
  product: VexProduct;
  inside?: VexProduct;
}

/** A product in all the ways in which a document names it. */
export interface VexProduct {
  /** Package URLs, digests, names of images. */
  ids: readonly string[];
  /** Hex digits of sha256 digests. */
  hashes?: readonly string[];
  cpes?: readonly string[];
  /** Versions besides those of package URLs; one that holds is enough. */
  versions?: readonly VersionRule[];
  /** As a person reads it. */
  name?: string;
}

/** One version, or a range in the notation of vers: `vers:deb/>=1.0|<2.0`. */
export type VersionRule = { version: string } | { range: string };

/** How a message names a product. */
export function productText({ ids, name, cpes, hashes }: VexProduct): string {
  return ids[0] ?? name ?? cpes?.[0] ?? hashes?.[0] ?? 'a product without a name';
}
