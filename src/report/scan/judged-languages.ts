import { judgedLanguage } from '../../model/inventory/index.ts';
import type { ScanResult } from '../../model/verdict/index.ts';

/** Ids of the ecosystems whose data judged packages beside the platform, which may be one of them itself. */
export function languagesBeside({
  inventory,
  platform,
}: Pick<ScanResult, 'inventory' | 'platform'>): string[] {
  return inventory.notes
    .filter(({ code, where }) => code === judgedLanguage && where !== platform.id)
    .map(({ where }) => where);
}
