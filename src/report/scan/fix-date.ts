import type { Advisory } from '../../model/feed/index.ts';
import type { ViewedVerdict } from '../../model/verdict/index.ts';

/**
 * Day (YYYY-MM-DD) on which the fix of a verdict was first announced, by its advisories. Undefined: there is none to install, no advisory
 * names it, or one of them has no date.
 */
export function fixDate(
  { fixState, advisories }: Pick<ViewedVerdict, 'fixState' | 'advisories'>,
  advisory: (id: string) => Pick<Advisory, 'date'> | undefined,
): string | undefined {
  if (fixState !== 'available') return undefined;
  const dates = advisories.map((id) => advisory(id)?.date).filter((date) => date !== undefined);
  return dates.length < advisories.length ? undefined : dates.sort()[0];
}
