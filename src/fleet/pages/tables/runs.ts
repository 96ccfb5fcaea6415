import { integer, oneOf, orNull, type Schema, string, time } from '../../schemas.ts';
import type { ViewedRun } from '../../view/fleet-view.ts';
import { addresses } from '../addresses.ts';
import { html } from '../html.ts';
import type { Column } from '../table.ts';
import { minute } from '../words.ts';

// The list of runs: its columns on the page of news, in CSV and JSON, and its items in the API.

/** Of all images: a part of the fleet has none of them. */
const countColumns: readonly Column<ViewedRun>[] = [
  { key: 'news', title: 'News', value: ({ summary }) => summary.events, kind: 'number' },
  { key: 'images', title: 'Images', value: ({ summary }) => summary.names, kind: 'number' },
  { key: 'unread', title: 'Not read', value: ({ summary }) => summary.unread, kind: 'number' },
  { key: 'judged', title: 'Packages judged', value: ({ summary }) => summary.judged, kind: 'number' },
];

/** `isWhole`: the view has all images. */
export function runColumns(isWhole: boolean): Column<ViewedRun>[] {
  return [
    {
      ...{ key: 'run', title: 'Run', kind: 'number' },
      value: ({ id }) => id,
      html: ({ id }) => html`<a href="${addresses.news({ run: String(id) })}">${id}</a>`,
    },
    {
      ...{ key: 'ended', title: 'Ended', kind: 'word' },
      value: ({ finished }) => finished.toISOString(),
      html: ({ finished }) => minute(finished),
    },
    ...(isWhole ? countColumns : []),
    {
      ...{ key: 'feed', title: 'Feed' },
      value: ({ summary }) => summary.feed,
      html: ({ summary }) => html`<code>${summary.feed.slice(0, 19)}</code>`,
    },
  ];
}

/** JSON Schema of an item's members in the API, in their order. */
export const runMembers: Readonly<Record<string, Schema>> = {
  ...{ run: integer, state: oneOf(['open', 'finished', 'broken']), started: time, finished: orNull(time) },
  ...{ tool: string, feed: orNull(string) },
  summary: orNull({
    type: 'object',
    description: 'What the run did, as `scapfeed fleet run -o json` has it',
  }),
};
