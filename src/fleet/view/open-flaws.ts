import { severities } from '../../model/feed/index.ts';
import type { FleetView } from './fleet-view.ts';

/** One vulnerability as far as open flaws of the fleet go. */
export interface OpenVulnerability {
  vulnerability: string;
  severity: string;
  exploited: boolean;
  /** Source packages that have it, in code-unit order. */
  sources: string[];
  /** Packages that have it, by number; those of no watched image are among them, unless the view is a part. */
  packages: number[];
  /** Some, none or all of them have a fix to install. */
  fixable: number;
}

/** Vulnerabilities that watched images have, the most urgent first. */
export function openVulnerabilities(view: FleetView): Promise<readonly OpenVulnerability[]> {
  return view.kept('open vulnerabilities', async () => {
    const holders = await view.holders();
    const index = await view.verdicts();
    const places = index.places();
    // In the order of their names: what is as urgent as another one stays in it.
    const found: Found[] = new Array(places.vulnerabilities.length);
    index.eachOpen(({ package: number, source, vulnerability, rank, exploited, fixable }) => {
      if (view.seen !== 'all' && !holders.isHeld(number)) return;
      const place = places.vulnerabilities[vulnerability]!;
      const known = found[place];
      if (!known) {
        found[place] = {
          ...{ vulnerability, rank, exploited, fixable: Number(fixable) },
          ...{ sources: [source], packages: [number], isHeld: holders.isHeld(number) },
        };
        return;
      }
      known.rank = Math.max(known.rank, rank);
      known.exploited ||= exploited;
      known.fixable += Number(fixable);
      if (!known.sources.includes(source)) known.sources.push(source);
      known.packages.push(number);
      known.isHeld ||= holders.isHeld(number);
    });
    const byUrgency: Found[][] = Array.from({ length: 2 * severities.length }, () => []);
    for (let place = found.length - 1; place >= 0; place--) {
      const flaw = found[place];
      if (flaw?.isHeld) byUrgency[flaw.rank + (flaw.exploited ? severities.length : 0)]!.push(flaw);
    }
    return byUrgency
      .toReversed()
      .flat()
      .map(({ vulnerability, rank, exploited, sources, packages, fixable }) => ({
        ...{ vulnerability: index.vulnerability(vulnerability), severity: severities[rank]!, exploited },
        sources: sources
          .sort((a, b) => places.sources[a]! - places.sources[b]!)
          .map((source) => index.source(source)),
        ...{ packages, fixable },
      }));
  });
}

interface Found {
  vulnerability: number;
  rank: number;
  exploited: boolean;
  sources: number[];
  packages: number[];
  fixable: number;
  isHeld: boolean;
}

/** The effect of installing a source package's fixes. */
export interface SourceUpgrade {
  source: string;
  severity: string;
  exploited: boolean;
  /** Different vulnerabilities whose fix can be installed, in any image. */
  flaws: number;
  /** Watched images that have one of them. */
  images: number;
}

/** Source packages whose upgrade removes flaws, those that remove the worst from the most images first. */
export function upgrades(view: FleetView): Promise<readonly SourceUpgrade[]> {
  return view.kept('upgrades', async () => {
    const holders = await view.holders();
    const index = await view.verdicts();
    const found = new Map<
      number,
      { rank: number; exploited: boolean; flaws: Set<number>; packages: number[] }
    >();
    index.eachOpen(({ package: number, source, vulnerability, rank, exploited, fixable }) => {
      if (!fixable || (view.seen !== 'all' && !holders.isHeld(number))) return;
      const known = found.get(source) ?? { rank, exploited, flaws: new Set(), packages: [] };
      found.set(source, known);
      known.rank = Math.max(known.rank, rank);
      known.exploited ||= exploited;
      known.flaws.add(vulnerability);
      if (known.packages.at(-1) !== number) known.packages.push(number);
    });
    const { sources: places } = index.places();
    return [...found]
      .map(([source, { rank, exploited, flaws, packages }]) => ({
        ...{ source, rank, exploited, flaws: flaws.size, images: holders.count(packages) },
      }))
      .filter(({ images }) => images > 0)
      .sort(
        (a, b) =>
          Number(b.exploited) - Number(a.exploited) ||
          b.rank - a.rank ||
          b.images * b.flaws - a.images * a.flaws ||
          places[a.source]! - places[b.source]!,
      )
      .map(({ source, rank, ...row }) => ({
        source: index.source(source),
        severity: severities[rank]!,
        ...row,
      }));
  });
}
