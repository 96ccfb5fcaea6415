export { definitionId } from './document.ts';
export type { InexactEntry } from './inexact.ts';
export { coverageKey, flawKey, inventoryKey, ovalNamespace, patchKey, type Selection } from './rows.ts';
export { type OvalFile, type OvalOptions, type OvalReport, writeOval } from './write-oval.ts';
