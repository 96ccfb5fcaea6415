import { dataDay } from '../../../model/data-date.ts';
import type { Severity } from '../../../model/feed/index.ts';
import { type ImageState, imageStates } from '../../../model/fleet/index.ts';
import { plural, thousands } from '../../../report/text-table.ts';
import { notInFull } from '../../store/totals.ts';
import type { FleetView, ViewedName, ViewedRun } from '../../view/fleet-view.ts';
import { type OpenVulnerability, openVulnerabilities, upgrades } from '../../view/open-flaws.ts';
import { addresses } from '../addresses.ts';
import { severityColumn, vulnerabilityColumn } from '../columns.ts';
import { type Html, html, nothing } from '../html.ts';
import type { Page, ViewRequest } from '../page.ts';
import {
  barWithCounts,
  capital,
  notice,
  packageLink,
  severityWord,
  unlistedItems,
  vulnerabilityLink,
  worstFirst,
} from '../parts.ts';
import { type Column, type Table, table } from '../table.ts';
import { eventTable } from '../tables/events.ts';
import { holdersColumn, sourcesColumn } from '../tables/open-flaws.ts';
import { type RunWithTotals, runsWithTotals, trendChart, trendWords } from '../trend.ts';
import {
  ageWords,
  day,
  filesState,
  filesStates,
  filesWords,
  signedState,
  signedStates,
  signedWords,
  standingWords,
} from '../words.ts';
import { type UsedPlatform, usedPlatforms } from './feed.ts';
import { kindList, newsKindsOf, urgentNewsOf } from './news.ts';
import { upgradeTable } from './packages.ts';

/** Number of rows of other pages that the overview shows. */
const most = 8;

/** The first page: the state of the fleet at a glance. */
export async function overviewPage(asked: ViewRequest): Promise<Page> {
  const { request, view, now } = asked;
  const names = await view.names();
  const totals = await view.totals();
  const runs = await view.runs();
  const withTotals = runsWithTotals(runs);
  const last = runs.at(-1);
  const platforms = await usedPlatforms(view, now);
  const urgent = last ? await urgentNewsOf(view, last.id) : [];
  const kinds = last ? await newsKindsOf(view, last.id, true) : [];
  const exploited = (await openVulnerabilities(view)).filter((each) => each.exploited);
  const tables = {
    exploited: await exploitedTable(view, exploited),
    upgrades: upgradeTable(
      (await upgrades(view)).slice(0, request.format === 'html' ? most : undefined),
      'Upgrade these first',
    ),
    news: await eventTable(asked, {
      name: 'news',
      caption: 'News that need a look',
      events: urgent.slice(0, request.format === 'html' ? most : undefined),
      names: await view.namesOfImages(),
      withRuns: false,
      empty: emptyNews(last),
    }),
    trend: trendTable(withTotals),
  };
  const shown = (name: keyof typeof tables) => tables[name].html(request);
  const unlisted = unlistedItems(last?.summary?.unlisted ?? []);
  return {
    title: 'Overview',
    section: 'overview',
    placesTables: true,
    body: html`<h1>Overview</h1>
${names.length === 0 ? emptyFleet : nothing}
${unlisted.length > 0 ? notice('warn', 'Not everything is known of this fleet', unlisted) : nothing}
<div class="cards">
${flawCard(totals)}
${exploitedCard(names, totals, exploited)}
${view.seen === 'all' ? oldestCard(withTotals.at(-1), now) : nothing}
${coverageCard(names.length, totals)}
</div>
<div class="split">
${view.seen === 'all' ? trendCard(withTotals, shown('trend')) : nothing}
<div class="stack">${platformCard(platforms)}${signatureCard(names)}${filesCard(names)}</div>
</div>
${shown('exploited')}
${shown('upgrades')}
${shown('news')}
${last && kinds.length > 0 ? html`<div class="lead"><p class="sum">All news of the last run</p>${kindList(kinds, last)}</div>` : nothing}`,
    tables: [tables.trend, tables.exploited, tables.upgrades, tables.news],
  };
}

/** Runs keep their totals of all images: a part of the fleet has no trend. */
function trendCard(runs: readonly RunWithTotals[], numbers: Html): Html {
  return html`<section class="card" aria-labelledby="trend-head"><h2 id="trend-head">Open flaws by run, in all images together</h2>
${trendChart(runs)}
${trendWords(runs)}
<details><summary>Numbers</summary>${numbers}</details></section>`;
}

function emptyNews(last: ViewedRun | undefined): string {
  if (!last) return 'No run has ended yet.';
  return last.summary.names === 0 ? 'The last run had no image to judge.' : 'The last run found nothing new.';
}

const emptyFleet = html`<p class="empty">The fleet is empty: <code>scapfeed fleet add REF</code> adds images.</p>`;

type Totals = Awaited<ReturnType<FleetView['totals']>>;

function flawCard(totals: Totals): Html {
  const { flaws, images, fixable, waived, unjudged } = totals;
  const unknown = [
    ...(notInFull(totals) > 0 ? [`${plural(notInFull(totals), 'image')} not judged in full`] : []),
    ...(unjudged ? [`${plural(unjudged, 'package')} not judged`] : []),
  ];
  const count = sum(flaws);
  return html`<section class="card"><h2>Open flaws</h2>
<p class="big">${images === 0 ? '–' : thousands(count)} <small>in ${plural(images, 'image')}</small></p>
${barWithCounts(flaws, 'Open flaws by severity')}
<p class="dim">${thousands(fixable)} with a fix to install${waived > 0 ? html`, <a href="/waivers">${thousands(waived)} waived</a>` : nothing}</p>${unknown.length > 0 ? html`<p class="dim">without what is not known: ${unknown.join(', ')}</p>` : nothing}</section>`;
}

function exploitedCard(
  names: readonly ViewedName[],
  { images }: Totals,
  exploited: readonly OpenVulnerability[],
): Html {
  const affected = new Set(
    names.flatMap(({ image, counts, platform }) =>
      platform !== null && counts && counts.exploited > 0 ? [image] : [],
    ),
  ).size;
  if (images === 0)
    return html`<section class="card"><h2>Known to be exploited</h2><p class="big">–</p><p class="dim">Nothing is judged yet.</p></section>`;
  return html`<section class="card"><h2>Known to be exploited</h2>
<p class="big ${exploited.length > 0 ? 'high' : ''}">${thousands(exploited.length)} <small>${exploited.length === 1 ? 'vulnerability' : 'vulnerabilities'}</small></p>
<p>in <a href="${addresses.images({ exploited: 'yes' })}">${plural(affected, 'image')}</a></p>
<p class="dim">by CISA’s catalog and the vendors</p></section>`;
}

/** Fixes that were available and are not installed. */
function oldestCard(run: RunWithTotals | undefined, now: Date): Html {
  const oldest = run?.totals.oldest ?? [];
  const [first] = oldest.toSorted((a, b) => (a.since < b.since ? -1 : 1));
  if (!first)
    return html`<section class="card"><h2>Oldest fix not installed</h2><p class="big">–</p><p class="dim">${run && run.totals.images > 0 ? 'No fix waits to be installed in what is judged.' : 'Nothing is judged yet.'}</p></section>`;
  const items = oldest.map(
    ({ severity, vulnerability, source, since }) =>
      html`<li>${severityWord(severity)}<span>${vulnerabilityLink(vulnerability)}<small>${packageLink(source)}, ${ageWords(since, now)}</small></span></li>`,
  );
  return html`<section class="card"><h2>Oldest fix not installed</h2><p class="big">${ageWords(first.since, now)}</p><p class="dim">since the first run that found the fix</p><ul class="oldest">${items}</ul></section>`;
}

function coverageCard(total: number, { names: counts }: Totals): Html {
  const order: readonly ImageState[] = [...imageStates].reverse();
  let x = 0;
  const parts = order.flatMap((standing) => {
    if (counts[standing] === 0) return [];
    const width = (100 * counts[standing]) / total;
    const part = html`<rect class="${standing}" x="${x.toFixed(2)}" width="${width.toFixed(2)}" height="10"><title>${counts[standing]} ${standingWords[standing]}</title></rect>`;
    x += width;
    return [part];
  });
  const items = order.flatMap((standing) =>
    counts[standing] === 0
      ? []
      : [
          html`<li><a href="${addresses.images({ state: standing })}">${thousands(counts[standing])} ${standingWords[standing]}</a></li>`,
        ],
  );
  return html`<section class="card"><h2>Coverage</h2>
<p class="big">${total === 0 ? '–' : `${Math.floor((100 * counts.judged) / total)} %`} <small>judged in full</small></p>
<svg viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="Images by what is known of them">${parts}</svg>
<ul class="counts">${items}</ul></section>`;
}

/** Platforms that judge something; the others are on the page of the feed. */
function platformCard(platforms: readonly UsedPlatform[]): Html {
  const used = platforms
    .filter(({ images }) => images > 0)
    .sort((a, b) => (b.ageDays ?? Number.MAX_SAFE_INTEGER) - (a.ageDays ?? Number.MAX_SAFE_INTEGER));
  const items = used
    .slice(0, 6)
    .map(
      ({ id, updated, ageDays, isStale }) =>
        html`<div><dt>${id}</dt><dd>${dataDay(updated)} <span class="dim">${ageDays === null ? 'age not known' : `${plural(ageDays, 'day')} old`}</span>${isStale ? html` <span class="badge stale">too old</span>` : nothing}</dd></div>`,
    );
  return html`<section class="card"><h2><a href="/feed">Data that judges</a></h2>${used.length === 0 ? html`<p class="dim">No platform judges an image yet.</p>` : html`<dl>${items}</dl>`}${used.length > 6 ? html`<p class="dim">and ${plural(used.length - 6, 'other platform')}</p>` : nothing}</section>`;
}

/** Images that were never checked are shown separately from unsigned ones. */
function signatureCard(names: readonly ViewedName[]): Html {
  const counts = new Map<string, number>();
  for (const { signed } of names) {
    const state = signedState(signed);
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  const items = signedStates.flatMap((state) => {
    const count = counts.get(state) ?? 0;
    return count === 0
      ? []
      : [
          html`<li><a href="${addresses.images({ signed: state })}">${thousands(count)} ${signedWords[state]}</a></li>`,
        ];
  });
  return html`<section class="card"><h2>Signatures</h2>${items.length === 0 ? html`<p class="dim">There is no image.</p>` : html`<ul class="counts">${items}</ul>`}</section>`;
}

/** Images whose files were never compared are shown separately from those without a deviation. */
function filesCard(names: readonly ViewedName[]): Html {
  const items = filesStates.flatMap((state) => {
    const count = names.filter(({ files }) => filesState(files) === state).length;
    return count === 0
      ? []
      : [
          html`<li><a href="${addresses.images({ files: state })}">${thousands(count)} ${filesWords[state]}</a></li>`,
        ];
  });
  return html`<section class="card"><h2>Files against their packages</h2>${items.length === 0 ? html`<p class="dim">There is no image.</p>` : html`<ul class="counts">${items}</ul>`}</section>`;
}

async function exploitedTable(view: FleetView, rows: readonly OpenVulnerability[]): Promise<Table> {
  const holders = await view.holders();
  return table<OpenVulnerability>({
    name: 'exploited',
    caption: 'Known to be exploited: act on these first',
    empty: 'No open flaw in what is judged is known to be exploited.',
    size: most,
    columns: [
      severityColumn((row) => row, 'Worst'),
      vulnerabilityColumn<OpenVulnerability>((row) => row.vulnerability),
      sourcesColumn(4),
      {
        key: 'fixable',
        title: 'Builds with a fix',
        value: ({ fixable, packages }) => `${fixable} of ${packages.length}`,
        kind: 'word',
      },
      holdersColumn(holders),
    ],
    rows,
  });
}

function trendTable(runs: readonly RunWithTotals[]): Table {
  const severityColumns = worstFirst.map(
    (severity: Severity): Column<RunWithTotals> => ({
      key: severity,
      title: capital(severity),
      value: ({ totals }) => totals.flaws[severity],
      kind: 'number',
    }),
  );
  return table<RunWithTotals>({
    name: 'trend',
    caption: 'Runs',
    empty: 'No run with totals has ended yet.',
    size: 15,
    columns: [
      { key: 'run', title: 'Run', value: ({ id }) => id, kind: 'number' },
      {
        key: 'ended',
        title: 'Ended',
        value: ({ finished }) => finished.toISOString(),
        html: ({ id, finished }) =>
          html`<a class="date" href="${addresses.news({ run: String(id) })}">${day(finished)}</a>`,
        kind: 'word',
      },
      ...severityColumns,
      { key: 'exploited', title: 'Exploited', value: ({ totals }) => totals.exploited, kind: 'number' },
      { key: 'fixable', title: 'With a fix', value: ({ totals }) => totals.fixable, kind: 'number' },
      { key: 'images', title: 'Images judged', value: ({ totals }) => totals.images, kind: 'number' },
      {
        key: 'not_in_full',
        title: 'Images not judged in full',
        value: ({ totals }) => notInFull(totals),
        kind: 'number',
      },
      {
        key: 'unjudged',
        title: 'Packages not judged',
        value: ({ totals }) => totals.unjudged ?? null,
        kind: 'number',
      },
    ],
    rows: runs.toReversed(),
  });
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
