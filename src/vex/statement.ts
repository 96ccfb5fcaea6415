import type { VexIssuer } from '../model/verdict/index.ts';

/** The contents of a VEX document, in OpenVEX's terms, whatever its format. */
export interface VexDocument {
  /** File or registry location. Results refer to statements by it. */
  where: string;
  /** `OpenVEX 0.2.0`, `CSAF 2.0`. */
  format: string;
  author?: string;
  /** Absent: a file, the one in `where`. */
  issuer?: VexIssuer;
  /** Its author has marked it as unfinished. */
  draft?: true;
  /** The images that its statements hold for: of each list, one must be the image. */
  subjects?: readonly (readonly VexProduct[])[];
  /** Subject of the document, where that is no image: its statements hold for every one. */
  about?: VexSubject;
  statements: readonly VexStatement[];
}

/** A subject by its type, such as `application`, its name and version as written, and its package URL. */
export interface VexSubject {
  purl?: string;
  type?: string;
  name?: string;
  version?: string;
}

/** The status of a statement, in OpenVEX's terms. */
export type VexStatus = 'not_affected' | 'affected' | 'fixed' | 'under_investigation';

/** Whether a status clears a verdict; the others say that nobody may clear it, or not yet. */
export function clears(status: VexStatus): status is 'not_affected' | 'fixed' {
  return status === 'not_affected' || status === 'fixed';
}

/** One statement of a document. */
export interface VexStatement {
  /** JSON pointer. */
  where: string;
  /** The vulnerability's id and aliases. */
  vulnerabilities: readonly string[];
  status: VexStatus;
  /** Why a product is not affected: `vulnerable_code_not_present`, and the author's explanation. */
  justification?: string;
  detail?: string;
  /** When it was made, ISO 8601. The latest statement about a package takes precedence. */
  time?: string;
  targets: readonly VexTarget[];
  /** Why the statement cannot be used, whatever its target. */
  fault?: string;
}

/** The target of a statement: a package or an image. `inside`: a package only within this product. */
export interface VexTarget {
  product: VexProduct;
  inside?: VexProduct;
}

/** A product with all of its identifiers in a document. */
export interface VexProduct {
  /** Package URLs, digests, names of images. */
  ids: readonly string[];
  /** Package URLs that the document has elsewhere for it: they are not enough, but must agree. */
  others?: readonly string[];
  /** The version of its own field, which must agree with those of package URLs. */
  version?: string;
  /** Each with its algorithm, `sha256:…`. */
  hashes?: readonly string[];
  cpes?: readonly string[];
  /** The architecture of a branch of CSAF, which must agree with those of package URLs. */
  arch?: string;
  /** Versions besides those in package URLs. One match is enough; an empty list has none. */
  versions?: readonly VersionRule[];
  /** Why nothing may be cleared of it, whatever its other identifiers say. */
  fault?: string;
  /** Display name. */
  name?: string;
}

/** One version, or a range in vers notation: `vers:deb/>=1.0|<2.0`. */
export type VersionRule = { version: string } | { range: string };

/** The name of a product in messages. */
export function productText({ ids, name, cpes, hashes }: VexProduct): string {
  return ids[0] ?? name ?? cpes?.[0] ?? hashes?.[0] ?? 'a product without a name';
}
