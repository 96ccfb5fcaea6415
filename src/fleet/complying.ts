import type { ErrorCode } from '../model/error.ts';
import type { Queries } from './store/database.ts';
import { json, storable } from './store/json.ts';

/** The result of an image by a profile, or why there is none. */
export type ProfileOutcome =
  | { score: number | null; counts: Readonly<Record<string, number>>; rules: readonly StoredRuleOutcome[] }
  | { code: ErrorCode; message: string };

export interface StoredRuleOutcome {
  rule: string;
  title: string;
  severity: string;
  result: string;
}

/** An image that is evaluated by a profile: by the name under which it can be opened. */
export interface ComplyJob {
  run: number;
  image: number;
  digest: string;
  reference: string;
  profile: string;
  /** Identifies the content, and the program that evaluates it. */
  content: string;
}

/**
 * The watched images that were not evaluated by a profile and this content yet. A root file system has no digest of its files:
 * it is evaluated each time. Imported inventories have no files.
 */
export async function planComplying(
  queries: Queries,
  run: number,
  profile: string,
  content: string,
): Promise<ComplyJob[]> {
  const rows = await queries.query<{ image: number; digest: string; reference: string }>(
    `SELECT DISTINCT ON (images.id) images.id AS image, images.digest, reference
     FROM fleet.names JOIN fleet.name_images ON name_images.name = names.id AND until IS NULL
     JOIN fleet.images ON images.id = image
     WHERE removed IS NULL AND images.kind <> 'import' AND reference NOT LIKE 'sbom:%' AND (images.digest LIKE 'inventory:%' OR NOT EXISTS (
       SELECT FROM fleet.profile_results AS known WHERE known.image = images.id AND known.profile = $1
         AND known.content = $2 AND known.to_run IS NULL
         AND (SELECT state FROM fleet.runs WHERE runs.id = known.from_run) <> 'broken'))
     ORDER BY images.id, reference COLLATE "C"`,
    [profile, content],
  );
  return rows.map((row) => ({ run, profile, content, ...row }));
}

/** Keeps a result: the score as a whole, and of the rules what is another than before. */
export async function keepProfileResult(
  queries: Queries,
  { run, image, profile, content }: ComplyJob,
  outcome: ProfileOutcome,
): Promise<void> {
  const own = [image, profile, run];
  for (const table of ['profile_results', 'rule_results'])
    await queries.query(
      `DELETE FROM fleet.${table} WHERE image = $1 AND profile = $2 AND from_run = $3`,
      own,
    );
  // Results that this run ended before it was given to another process are valid again.
  await queries.query(
    'UPDATE fleet.rule_results SET to_run = NULL WHERE image = $1 AND profile = $2 AND to_run = $3',
    own,
  );
  await queries.query(
    'UPDATE fleet.profile_results SET to_run = $3 WHERE image = $1 AND profile = $2 AND to_run IS NULL',
    own,
  );
  const [code, message] = 'code' in outcome ? [outcome.code, storable(outcome.message)] : [null, null];
  const [score, counts] = 'code' in outcome ? [null, {}] : [outcome.score, outcome.counts];
  await queries.query(
    `INSERT INTO fleet.profile_results (image, profile, content, score, counts, code, message, from_run)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [image, profile, content, score, json(counts), code, message, run],
  );
  const rules = json('code' in outcome ? [] : outcome.rules);
  const given = `jsonb_to_recordset($3::jsonb) AS given (rule text, title text, severity text, result text)`;
  await queries.query(
    `UPDATE fleet.rule_results AS known SET to_run = $4 WHERE image = $1 AND profile = $2 AND to_run IS NULL
       AND NOT EXISTS (SELECT FROM ${given} WHERE given.rule = known.rule AND given.result = known.result)`,
    [image, profile, rules, run],
  );
  await queries.query(
    `INSERT INTO fleet.rule_results (image, profile, rule, title, severity, result, from_run)
     SELECT $1::integer, $2::text, rule, title, severity, result, $4::integer FROM ${given} WHERE NOT EXISTS (
       SELECT FROM fleet.rule_results AS known WHERE image = $1 AND profile = $2 AND known.rule = given.rule
         AND to_run IS NULL)`,
    [image, profile, rules, run],
  );
}
