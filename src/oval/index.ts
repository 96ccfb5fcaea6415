export type { Definition, DefinitionFacts } from './components.ts';
export { type CopyFormat, copyFormats, writeCopy } from './copies.ts';
export { definitionId, OvalDocument, ovalTime } from './document.ts';
export type { InexactEntry } from './inexact.ts';
export { platformCpe } from './release.ts';
export {
  coverageKey,
  flawKey,
  inventoryKey,
  ovalNamespace,
  patchKey,
  type Selection,
  updateKey,
} from './rows.ts';
export { notWritable, Section } from './section.ts';
export { subjectOf } from './subjects.ts';
export { eachDefinition, type OvalFile, type OvalOptions, type OvalReport, writeOval } from './write-oval.ts';
export { type PlatformOval, type PlatformsInWork, startPlatforms } from './write-platforms.ts';
export { attribute } from './xml.ts';
