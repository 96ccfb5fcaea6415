import { compareCodeUnits } from '../../model/order.ts';
import { compareRpmEvr } from '../../packaging/index.ts';
import { type Erratum, type ErratumPackage, moduleMark } from './erratum.ts';

/** Facts of an erratum that are only in a vendor's second document. */
export interface Addition {
  cves: string[];
  packages: ErratumPackage[];
  /** Names of packages that have another build there, sorted: the first document's counts. */
  otherBuilds: string[];
}

/** Rows of the second document add packages, streams and architectures; about those that the first one has too it decides. */
export function additionOf(first: Erratum, second: Erratum): Addition {
  const known = new Map<string, ErratumPackage[]>();
  for (const row of first.packages) {
    const rows = known.get(row.name);
    if (rows) rows.push(row);
    else known.set(row.name, [row]);
  }
  const other = new Set<string>();
  const packages = second.packages.filter((row) => {
    const same = (known.get(row.name) ?? []).filter(
      (each) => isOfOneModule(each, row) && isForOne(each, row),
    );
    if (same.length > 0 && same.every(({ evr }) => compareRpmEvr(evr, row.evr) !== 0)) other.add(row.name);
    return same.length === 0;
  });
  return {
    cves: second.cves.filter((id) => !first.cves.includes(id)),
    packages,
    otherBuilds: [...other].sort(compareCodeUnits),
  };
}

/** A modular build whose row names no module may be of any. */
function isOfOneModule(a: ErratumPackage, b: ErratumPackage): boolean {
  return (
    a.module === b.module || [a, b].some(({ module, evr }) => module === undefined && moduleMark.test(evr))
  );
}

/** A row for no architecture is for any. */
function isForOne(a: ErratumPackage, b: ErratumPackage): boolean {
  return a.arch === b.arch || a.arch === 'noarch' || b.arch === 'noarch';
}
