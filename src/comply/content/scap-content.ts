import type { OvalDocument } from '../oval/model.ts';
import type { Benchmark, Tailoring } from '../xccdf/model.ts';

/** A benchmark with the documents that its checks and platforms name. */
export interface ScapContent {
  /** Its check and platform hrefs are keys of `documents`, where the document was found. */
  benchmark: Benchmark;
  documents: Map<string, OvalDocument>;
  /** Hrefs without a document, with the reason. */
  missing: Map<string, string>;
  /** Data stream and checklist component, where it comes from one. */
  stream?: { collection: string; stream: string; component: string };
  tailorings: Tailoring[];
}

export interface ContentOptions {
  /**
   * Reads a file next to the content by the name in a reference, or a local copy of a remote one, which may have the content's
   * own name for it (`alias`); undefined if there is none.
   */
  local?: (name: string, alias?: string) => Uint8Array | undefined;
  /** Id of the data stream, and of the checklist (reference, component or benchmark id); the first by default. */
  stream?: string;
  checklist?: string;
  /** More CPE dictionaries or platform specifications: documents with their place. */
  dictionaries?: readonly { source: Uint8Array; where: string }[];
}
