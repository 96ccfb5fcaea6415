import type { FleetView } from './fleet-view.ts';
import { rankOf } from './image.ts';

/** One vulnerability as far as open flaws of the fleet go. */
export interface OpenVulnerability {
  vulnerability: string;
  severity: string;
  exploited: boolean;
  /** Source packages that have it, in code-unit order. */
  sources: string[];
  /** Packages that have it, by number; those of no watched image are among them. */
  packages: number[];
  /** Some, none or all of them have a fix to install. */
  fixable: number;
}

/** Vulnerabilities that watched images have, the most urgent first. */
export function openVulnerabilities(view: FleetView): Promise<readonly OpenVulnerability[]> {
  return view.kept('open vulnerabilities', async () => {
    const holders = await view.holders();
    const rows = await view.queries.query<OpenVulnerability & { rank: number }>(
      `SELECT vulnerability, max(${severityRank}) AS rank, bool_or(exploited) AS exploited, array_agg(package) AS packages,
         array_agg(DISTINCT packages.source ORDER BY packages.source) AS sources,
         count(*) FILTER (WHERE fix_state = 'available')::integer AS fixable
       FROM fleet.verdicts JOIN fleet.packages ON packages.id = package
       WHERE to_run IS NULL AND status = 'affected' AND hidden IS NULL GROUP BY vulnerability`,
    );
    return rows
      .filter(({ packages }) => packages.some((number) => holders.of(number).length > 0))
      .map(({ rank, ...row }) => ({ ...row, severity: byRank[rank]! }))
      .sort(byUrgencyOfAll);
  });
}

const byRank = ['unknown', 'negligible', 'low', 'medium', 'high', 'critical'] as const;

/** Larger is worse. */
export const severityRank = `array_position(ARRAY[${byRank.map((severity) => `'${severity}'`).join(', ')}], severity) - 1`;

function byUrgencyOfAll(a: OpenVulnerability, b: OpenVulnerability): number {
  return (
    Number(b.exploited) - Number(a.exploited) ||
    rankOf(b.severity) - rankOf(a.severity) ||
    (a.vulnerability < b.vulnerability ? 1 : Number(a.vulnerability > b.vulnerability) * -1)
  );
}

/** What a source package would bring if its fixes were installed. */
export interface Upgrade {
  source: string;
  severity: string;
  exploited: boolean;
  /** Different vulnerabilities whose fix can be installed, in any image. */
  flaws: number;
  /** Watched images that have one of them. */
  images: number;
}

/** Source packages whose upgrade removes flaws, those that remove the worst from the most images first. */
export function upgrades(view: FleetView): Promise<readonly Upgrade[]> {
  return view.kept('upgrades', async () => {
    const holders = await view.holders();
    const rows = await view.queries.query<Upgrade & { rank: number; packages: number[] }>(
      `SELECT packages.source, max(${severityRank}) AS rank, bool_or(exploited) AS exploited,
         count(DISTINCT vulnerability)::integer AS flaws, array_agg(DISTINCT package) AS packages
       FROM fleet.verdicts JOIN fleet.packages ON packages.id = package
       WHERE to_run IS NULL AND status = 'affected' AND hidden IS NULL AND fix_state = 'available' GROUP BY packages.source`,
    );
    return rows
      .map(({ rank, packages, ...row }) => ({
        ...row,
        severity: byRank[rank]!,
        images: holders.ofAny(packages).size,
      }))
      .filter(({ images }) => images > 0)
      .sort(
        (a, b) =>
          Number(b.exploited) - Number(a.exploited) ||
          rankOf(b.severity) - rankOf(a.severity) ||
          b.images * b.flaws - a.images * a.flaws ||
          (a.source < b.source ? -1 : 1),
      );
  });
}
