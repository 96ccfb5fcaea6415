import type { Advisory, OutsideRating, VendorScore, Vulnerability } from '../../model/feed/index.ts';
import { compareCodeUnits } from '../../model/order.ts';
import { type Collector, mergeDetails } from './collector.ts';

/** Details that are stored once for all platforms of a feed. */
export interface Details {
  /** Every vulnerability that a statement names. */
  ids: ReadonlySet<string>;
  vulnerabilities: ReadonlyMap<string, Vulnerability>;
  advisories: ReadonlyMap<string, Advisory>;
  /** Severities by others than the distributions. */
  ratings: ReadonlyMap<string, OutsideRating>;
}

/** Joins the sources' details of vulnerabilities and advisories that a statement names. */
export function joinDetails(collectors: readonly Collector[]): Details {
  const { ids, advisories: advisoryIds } = namedIds(collectors);
  const vulnerabilities = new Map<string, Vulnerability>();
  const advisories = new Map<string, Advisory>();
  for (const collector of collectors) {
    for (const detail of collector.vulnerabilities.values()) {
      if (ids.has(detail.id)) join(vulnerabilities, detail, mergeVulnerabilities);
    }
    for (const detail of collector.advisories.values()) {
      if (advisoryIds.has(detail.id)) join(advisories, detail, mergeDetails);
    }
  }
  return { ids, vulnerabilities, advisories, ratings: new Map() };
}

function join<T extends { id: string }>(into: Map<string, T>, detail: T, merge: (a: T, b: T) => T): void {
  const known = into.get(detail.id);
  into.set(detail.id, known ? merge(known, detail) : detail);
}

/** Every vendor's scores are kept: a platform is rated by its own vendor's. */
function mergeVulnerabilities(a: Vulnerability, b: Vulnerability): Vulnerability {
  const cvss = [...(a.cvss ?? []), ...(b.cvss ?? [])].sort(compareScores);
  return { ...mergeDetails(a, b), ...(cvss.length > 0 && { cvss }) };
}

/** The order of scores in details: the highest version first. */
export function compareScores(one: VendorScore, other: VendorScore): number {
  return (
    compareCodeUnits(other.version, one.version) ||
    compareCodeUnits(one.source ?? '', other.source ?? '') ||
    other.score - one.score ||
    compareCodeUnits(one.vector, other.vector)
  );
}

function namedIds(collectors: readonly Collector[]): { ids: Set<string>; advisories: Set<string> } {
  const ids = new Set<string>();
  const advisories = new Set<string>();
  for (const collector of collectors) {
    for (const { packages } of collector.platforms) {
      for (const claims of packages.values()) {
        for (const [key, claimIds] of claims) {
          for (const id of claimIds) ids.add(id);
          if (!key.includes('"advisories"')) continue;
          for (const advisory of (JSON.parse(key) as { advisories?: string[] }).advisories ?? [])
            advisories.add(advisory);
        }
      }
    }
  }
  return { ids, advisories };
}
