import type { Waiver } from '../../model/fleet/index.ts';
import { flawKey } from '../../model/verdict/index.ts';
import { type FlawVerdict, flawColumns } from '../news/flaws.ts';
import { imagesOfPackages, watchedImages } from '../news/watched.ts';
import type { Queries } from '../store/database.ts';
import { matchingWaivers } from './acting-waivers.ts';

/** An open flaw that some waiver names, in one watched image and by one installed package. */
export interface NamedFlaw {
  verdict: FlawVerdict;
  image: number;
  /** Those that put it aside here; none: the package or the image is another. */
  waivers: readonly Waiver[];
}

/** The open flaws whose vulnerability a waiver names: a small part of all, whatever the fleet's size. */
export async function namedFlaws(queries: Queries, waivers: readonly Waiver[]): Promise<NamedFlaw[]> {
  const vulnerabilities = waivers.flatMap(({ vulnerability }) => vulnerability ?? []);
  if (vulnerabilities.length === 0) return [];
  const verdicts = await queries.query<FlawVerdict>(
    `SELECT ${flawColumns} FROM fleet.verdicts JOIN fleet.packages ON packages.id = verdicts.package
     WHERE vulnerability = ANY($1::text[]) AND to_run IS NULL AND status = 'affected' AND hidden IS NULL
     ORDER BY verdicts.package, verdicts.id`,
    [[...new Set(vulnerabilities)]],
  );
  const images = await imagesOfPackages(queries, [...new Set(verdicts.map((verdict) => verdict.package))]);
  const matching = await matchingWaivers(queries, waivers);
  return verdicts.flatMap((verdict) =>
    (images.get(verdict.package) ?? []).map((image) => ({
      ...{ verdict, image },
      waivers: matching.ofFlaw(verdict, image),
    })),
  );
}

/** The effect of a waiver: flaws or failing rules, each once, and the images that have them. */
export interface WaiverUse {
  flaws: Set<string>;
  images: Set<number>;
}

/** `isCounted`: images that count; all of them if it is absent. */
export async function waiverUses(
  queries: Queries,
  waivers: readonly Waiver[],
  isCounted: (image: number) => boolean = () => true,
): Promise<Map<number, WaiverUse>> {
  const uses = new Map(
    waivers.map(({ id }): [number, WaiverUse] => [id, { flaws: new Set(), images: new Set() }]),
  );
  const add = (image: number, flaw: string, by: readonly Waiver[]) => {
    if (!isCounted(image)) return;
    for (const { id } of by) {
      uses.get(id)?.flaws.add(flaw);
      uses.get(id)?.images.add(image);
    }
  };
  for (const { verdict, image, waivers: by } of await namedFlaws(queries, waivers))
    add(image, flawKey(verdict), by);
  const rules = waivers.flatMap(({ rule }) => rule ?? []);
  if (rules.length === 0) return uses;
  const matching = await matchingWaivers(queries, waivers);
  const failing = await queries.query<{ image: number; rule: string }>(
    `SELECT DISTINCT image, rule_results.rule FROM fleet.rule_results JOIN unnest($1::text[]) AS wanted (rule)
       ON rule_results.rule = wanted.rule OR right(rule_results.rule, length(wanted.rule) + 6) = '_rule_' || wanted.rule
     WHERE to_run IS NULL AND result IN ('fail', 'error', 'unknown') AND image IN (${watchedImages})`,
    [rules],
  );
  for (const { image, rule } of failing) add(image, rule, matching.ofRule(rule, image));
  return uses;
}
