import { resultName } from '../../../../report/comply/html-text.ts';
import type { ViewedImage } from '../../../view/image.ts';
import {
  notEvaluatedColumn,
  profileColumn,
  resultColumn,
  ruleColumns,
  scoreColumn,
  severityColumn,
  sinceColumn,
} from '../../columns.ts';
import type { ViewRequest } from '../../page.ts';
import { resultRank } from '../../rule-parts.ts';
import { table } from '../../table.ts';
import type { ImageView } from './view.ts';

interface ProfileRow {
  profile: string;
  score: number | null;
  counts: Record<string, number>;
  code: string | null;
  message: string | null;
  since: Date;
}

interface RuleRow {
  profile: string;
  rule: string;
  title: string;
  severity: string;
  result: string;
  since: Date;
}

/** The configuration of an image by the profiles that runs evaluated. */
export async function rulesView({ id }: ViewedImage, { view }: ViewRequest): Promise<ImageView> {
  const profiles = await view.queries.query<ProfileRow>(
    `SELECT profile, score, counts, code, message, started AS since FROM fleet.profile_results JOIN fleet.runs ON runs.id = from_run
     WHERE image = $1 AND to_run IS NULL ORDER BY profile COLLATE "C"`,
    [id],
  );
  const rules = await view.queries.query<RuleRow>(
    `SELECT profile, rule, title, severity, result, started AS since FROM fleet.rule_results JOIN fleet.runs ON runs.id = from_run
     WHERE image = $1 AND to_run IS NULL ORDER BY profile COLLATE "C", rule COLLATE "C"`,
    [id],
  );
  const none = 'No run has evaluated it: `scapfeed fleet run --profile NAME` does.';
  return {
    tables: [
      table<RuleRow>({
        name: 'rules',
        caption: 'Rules',
        empty: profiles.length === 0 ? none : 'There is no result of a rule.',
        columns: [
          resultColumn(),
          severityColumn((row) => row),
          ...ruleColumns<RuleRow>(),
          profileColumn('word'),
          sinceColumn(),
        ],
        rows: rules.sort((a, b) => resultRank(a.result) - resultRank(b.result)),
      }),
      table<ProfileRow>({
        name: 'profiles',
        caption: 'Profiles',
        empty: none,
        columns: [
          profileColumn(),
          scoreColumn(({ score }) => score),
          { key: 'results', title: 'Results', value: ({ counts }) => countsText(counts) },
          notEvaluatedColumn(),
          sinceColumn(),
        ],
        rows: profiles,
      }),
    ],
  };
}

function countsText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .filter(([result, count]) => count > 0 && result !== 'notselected')
    .map(([result, count]) => `${count} ${resultName(result).toLowerCase()}`)
    .join(', ');
}
