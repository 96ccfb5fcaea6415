import { isOfEcosystem } from '../../model/inventory/index.ts';
import { compareCodeUnits } from '../../model/order.ts';
import type { ViewedVerdict } from '../../model/verdict/index.ts';
import type { ScanReport } from './report.ts';

/** Databases of which OSV has the records, by what their ids begin with. */
const databases: Readonly<Record<string, string>> = {
  GHSA: 'GitHub Advisory Database',
  GO: 'Go Vulnerability Database',
  MAL: 'OpenSSF Malicious Packages',
  PYSEC: 'PyPA Advisory Database',
  RUSTSEC: 'RustSec Advisory Database',
};

type Stated = Pick<ViewedVerdict, 'package' | 'advisories'>;

/** The database that publishes a record of OSV. */
export function databaseOf(id: string): string {
  return databases[id.slice(0, Math.max(0, id.indexOf('-')))] ?? 'OSV';
}

/** Those who made the statement of a verdict: the platform's vendor, or the databases with a record about the package of a language. */
export function originsOf({ package: pkg, advisories }: Stated, { result }: ScanReport): string[] {
  if (!isOfEcosystem(pkg)) return [result.platform.name];
  return [...new Set(advisories.map(databaseOf))].sort(compareCodeUnits);
}

/** Those who made the statements of a document, the vendor first. Without statements: the platform. */
export function originsOfAll(verdicts: Iterable<Stated>, report: ScanReport): string[] {
  const { name } = report.result.platform;
  const all = new Set([...verdicts].flatMap((verdict) => originsOf(verdict, report)));
  const others = [...all].filter((each) => each !== name).sort(compareCodeUnits);
  return all.has(name) || all.size === 0 ? [name, ...others] : others;
}
