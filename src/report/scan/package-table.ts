import { countedFlaws, isFixable } from '../../model/verdict/index.ts';
import { line } from '../printable.ts';
import { plural, textTable, usualWidth, wrapped } from '../text-table.ts';
import { flawsOf } from './flaws.ts';
import type { ScanReport } from './report.ts';
import { upgradesOf } from './upgrades.ts';

/** Formats what to upgrade: a row for each source package, the worst first, and how many flaws are gone with it. */
export function packageTable(
  { shown, compare }: Pick<ScanReport, 'shown' | 'compare'>,
  width: number = usualWidth,
): string {
  const counted = shown.filter(({ status, ignored }) => status === 'affected' && ignored === undefined);
  const upgrades = upgradesOf(flawsOf(counted), compare);
  const flaws = countedFlaws(counted);
  const gone = flaws.filter(isFixable).length;
  const rest = line(`${plural(flaws.length - gone, 'flaw')} without a fix to install`);
  if (upgrades.length === 0) return `nothing to upgrade\n${rest}`;
  const rows = upgrades.map(({ source, installed, flaws: repaired, worst }) => [
    source,
    String(repaired),
    worst,
    installed,
  ]);
  const below = upgrades.map(({ to, packages }) =>
    wrapped(`upgrade ${packages.join(', ')} to ${to}`, 4, width),
  );
  const total = line(
    `upgrade ${plural(upgrades.length, 'source package')}, and ${plural(gone, 'flaw')} ${gone === 1 ? 'goes' : 'go'}`,
  );
  return `${textTable(['SOURCE', 'FLAWS', 'WORST', 'INSTALLED'], rows, { below })}\n${total}${rest}`;
}
