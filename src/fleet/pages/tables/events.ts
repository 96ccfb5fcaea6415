import { type NewsItem, newsCauses, newsKinds } from '../../../model/fleet/index.ts';
import { causeWords, changeWords, newsTitles } from '../../../report/fleet/news-words.ts';
import { plural } from '../../../report/text-table.ts';
import {
  boolean,
  integer,
  list,
  object,
  oneOf,
  orNull,
  type Schema,
  severity,
  string,
  time,
} from '../../schemas.ts';
import { eventsOf, type KeptEvent, maxEvents } from '../../view/events.ts';
import type { ViewedName } from '../../view/fleet-view.ts';
import { addresses } from '../addresses.ts';
import { severityColumn } from '../columns.ts';
import { breakable, type Html, html, nothing } from '../html.ts';
import type { ViewRequest } from '../page.ts';
import { imageLink, packageLink, vulnerabilityLink } from '../parts.ts';
import { shownRows } from '../request.ts';
import { type Column, type Table, table } from '../table.ts';
import { day } from '../words.ts';

// Lists of changes: their columns on pages, in CSV and JSON, and their items in the API.

export interface EventTable {
  name: string;
  caption: string;
  empty: string;
  /** The numbers of all, in their order. */
  events: readonly number[];
  /** Names of images; absent: a page about one image does not repeat it. */
  names?: ReadonlyMap<number, readonly ViewedName[]>;
  /** Each row names its run. */
  withRuns?: boolean;
  size?: number;
}

/** A table of changes, with their causes, former and new values. */
export async function eventTable(
  { request, view }: Pick<ViewRequest, 'request' | 'view'>,
  { events, names, withRuns = true, ...spec }: EventTable,
): Promise<Table> {
  const { from, to } = shownRows(request, spec.name, events.length, spec.size);
  const rows = await eventsOf(view, events.slice(from, to));
  const cut = events.length >= maxEvents ? `${spec.caption}: the newest ${maxEvents}` : spec.caption;
  const columns: Column<KeptEvent>[] = [
    ...(withRuns ? runColumns : []),
    {
      key: 'kind',
      title: 'What',
      value: ({ kind }) => kind,
      html: ({ kind }) => html`<span class="news-${kind}">${newsTitles[kind]}</span>`,
    },
    { key: 'vulnerability', title: 'Vulnerability', value: (event) => event.vulnerability, isData: true },
    { key: 'package', title: 'Package', value: (event) => event.package, isData: true },
    { key: 'platform', title: 'Platform', value: (event) => event.platform, isData: true },
    { key: 'about', title: 'About', value: aboutText, html: about },
    severityColumn((event) => event),
    {
      key: 'change',
      title: 'Change',
      value: changeText,
      html: (event) =>
        html`${changeText(event)}${event.waived === null ? nothing : html`<small>waived: ${event.waived}</small>`}`,
    },
    { key: 'waived', title: 'Waived because', value: ({ waived }) => waived, isData: true },
    { key: 'cause', title: 'Why', value: ({ cause }) => cause, html: ({ cause }) => causeWords[cause] },
    ...(names ? imageColumns(names) : []),
  ];
  return table<KeptEvent>({ ...spec, caption: cut, columns, rows, total: events.length });
}

const runColumns: readonly Column<KeptEvent>[] = [
  {
    key: 'date',
    title: 'Run',
    value: ({ finished }) => finished.toISOString(),
    html: ({ run, finished }) =>
      html`<a class="date" href="${addresses.news({ run: String(run) })}">${day(finished)}</a>`,
    kind: 'word',
  },
  { key: 'run', title: 'Run', value: ({ run }) => run, isData: true },
];

function imageColumns(names: ReadonlyMap<number, readonly ViewedName[]>): Column<KeptEvent>[] {
  const shown = ({ first, reference }: KeptEvent): readonly (ViewedName | string)[] =>
    reference === null ? first.flatMap((image) => names.get(image)?.slice(0, 1) ?? []) : [reference];
  return [
    {
      key: 'images',
      title: 'Images',
      value: ({ images, reference }) => (reference === null ? images : 1),
      html: (event) => {
        const list = shown(event).slice(0, 2);
        const more = (event.reference === null ? event.images : 1) - list.length;
        const links = list.map(
          (each) =>
            html`<span class="line">${typeof each === 'string' ? breakable(each) : imageLink(each)}</span>`,
        );
        return html`${links}${more > 0 ? html`<small>and ${plural(more, 'other image')}</small>` : nothing}`;
      },
    },
    {
      key: 'first_images',
      title: 'First images',
      value: (event) =>
        shown(event)
          .map((each) => (typeof each === 'string' ? each : each.reference))
          .join(' '),
      isData: true,
    },
  ];
}

function about({ kind, vulnerability, package: name, platform, exploited, reference }: KeptEvent): Html {
  if (kind === 'rule_failed' || kind === 'rule_passed')
    return html`${breakable(name ?? '')}${platform === null ? nothing : html`<small><a href="${addresses.profile(platform)}">${platform}</a></small>`}`;
  const subject = vulnerability === null ? nothing : html`${vulnerabilityLink(vulnerability, exploited)} `;
  const source =
    name === null ? nothing : html`${vulnerability === null ? nothing : 'in '}${packageLink(name)}`;
  const place = platform === null ? nothing : html`<small>${platform}</small>`;
  return html`${subject}${source}${place}${vulnerability === null && name === null && reference !== null ? breakable(reference) : nothing}`;
}

function aboutText({ vulnerability, package: name, platform, reference }: KeptEvent): string {
  return [vulnerability, name, platform, reference].filter((word) => word !== null).join(' ');
}

/** The words of the news without the severity, which has a column of its own. */
function changeText(event: KeptEvent): string {
  const { kind, cause, before, after, detail } = event;
  const item: NewsItem = {
    ...{ kind, cause, exploited: false, images: [] },
    ...(before !== null && { before }),
    ...(after !== null && { after }),
    ...(detail !== null && { detail }),
  };
  return changeWords(item);
}

/** JSON Schema of a change in the history of an image, in the order of its members. */
export const changeMembers: Readonly<Record<string, Schema>> = {
  ...{ run: integer, date: time, kind: string, cause: string, vulnerability: orNull(string) },
  ...{ package: orNull(string), severity: orNull(string), exploited: boolean },
  ...{ before: orNull(string), after: orNull(string), detail: orNull(string) },
};

const newsItem = {
  type: 'object',
  properties: {
    ...{ kind: oneOf(newsKinds), cause: oneOf(newsCauses), vulnerability: string, package: string },
    ...{ platform: string, severity, exploited: boolean, before: string, after: string, detail: string },
    waived: object({ waiver: integer, reason: string }),
    images: list(string),
  },
  required: ['kind', 'cause', 'exploited', 'images'],
  additionalProperties: false,
};

/** JSON Schema of the news of runs. */
export const news = object({
  format: { const: 'scapfeed/fleet-news/1' },
  runs: list({
    type: 'object',
    properties: {
      run: integer,
      date: time,
      feed: object({ digest: string, created: time }),
      isEmpty: { const: true, description: 'present if the fleet had no image' },
      items: list(newsItem),
    },
    required: ['run', 'date', 'feed', 'items'],
    additionalProperties: false,
  }),
});
