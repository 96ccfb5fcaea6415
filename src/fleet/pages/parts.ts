import { type Severity, severities } from '../../model/feed/index.ts';
import type { FlawCounts, FleetRunSummary, NewsKind } from '../../model/fleet/index.ts';
import { severityBar } from '../../report/severity-bar.ts';
import { thousands } from '../../report/text-table.ts';
import type { ViewedName } from '../view/fleet-view.ts';
import { addresses } from './addresses.ts';
import { breakable, Html, type HtmlPart, html, joined, nothing } from './html.ts';
import { choiceParameter, type PageRequest } from './request.ts';
import type { Column } from './table.ts';
import {
  doubtsOf,
  type FilesState,
  filesWords,
  isSignedBadly,
  signedState,
  signedWords,
  standingWords,
} from './words.ts';

/** The worst first. */
export const worstFirst: readonly Severity[] = severities.toReversed();

export function bar(counts: Readonly<Record<Severity, number>>, label: string): Html {
  const ordered = Object.fromEntries(worstFirst.map((severity) => [severity, counts[severity]]));
  return new Html(severityBar(ordered, label));
}

/** A bar with its numbers below it. */
export function barWithCounts(counts: Readonly<Record<Severity, number>>, label: string): Html {
  const items = worstFirst.filter((severity) => counts[severity] > 0);
  return html`${bar(counts, label)}<ul class="counts">${items.map((severity) => html`<li class="${severity}">${thousands(counts[severity])} ${severity}</li>`)}</ul>`;
}

export function severityWord(severity: string): Html {
  return html`<span class="severity ${severity}">${severity}</span>`;
}

export const exploitedBadge: Html = html`<span class="badge kev">exploited</span>`;

export function vulnerabilityLink(id: string, exploited = false): Html {
  return html`<a href="${addresses.vulnerability(id)}">${id}</a>${exploited ? html` ${exploitedBadge}` : nothing}`;
}

export function packageLink(source: string): Html {
  return html`<a href="${addresses.package(source)}">${breakable(source)}</a>`;
}

export function imageLink({ reference, digest }: Pick<ViewedName, 'reference' | 'digest'>): Html {
  return digest === null
    ? breakable(reference)
    : html`<a href="${addresses.image(digest)}">${breakable(reference)}</a>`;
}

/** `sha256:0123456789ab`, with the whole digest for a pointer that rests on it. */
export function shortDigest(digest: string): Html {
  // The longest digest in use has 128 digits; a pattern without a bound can end the stack.
  const short = digest.replace(/(?<![0-9a-f])([0-9a-f]{12})[0-9a-f]{20,116}$/, '$1');
  return html`<code title="${digest}">${short}</code>`;
}

export function standingBadge({ state }: Pick<ViewedName, 'state'>): Html {
  return html`<span class="badge ${state}">${standingWords[state]}</span>`;
}

export function signedBadge(verdict: ViewedName['signed']): Html {
  const kind = verdict === null ? 'unchecked' : isSignedBadly(verdict) ? 'bad' : 'fine';
  return html`<span class="badge sign-${kind}">${signedWords[signedState(verdict)]}</span>`;
}

const filesKinds: Readonly<Record<FilesState, string>> = {
  deviating: 'unsure',
  as_packaged: 'fine',
  partly: 'unsure',
  failed: 'bad',
  unverified: 'other',
};

export function filesBadge(state: FilesState): Html {
  return html`<span class="badge sign-${filesKinds[state]}">${filesWords[state]}</span>`;
}

/** The state with what is not known. */
export function standingCell(name: ViewedName): Html {
  const doubts = doubtsOf(name);
  return html`${standingBadge(name)}${doubts.length > 0 ? html`<small class="why">${doubts.slice(0, 2).join('; ')}${doubts.length > 2 ? '; …' : ''}</small>` : nothing}`;
}

/** Columns with the flaws of an image, for tables of images. A dash is not a zero. */
export function countColumns<Row>(
  of: (row: Row) => Pick<FlawCounts, 'flaws' | 'exploited' | 'fixable'> | null,
): Column<Row>[] {
  const shown: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'unknown'];
  const severityColumns = worstFirst.map((severity): Column<Row> => {
    const value = (row: Row) => of(row)?.flaws[severity] ?? null;
    const column: Column<Row> = { key: severity, title: capital(severity), value, kind: 'number' };
    if (!shown.includes(severity)) return { ...column, isData: true };
    return { ...column, html: (row) => numberCell(value(row), severity), isSortable: true };
  });
  return [
    ...severityColumns,
    {
      key: 'exploited',
      title: 'Exploited',
      value: (row) => of(row)?.exploited ?? null,
      html: (row) => numberCell(of(row)?.exploited ?? null, 'high'),
      kind: 'number',
      isSortable: true,
    },
    {
      key: 'fixable',
      title: 'With a fix',
      value: (row) => of(row)?.fixable ?? null,
      kind: 'number',
      isSortable: true,
    },
  ];
}

function numberCell(value: number | null, severity: Severity): Html {
  if (value === null) return html`<span class="dim" title="not known">–</span>`;
  return value === 0
    ? html`<span class="dim">0</span>`
    : html`<b class="${severity}">${thousands(value)}</b>`;
}

/** Terms with what they mean here; those without a value are left out. */
export function facts(rows: readonly (readonly [term: string, value: HtmlPart])[]): Html {
  const shown = rows.filter(([, value]) => value !== undefined && value !== null && value !== '');
  return html`<dl>${shown.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>`;
}

export function notice(
  kind: 'bad' | 'warn' | 'plain',
  heading: string,
  items: readonly HtmlPart[] = [],
): Html {
  const list = items.length > 0 ? html`<ul>${items.map((item) => html`<li>${item}</li>`)}</ul>` : nothing;
  return html`<div class="notice ${kind}" role="note" aria-label="${heading}"><p>${heading}</p>${list}</div>`;
}

/** Registries of which a run did not see every tag: their images may be missing. */
export function unlistedItems(unlisted: FleetRunSummary['unlisted']): Html[] {
  return unlisted.map(({ place, reason }) => html`${place} is not listed as a whole: ${reason}`);
}

export interface Choice<T extends string = string> {
  value: T;
  text: string;
}

/** A field of the form above a table; it works without a script. */
export function select(name: string, label: string, choices: readonly Choice[], chosen: string): Html {
  const options = choices.map(
    ({ value, text }) =>
      html`<option value="${value}"${value === chosen ? html` selected` : nothing}>${text}</option>`,
  );
  return html`<label>${label}<select name="${name}">${options}</select></label>`;
}

export function searchField(label: string, value: string): Html {
  return html`<label class="search">${label}<input type="search" name="q" value="${value}" autocomplete="off"></label>`;
}

/** `hidden`: parameters that the form keeps. */
export function filterForm(
  action: string,
  fields: readonly Html[],
  hidden: Readonly<Record<string, string>> = {},
): Html {
  const kept = Object.entries(hidden).filter(([, value]) => value !== '');
  return html`<form class="filters" method="get" action="${action}" role="search" aria-label="Filter">${kept.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}${fields}<button type="submit">Show</button></form>`;
}

/** Links between the parts of one subject. */
export function tabs(
  label: string,
  links: readonly { text: string; address: string; isHere: boolean }[],
): Html {
  const items = links.map(
    ({ text, address, isHere }) =>
      html`<a href="${address}"${isHere ? html` aria-current="page"` : nothing}>${text}</a>`,
  );
  return html`<nav class="tabs" aria-label="${label}">${joined(items, '')}</nav>`;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A filter: what the address asks of it, and its field. Only what the field offers is taken. @throws REQUEST_INVALID */
export function choice<T extends string>(
  request: PageRequest,
  name: string,
  label: string,
  choices: readonly Choice<T>[],
): { value: T; field: Html } {
  const values = choices.map(({ value }) => value);
  const value = choiceParameter(request, name, values);
  return { value, field: select(name, label, choices, value) };
}

export const anyChoice = { value: '', text: 'any' } as const;

/** Words with what they mean here. */
export function wordChoices<T extends string>(
  words: readonly T[],
  texts: Readonly<Record<T, string>>,
): readonly Choice<T>[] {
  return words.map((value) => ({ value, text: texts[value] }));
}

/** News that a person should look at first. */
export const urgentNews: ReadonlySet<NewsKind> = new Set(['exploited', 'new', 'uncovered', 'unread']);
