import { watchedImages } from '../news/watched.ts';
import type { FleetView } from './fleet-view.ts';

export interface ProfileTotals {
  profile: string;
  /** Images with a result, and those on which it could not be evaluated. */
  images: number;
  errors: number;
  score: number | null;
  lowest: number | null;
}

export function profilesOf(view: FleetView): Promise<readonly ProfileTotals[]> {
  return view.kept('profiles', () =>
    view.queries.query<ProfileTotals>(
      `SELECT profile, count(*) FILTER (WHERE code IS NULL)::integer AS images, count(code)::integer AS errors,
         avg(score) AS score, min(score) AS lowest
       FROM fleet.profile_results WHERE to_run IS NULL AND image IN (${watchedImages}) GROUP BY profile ORDER BY profile COLLATE "C"`,
    ),
  );
}

/** A rule of a profile with its results in all watched images. */
export interface RuleTotals {
  rule: string;
  title: string;
  severity: string;
  failed: number;
  passed: number;
  /** Neither: not checked, not applicable, unknown. */
  others: number;
}

export function rulesOf(view: FleetView, profile: string): Promise<readonly RuleTotals[]> {
  return view.recent(`rules of ${profile}`, () =>
    view.queries.query<RuleTotals>(
      `SELECT rule, min(title) AS title, min(severity) AS severity,
         count(*) FILTER (WHERE result IN ('fail', 'error'))::integer AS failed,
         count(*) FILTER (WHERE result IN ('pass', 'fixed'))::integer AS passed,
         count(*) FILTER (WHERE result NOT IN ('fail', 'error', 'pass', 'fixed'))::integer AS others
       FROM fleet.rule_results WHERE profile = $1 AND to_run IS NULL AND image IN (${watchedImages})
       GROUP BY rule ORDER BY failed DESC, array_position(ARRAY['high', 'medium', 'low', 'info'], min(severity)), rule COLLATE "C"`,
      [profile],
    ),
  );
}

/** Images that a profile was evaluated on, or could not be. */
export interface ProfileImage {
  image: number;
  score: number | null;
  counts: Record<string, number>;
  code: string | null;
  message: string | null;
}

export function imagesOf(view: FleetView, profile: string): Promise<readonly ProfileImage[]> {
  return view.recent(`images of ${profile}`, () =>
    view.queries.query<ProfileImage>(
      `SELECT image, score, counts, code, message FROM fleet.profile_results
       WHERE profile = $1 AND to_run IS NULL AND image IN (${watchedImages}) ORDER BY score NULLS FIRST, image`,
      [profile],
    ),
  );
}

/** Results of some images, by rule and image. */
export async function resultsOf(
  view: FleetView,
  profile: string,
  images: readonly number[],
): Promise<Map<string, Map<number, string>>> {
  const rows = await view.queries.query<{ rule: string; image: number; result: string }>(
    `SELECT rule, image, result FROM fleet.rule_results WHERE profile = $1 AND to_run IS NULL AND image = ANY($2::integer[])`,
    [profile, images],
  );
  const found = new Map<string, Map<number, string>>();
  for (const { rule, image, result } of rows) {
    const known = found.get(rule) ?? new Map<number, string>();
    known.set(image, result);
    found.set(rule, known);
  }
  return found;
}
