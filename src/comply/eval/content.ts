import type { DefinitionMetadata, OvalContentInfo, OvalDocumentInfo } from '../../model/compliance/index.ts';
import type { WantedByChecks } from '../files/wanted-files.ts';
import type { OvalLookup } from '../oval/lookup.ts';

/** OVAL definitions ready to be evaluated, from whichever form they were read. */
export interface OvalContent {
  info: OvalContentInfo;
  documents: OvalContentDocument[];
  /** Files that the objects read. */
  wanted: WantedByChecks;
}

/** One OVAL document; a data stream has several. */
export interface OvalContentDocument {
  info: OvalDocumentInfo;
  lookup: OvalLookup;
  /** Types of its tests, each once. */
  testTypes: readonly string[];
  metadata(definition: string): DefinitionMetadata;
}
