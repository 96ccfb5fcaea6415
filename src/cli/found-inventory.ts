import type { TargetResult } from './for-targets.ts';
import type { FormatOf } from './output-formats.ts';

/** An image whose packages were read. */
export interface FoundInventory extends TargetResult<FormatOf<'inventory'>> {
  counts: Readonly<Record<'packages' | 'layers' | 'notes', number>>;
  table(): string;
  json(): string;
}
