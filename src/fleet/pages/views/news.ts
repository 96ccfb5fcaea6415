import { countedNews, type NewsKind, newsCauses, newsKinds } from '../../../model/fleet/index.ts';
import { causeWords, newsTitles } from '../../../report/fleet/news-words.ts';
import { plural } from '../../../report/text-table.ts';
import { eventNumbers, inPart, partValues } from '../../view/events.ts';
import type { FleetView, ViewedRun } from '../../view/fleet-view.ts';
import { addresses } from '../addresses.ts';
import { type Html, html, nothing } from '../html.ts';
import { missingPage } from '../missing-page.ts';
import type { PageMaker } from '../page.ts';
import { anyChoice, choice, filterForm, searchField, urgentNews, wordChoices } from '../parts.ts';
import { textParameter } from '../request.ts';
import { table } from '../table.ts';
import { eventTable } from '../tables/events.ts';
import { runColumns } from '../tables/runs.ts';
import { day, minute } from '../words.ts';

/** Limit on the news of one run on a page; the page states how many are left out. */
const maxNews = 20_000;

/** The news of one run, or of all of them. */
export const newsPage: PageMaker = async (asked) => {
  const { request, view } = asked;
  const runs = await view.runs();
  const wanted = textParameter(request, 'run');
  const run = wanted === '' ? runs.at(-1) : runs.find(({ id }) => String(id) === wanted);
  if (wanted !== '' && !run) return missingPage(asked, wanted);
  const q = textParameter(request, 'q');
  const kind = choice(request, 'kind', 'What', [anyChoice, ...wordChoices(newsKinds, newsTitles)]);
  const cause = choice(request, 'cause', 'Why', [anyChoice, ...wordChoices(newsCauses, causeWords)]);
  const filter = { q, kind: kind.value, cause: cause.value };
  const kinds = run ? await newsKindsOf(view, run.id) : [];
  const total = kinds.reduce((sum, { count }) => sum + count, 0);
  const events = run
    ? await view.recent(`news of ${JSON.stringify([run.id, filter])}`, () => newsOf(view, run.id, filter))
    : [];
  return {
    title: run ? `News of run ${run.id}` : 'News',
    section: 'news',
    body: html`<h1>News</h1>
${run ? runHead(run, runs, view.seen === 'all' ? run.summary.events : total) : html`<p>No run has ended yet.</p>`}
${kindList(kinds, run)}
${filterForm(
  '/news',
  [searchField('Search', q), kind.field, cause.field],
  run ? { run: String(run.id) } : {},
)}`,
    tables: [
      await eventTable(asked, {
        name: 'news',
        caption: total >= maxNews ? `News: the most urgent ${maxNews}` : 'News',
        events,
        names: await view.namesOfImages(),
        withRuns: false,
        empty: emptyNews(run),
      }),
      table<ViewedRun>({
        name: 'runs',
        caption: 'Runs',
        empty: 'No run has ended yet.',
        size: 20,
        columns: runColumns(view.seen === 'all'),
        rows: runs.toReversed(),
      }),
    ],
  };
};

interface NewsFilter {
  q: string;
  kind: string;
  cause: string;
}

/** The numbers of the news of a run that are asked for. */
function newsOf(view: FleetView, run: number, { q, kind, cause }: NewsFilter): Promise<number[]> {
  const values: (string | number)[] = [run];
  const conditions = ['run = $1'];
  const add = (condition: string, value: string) => {
    if (value !== '') conditions.push(condition.replaceAll('?', `$${values.push(value)}`));
  };
  add('events.kind = ?', kind);
  add('cause = ?', cause);
  const texts = ['vulnerability', 'package', 'platform', 'detail', referenceOf];
  add(`(${texts.map((text) => `position(lower(?) IN lower(${text})) > 0`).join(' OR ')})`, q);
  return eventNumbers(view, conditions.join(' AND '), values, maxNews);
}

const referenceOf = '(SELECT reference FROM fleet.names WHERE names.id = events.name)';

export interface KindCount {
  kind: NewsKind;
  count: number;
}

/** Number of news of each kind; `unwaived`: only those that are not waived. */
export function newsKindsOf(view: FleetView, run: number, unwaived = false): Promise<readonly KindCount[]> {
  return view.recent(`kinds of news of ${run} ${unwaived}`, () => kindCounts(view, run, unwaived));
}

async function kindCounts(view: FleetView, run: number, unwaived: boolean): Promise<readonly KindCount[]> {
  const part = await view.part();
  const conditions = ['run = $1', ...(unwaived ? ['waiver IS NULL'] : []), ...(part ? [inPart(1)] : [])];
  return view.queries.query<KindCount>(
    `SELECT kind, count(*)::integer AS count FROM fleet.events WHERE ${conditions.join(' AND ')} GROUP BY kind`,
    [run, ...partValues(part)],
  );
}

/** News of a run that a person should look at first. */
export function urgentNewsOf(view: FleetView, run: number): Promise<number[]> {
  return view.recent(`urgent news of ${run}`, () =>
    eventNumbers(
      view,
      `run = $1 AND waiver IS NULL
         AND (events.kind = ANY($2::text[]) OR events.kind = ANY($3::text[]) AND (exploited OR severity IN ('critical', 'high')))`,
      [run, [...urgentNews], [...countedNews]],
      maxNews,
    ),
  );
}

function runHead({ id, finished }: ViewedRun, runs: readonly ViewedRun[], count: number): Html {
  const at = runs.findIndex((each) => each.id === id);
  const [before, after] = [runs[at - 1], runs[at + 1]];
  const link = (run: ViewedRun | undefined, text: string) =>
    run
      ? html`<a href="${addresses.news({ run: String(run.id) })}">${text} (${day(run.finished)})</a>`
      : nothing;
  return html`<p class="sum">Run ${id}, ended ${minute(finished)}: ${plural(count, 'piece of news', 'pieces of news')}. ${link(before, '← before')} ${link(after, 'after →')}</p>`;
}

function emptyNews(run: ViewedRun | undefined): string {
  if (!run) return 'No run has ended yet.';
  if (run.summary.names === 0) return `Run ${run.id} had no image to judge.`;
  return 'Nothing changed. What was not known before is still not known.';
}

export function kindList(kinds: readonly KindCount[], run: ViewedRun | undefined): Html {
  const shown = newsKinds.flatMap((kind) => {
    const count = kinds.find((each) => each.kind === kind)?.count ?? 0;
    return count > 0 && run
      ? [
          html`<li><a href="${addresses.news({ run: String(run.id), kind })}">${newsTitles[kind]}</a> <b>${count}</b></li>`,
        ]
      : [];
  });
  return shown.length === 0 ? nothing : html`<ul class="counts">${shown}</ul>`;
}
