import { type NewsKind, newsCauses, newsKinds } from '../../../model/index.ts';
import { causeWords, newsTitles } from '../../../report/fleet/news-words.ts';
import { plural } from '../../../report/text-table.ts';
import { addresses } from '../addresses.ts';
import { eventsWhere } from '../data/events.ts';
import type { FleetView, ViewedRun } from '../data/fleet-view.ts';
import { eventTable } from '../event-table.ts';
import { type Html, html, nothing } from '../html.ts';
import type { Asked, Page } from '../page.ts';
import { filterForm, searchField, select } from '../parts.ts';
import { textParameter } from '../request.ts';
import { table } from '../table.ts';
import { day, minute } from '../words.ts';

/** Limit on the news of one run on a page; what is left out is said. */
const maxNews = 20_000;

/** What one run told, or what all of them did. */
export async function newsPage({ request, view }: Asked): Promise<Page> {
  const runs = await view.runs();
  const wanted = Number(textParameter(request, 'run'));
  const run = runs.find(({ id }) => id === wanted) ?? runs.at(-1);
  const [q, kind, cause] = ['q', 'kind', 'cause'].map((name) => textParameter(request, name)) as [
    string,
    string,
    string,
  ];
  const all = run ? await view.recent(`news of ${run.id}`, () => newsOf(view, run.id)) : [];
  const word = q.toLowerCase();
  const events = all.filter(
    (event) =>
      (kind === '' || event.kind === kind) &&
      (cause === '' || event.cause === cause) &&
      (word === '' ||
        [event.vulnerability, event.package, event.platform, event.detail, event.reference].some((text) =>
          text?.toLowerCase().includes(word),
        )),
  );
  const any = { value: '', text: 'any' };
  return {
    title: run ? `News of run ${run.id}` : 'News',
    section: 'news',
    body: html`<h1>News</h1>
${run ? runHead(run, runs) : html`<p>No run has ended yet.</p>`}
${kindList(
  all.map((event) => event.kind),
  run,
)}
${filterForm(
  '/news',
  [
    searchField('Search', q),
    select('kind', 'What', [any, ...newsKinds.map((value) => ({ value, text: newsTitles[value] }))], kind),
    select('cause', 'Why', [any, ...newsCauses.map((value) => ({ value, text: causeWords[value] }))], cause),
  ],
  run ? { run: String(run.id) } : {},
)}`,
    tables: [
      eventTable({
        name: 'news',
        caption: all.length >= maxNews ? `News: the most urgent ${maxNews}` : 'News',
        events,
        names: await view.namesOfImages(),
        withRuns: false,
        empty: run
          ? 'Nothing changed. What was not known before is still not known.'
          : 'No run has ended yet.',
      }),
      table<ViewedRun>({
        name: 'runs',
        caption: 'Runs',
        empty: 'No run has ended yet.',
        size: 20,
        columns: [
          {
            key: 'run',
            title: 'Run',
            value: ({ id }) => id,
            html: ({ id }) => html`<a href="${addresses.news({ run: String(id) })}">${id}</a>`,
            kind: 'number',
          },
          {
            key: 'ended',
            title: 'Ended',
            value: ({ finished }) => finished.toISOString(),
            html: ({ finished }) => minute(finished),
            kind: 'word',
          },
          { key: 'news', title: 'News', value: ({ summary }) => summary.events, kind: 'number' },
          { key: 'images', title: 'Images', value: ({ summary }) => summary.names, kind: 'number' },
          { key: 'unread', title: 'Not read', value: ({ summary }) => summary.unread, kind: 'number' },
          { key: 'judged', title: 'Packages judged', value: ({ summary }) => summary.judged, kind: 'number' },
          {
            key: 'feed',
            title: 'Feed',
            value: ({ summary }) => summary.feed,
            html: ({ summary }) => html`<code>${summary.feed.slice(0, 19)}</code>`,
          },
        ],
        rows: runs.toReversed(),
      }),
    ],
  };
}

export function newsOf(view: FleetView, run: number) {
  return eventsWhere(view.queries, 'run = $1', [run], maxNews);
}

function runHead({ id, finished, summary }: ViewedRun, runs: readonly ViewedRun[]): Html {
  const at = runs.findIndex((each) => each.id === id);
  const [before, after] = [runs[at - 1], runs[at + 1]];
  const link = (run: ViewedRun | undefined, text: string) =>
    run
      ? html`<a href="${addresses.news({ run: String(run.id) })}">${text} (${day(run.finished)})</a>`
      : nothing;
  return html`<p class="sum">Run ${id}, ended ${minute(finished)}: ${plural(summary.events, 'piece of news', 'pieces of news')}. ${link(before, '← before')} ${link(after, 'after →')}</p>`;
}

/** How many there are of each kind. */
export function kindList(kinds: readonly NewsKind[], run: ViewedRun | undefined): Html {
  const shown = newsKinds.flatMap((kind) => {
    const count = kinds.filter((each) => each === kind).length;
    return count > 0 && run
      ? [
          html`<li><a href="${addresses.news({ run: String(run.id), kind })}">${newsTitles[kind]}</a> <b>${count}</b></li>`,
        ]
      : [];
  });
  return shown.length === 0 ? nothing : html`<ul class="counts">${shown}</ul>`;
}
