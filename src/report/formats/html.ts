import { type HtmlPage, pageEnd, pageStart } from '../../html/page.ts';
import type { InventoryNote } from '../../model/inventory/index.ts';
import { escapeHtml } from '../../model/markup.ts';
import type { DoneTarget } from '../many/results.ts';
import { noteLine } from '../note-text.ts';

/** A page of a list that is filtered. Its parts are HTML; those of the list end their lines. */
export interface FilteredPage extends HtmlPage {
  skip: readonly [id: string, name: string];
  heading: string;
  facts: string;
  /** Beside heading and facts. */
  card?: string;
  /** Before the list, its filters included. */
  before: string;
  /** The number that is shown: `12 flaws`. */
  status: string;
  list: Iterable<string>;
  after?: string;
  footer: string;
}

export function* listPage(page: FilteredPage): Iterable<string> {
  yield `${pageStart(page)}<header>
${listHeader(page)}</header>
<main>
`;
  yield* listContent(page);
  yield `</main>
<footer>${escapeHtml(page.footer)}</footer>
${pageEnd(page)}`;
}

/** Heading, facts and card of such a page. */
export function listHeader({
  heading,
  facts,
  card,
}: Pick<FilteredPage, 'heading' | 'facts' | 'card'>): string {
  return `<div>
<h1>${heading}</h1>
${facts}
</div>
${card === undefined ? '' : `${card}\n`}`;
}

/** Contents of its main part. */
export function* listContent({ before, status, skip, list: items, after }: FilteredPage): Iterable<string> {
  yield `${before}
<p id="shown" role="status">${status}</p>
<div id="${skip[0]}" tabindex="-1">
`;
  yield* items;
  yield `</div>
${after === undefined ? '' : `${after}\n`}`;
}

/** Rows of a list of facts; those without a value are left out. */
export function factRows(facts: readonly (readonly [name: string, value: string | undefined])[]): string {
  return facts
    .map(([name, value]) =>
      value === undefined ? '' : `<div><dt>${name}</dt><dd>${escapeHtml(value)}</dd></div>`,
    )
    .join('');
}

export function factList(facts: Parameters<typeof factRows>[0]): string {
  return `<dl class="facts">${factRows(facts)}</dl>`;
}

/** The notes of an image, and what they are called. */
export function notesSection(name: string, notes: readonly InventoryNote[]): string {
  if (notes.length === 0) return '';
  const items = notes.map((note) => `<li>${escapeHtml(noteLine(note))}</li>`).join('');
  return `<section class="notice notes" aria-label="${name}"><h2>${name}</h2><ul>${items}</ul></section>`;
}

/** The images that have no result, of several on a page. */
export function failedList(targets: readonly DoneTarget<unknown>[], done: string): string {
  const lines = targets.flatMap(({ target, error }) =>
    error ? [`${target}: ${error.message} [${error.code}]`] : [],
  );
  return list('bad', `Not ${done}: nothing is known about these images`, lines);
}

/** The parts of several images on a page. */
export function* targetSections(targets: readonly DoneTarget<unknown>[], done: string): Iterable<string> {
  for (const [at, each] of targets.entries()) {
    const { target, error } = each;
    if (!error) {
      yield* each.part();
      continue;
    }
    const id = `image-${at + 1}`;
    const lines = [error.message, ...[error.where ?? [], error.remedy ?? []].flat()];
    yield `<section id="${id}" aria-labelledby="${id}-name">
<h2 id="${id}-name">${escapeHtml(target)}: not ${done}</h2>
${list('bad', error.code, lines)}</section>
`;
  }
}

/** An ISO 8601 time as pages show it: `2026-01-30 12:55:00 UTC`. */
export function timeText(time: string): string {
  return time.replace('T', ' ').replace(/(?:\.\d+)?Z$/, ' UTC');
}

export function list(kind: string, heading: string, items: readonly string[]): string {
  if (items.length === 0) return '';
  const lines = items.map((item) => `<li>${escapeHtml(item)}</li>`).join('');
  return `<div class="notice ${kind}" role="group" aria-label="${escapeHtml(heading)}"><p>${escapeHtml(heading)}:</p><ul>${lines}</ul></div>\n`;
}

/** A box of the filters: entries of the page with this result or severity. */
export interface FilterBox {
  group: 'result' | 'severity';
  value: string;
  label: string;
  count: number;
  /** At first its entries are hidden. */
  off?: boolean;
}

/** The boxes of a list: for each of its results, with its label, and for each severity. */
export function filterBoxes(
  entries: readonly { result: string; severity: string }[],
  results: readonly (readonly [value: string, label: string])[],
  severities: readonly string[],
): FilterBox[] {
  const box = (group: FilterBox['group'], value: string, label: string): FilterBox => {
    const count = entries.filter((entry) => entry[group] === value).length;
    return { group, value, label, count, ...(value === 'notapplicable' && { off: true }) };
  };
  return [
    ...results.map(([value, label]) => box('result', value, label)),
    ...severities.map((level) => box('severity', level, level)),
  ];
}

export interface FilterWords {
  label: string;
  placeholder: string;
  /** The subject of the results. Default: `Result`. */
  legend?: string;
}

/** The form that filters a page; it is hidden until the script shows it, because it needs it. `more`: further fields. */
export function filterForm(
  boxes: readonly FilterBox[],
  { label, placeholder, legend = 'Result' }: FilterWords,
  more?: string,
): string {
  const own = (of: FilterBox['group']) =>
    boxes
      .filter(({ group, count }) => group === of && count > 0)
      .map(boxHtml)
      .join('');
  return `<form id="filters" role="search" aria-label="${label}" hidden>
<label class="search">Search <input type="search" name="text" placeholder="${placeholder}" autocomplete="off" aria-describedby="shown"></label>
<fieldset><legend>${legend}</legend>${own('result')}</fieldset>
<fieldset><legend>Severity</legend>${own('severity')}</fieldset>
${more === undefined ? '' : `${more}\n`}<button type="button" id="open" aria-pressed="false">Open all</button>
</form>`;
}

function boxHtml({ group, value, label, count, off }: FilterBox): string {
  return `<label><input type="checkbox" name="${group}" value="${value}"${off ? '' : ' checked'}> ${label} <small>${count}</small></label>`;
}
