import { resultName } from '../../../../report/comply/html-text.ts';
import { addresses } from '../../addresses.ts';
import type { ViewedImage } from '../../data/image.ts';
import { html, nothing } from '../../html.ts';
import type { Asked } from '../../page.ts';
import { severityWord } from '../../parts.ts';
import { resultBadge, resultRank } from '../../rule-parts.ts';
import { table } from '../../table.ts';
import { day } from '../../words.ts';
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
export async function rulesView({ id }: ViewedImage, { view }: Asked): Promise<ImageView> {
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
          {
            key: 'result',
            title: 'Result',
            value: ({ result }) => result,
            html: ({ result }) => resultBadge(result),
            kind: 'word',
          },
          {
            key: 'severity',
            title: 'Severity',
            value: ({ severity }) => severity,
            html: ({ severity }) => severityWord(severity),
            kind: 'word',
          },
          {
            key: 'title',
            title: 'Rule',
            value: ({ title }) => title,
            html: ({ rule, title }) => html`${title}<small>${rule}</small>`,
            kind: 'name',
          },
          { key: 'rule', title: 'Id', value: ({ rule }) => rule, isData: true },
          {
            key: 'profile',
            title: 'Profile',
            value: ({ profile }) => profile,
            html: ({ profile }) => html`<a href="${addresses.profile(profile)}">${profile}</a>`,
            kind: 'word',
          },
          {
            key: 'since',
            title: 'So since',
            value: ({ since }) => since.toISOString(),
            html: ({ since }) => day(since),
            kind: 'word',
          },
        ],
        rows: rules.sort((a, b) => resultRank(a.result) - resultRank(b.result)),
      }),
      table<ProfileRow>({
        name: 'profiles',
        caption: 'Profiles',
        empty: none,
        columns: [
          {
            key: 'profile',
            title: 'Profile',
            value: ({ profile }) => profile,
            html: ({ profile }) => html`<a href="${addresses.profile(profile)}">${profile}</a>`,
            kind: 'name',
          },
          {
            key: 'score',
            title: 'Score',
            value: ({ score }) => score,
            html: ({ score }) => (score === null ? 'none' : score.toFixed(1)),
            kind: 'number',
          },
          {
            key: 'results',
            title: 'Results',
            value: ({ counts }) => countsText(counts),
          },
          {
            key: 'error',
            title: 'Not evaluated because',
            value: ({ code, message }) => (code === null ? null : `${code}: ${message}`),
            html: ({ code, message }) => (code === null ? nothing : `${code}: ${message}`),
          },
          {
            key: 'since',
            title: 'So since',
            value: ({ since }) => since.toISOString(),
            html: ({ since }) => day(since),
            kind: 'word',
          },
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
