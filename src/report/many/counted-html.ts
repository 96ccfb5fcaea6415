import { row, table } from '../../html/page.ts';
import { escapeHtml } from '../../model/markup.ts';
import { style as base, scriptFor } from '../comply/html-assets.ts';
import {
  type FilterBox,
  type FilterWords,
  factList,
  failedList,
  filterForm,
  list,
  listPage,
  targetSections,
} from '../formats/html.ts';
import { policyLines } from '../policy-text.ts';
import { plural } from '../text-table.ts';
import { type CountedTarget, countedStanding, endsText, type ManyCounted } from './counted.ts';
import type { MergedFormat, TargetPlace } from './results.ts';

/** A page's words: what it lists, and how it is searched. */
export interface PageWords extends FilterWords {
  /** One of what is listed: `rule`, `rules`. */
  noun: readonly [one: string, many: string];
}

const style = `${base}h2{font-size:1.2rem;margin:2rem 0 .5rem}.notice{margin:.75rem 0}.notice p{margin:0}.notice ul{margin:.25rem 0 0;padding-left:1.2rem}td.number{text-align:right;font-variant-numeric:tabular-nums}@media screen and (max-width:44rem){td.number{text-align:left}}\n`;

/** The section of one image. */
export interface ImageSection {
  heading: string;
  facts: string;
  entries: readonly string[];
}

/** One page for all images. `sectionOf`: with the prefix of the ids of its entries. */
export function countedHtml<One>(
  words: PageWords,
  sectionOf: (one: One, prefix: string) => ImageSection,
): MergedFormat<One, ManyCounted> {
  return {
    part: (one, place) => section(place, sectionOf(one, `image-${place.at + 1}-`)),
    whole: (many) => page(many, words),
  };
}

/** One of several images on a page: all that its own page has, under a heading of its own. */
function* section({ at, target }: TargetPlace, { heading, facts, entries }: ImageSection): Iterable<string> {
  const id = `image-${at + 1}`;
  yield `<section id="${id}" aria-labelledby="${id}-name">
<h2 id="${id}-name">${escapeHtml(`${target}: ${heading}`)}</h2>
${facts}
`;
  if (entries.length === 0) yield '<p>None to show.</p>\n';
  for (const entry of entries) yield `${entry}\n`;
  yield '</section>\n';
}

/** The totals of all images first, and below them what the page of each alone has. */
function page(many: ManyCounted, words: PageWords): Iterable<string> {
  const { targets, totals, action, policy, repeated, tool } = many;
  const script = scriptFor(words.noun[1]);
  const boxes = summedBoxes(targets);
  const listed = boxes.reduce((sum, { group, count }) => sum + (group === 'result' ? count : 0), 0);
  const title = `${plural(totals.targets, 'image')} — scapfeed ${action.command}`;
  return listPage({
    ...{ title, style, script, skip: ['rules', 'list'] },
    heading: plural(totals.targets, 'image'),
    facts: standings(many),
    before: `${failedList(targets, action.done)}
${list('', 'Exceptions', policyLines(policy))}
${list('', `Given more than once, and ${action.done} once`, repeated)}
<h2>Images</h2>
${overview(many)}
<h2>Search all images</h2>
${filterForm(boxes, words)}`,
    status: plural(listed, ...words.noun),
    list: targetSections(targets, action.done),
    footer: `Made by ${tool}`,
  });
}

/** The boxes of all images; each image has all of them, in one order. */
function summedBoxes(targets: readonly CountedTarget[]): FilterBox[] {
  const sums = new Map<string, FilterBox>();
  for (const { facts } of targets) {
    for (const box of facts?.boxes ?? []) {
      const key = `${box.group} ${box.value}`;
      sums.set(key, { ...box, count: box.count + (sums.get(key)?.count ?? 0) });
    }
  }
  return [...sums.values()];
}

function standings(many: ManyCounted): string {
  const { totals, headings } = many;
  return factList([
    // In one row: the counts below may have the same names.
    ['Images', endsText(many)],
    ...Object.entries(headings).map(
      ([key, name]) => [inWords(name), String(totals.counts[key] ?? 0)] as const,
    ),
  ]);
}

function overview(many: ManyCounted): string {
  const { targets, headings } = many;
  const columns = Object.entries(headings);
  const rows = targets.map((target, at) =>
    row([
      ['Image', `<a href="#image-${at + 1}">${escapeHtml(target.target)}</a>`],
      ...columns.map(
        ([key, name]) => [inWords(name), String(target.facts?.counts[key] ?? '-'), 'number'] as const,
      ),
      [
        'Result',
        escapeHtml(`${countedStanding(target, many)}${target.error ? `: ${target.error.code}` : ''}`),
      ],
    ]),
  );
  return table(['Image', ...columns.map(([, name]) => inWords(name)), 'Result'], rows);
}

/** `FAILED` in a table of text is `Failed` on a page. */
function inWords(heading: string): string {
  return heading.slice(0, 1) + heading.slice(1).toLowerCase();
}
