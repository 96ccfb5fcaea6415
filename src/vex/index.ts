export { applyVex, type VexResult, type VexRights } from './apply.ts';
export type { ImageIdentity } from './match-image.ts';
export { type ReadVex, readVexDocument, readVexPlace } from './read-vex.ts';
export type { VexDocument, VexStatement } from './statement.ts';
