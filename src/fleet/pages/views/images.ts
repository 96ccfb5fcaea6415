import {
  type FleetRunSummary,
  imageStates,
  knownCounts,
  type Severity,
  severities,
} from '../../../model/index.ts';
import { plural, thousands } from '../../../report/text-table.ts';
import { type FleetTotals, totalsOf } from '../../store/totals.ts';
import type { FleetView, ViewedName } from '../../view/fleet-view.ts';
import { addresses } from '../addresses.ts';
import { dueCell, nameColumns, usedColumns } from '../columns.ts';
import { type Html, html, nothing } from '../html.ts';
import type { Page, ViewRequest } from '../page.ts';
import {
  barWithCounts,
  type Choice,
  choice,
  countColumns,
  exploitedChoices,
  filterForm,
  notice,
  overdueChoices,
  searchField,
  select,
  severityChoices,
  signedBadge,
  standingCell,
  unlistedItems,
  wordChoices,
} from '../parts.ts';
import { choiceParameter, type PageRequest, textParameter } from '../request.ts';
import { type Column, type Table, table } from '../table.ts';
import {
  day,
  doubtsOf,
  filesState,
  filesStates,
  filesWords,
  signedState,
  signedStates,
  signedWords,
  standingNotes,
  standingWords,
} from '../words.ts';

/** Every name of the fleet with the state of its image. */
export async function imagesPage({ request, view }: ViewRequest): Promise<Page> {
  const all = await view.names();
  const filter = filterOf(request);
  const ordered = await sorted(view, request);
  const isFiltered = filter.words.length > 0 || filterNames.some((name) => filter[name].value !== '');
  const names = isFiltered ? ordered.filter((name) => matches(name, filter)) : ordered;
  const totals = isFiltered ? totalsOf(names) : await view.totals();
  return {
    title: 'Images',
    section: 'images',
    body: html`<h1>Images</h1>
${unknownNotice(await view.totals(), (await view.lastRun())?.summary?.unlisted ?? [])}
${await form(view, filter, request)}
<p class="sum" role="status">${sumWords(names, all.length, totals)}</p>
${barWithCounts(totals.flaws, 'Open flaws by severity')}`,
    tables: [imagesTable(names, request, await usedColumns(view, imageColumns))],
  };
}

/** The length of the list, and the states of its images. Several names may stand for one image, which counts once. */
function sumWords(
  names: readonly ViewedName[],
  all: number,
  { flaws, images }: Omit<FleetTotals, 'oldest'>,
): string {
  const own = names.flatMap(({ image }) => image ?? []);
  const others = own.length - new Set(own).size;
  const shared = others === 0 ? '' : `, ${thousands(others)} of them by another name too`;
  const listed =
    names.length === all ? plural(all, 'image') : `${thousands(names.length)} of ${plural(all, 'image')}`;
  if (names.length === 0) return listed;
  if (images === 0)
    return `${listed}${shared}; no platform judges any of them, and nothing is known of their flaws`;
  return `${listed}${shared}; ${plural(sum(flaws), 'open flaw')} known in ${plural(images, 'image')} that a platform judges`;
}

/** The images that the list cannot judge: no number stands for these. */
function unknownNotice(
  { names: counts }: Awaited<ReturnType<FleetView['totals']>>,
  unlisted: FleetRunSummary['unlisted'],
): Html {
  const items = (['unread', 'uncovered', 'waiting', 'partly'] as const).flatMap((standing) => {
    if (counts[standing] === 0) return [];
    const text = `${plural(counts[standing], 'image')} ${standingWords[standing]}`;
    return [html`<a href="${addresses.images({ state: standing })}">${text}</a>: ${standingNotes[standing]}`];
  });
  items.push(...unlistedItems(unlisted));
  return items.length === 0 ? nothing : notice('warn', 'Not everything is known of this fleet', items);
}

type Filter = ReturnType<typeof filterOf>;

const filterNames = [
  ...(['state', 'signed', 'files', 'platform', 'owner', 'severity', 'exploited', 'overdue'] as const),
];

function filterOf(request: PageRequest) {
  const q = textParameter(request, 'q');
  return {
    q,
    words: q
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== ''),
    state: choice(request, 'state', 'State', wordChoices(imageStates, standingWords)),
    signed: choice(request, 'signed', 'Signature', wordChoices(signedStates, signedWords)),
    files: choice(request, 'files', 'Files', wordChoices(filesStates, filesWords)),
    // Any name: the last image of a platform may be gone.
    platform: { value: textParameter(request, 'platform') },
    owner: { value: textParameter(request, 'owner') },
    severity: choice(request, 'severity', 'Severity', severityChoices),
    exploited: choice(request, 'exploited', 'Exploited', exploitedChoices),
    overdue: choice(request, 'overdue', 'SLA', overdueChoices),
  };
}

function matches(name: ViewedName, filter: Filter): boolean {
  const { words, state, signed, files, platform, owner, severity, exploited, overdue } = filter;
  // The one that most names fail.
  if (!words.every((word) => name.text.includes(word))) return false;
  if (state.value !== '' && name.state !== state.value) return false;
  if (signed.value !== '' && signedState(name.signed) !== signed.value) return false;
  if (files.value !== '' && filesState(name.files) !== files.value) return false;
  if (platform.value !== '' && (name.platform ?? name.system) !== platform.value) return false;
  if (owner.value !== '' && !name.owners.includes(owner.value)) return false;
  if (overdue.value !== '' && !(name.overdue !== null && name.overdue > 0)) return false;
  const counts = knownCounts(name);
  if (exploited.value !== '' && !(counts && counts.exploited > 0)) return false;
  return severity.value === '' || (counts !== null && reaches(counts.flaws, severity.value));
}

function reaches(flaws: Readonly<Record<Severity, number>>, severity: string): boolean {
  const least = severities.indexOf(severity as Severity);
  return severities.some((each, at) => at >= least && flaws[each] > 0);
}

function platformsOf(view: FleetView): Promise<readonly string[]> {
  return view.kept('platforms of names', async () =>
    [...new Set((await view.names()).flatMap(({ platform, system }) => platform ?? system ?? []))].sort(),
  );
}

async function form(
  view: FleetView,
  { q, state, signed, files, platform, owner, severity, exploited, overdue }: Filter,
  request: PageRequest,
): Promise<Html> {
  const owners = await view.owners();
  const hasSignatures = await view.asksForSignatures();
  const hasSla = (await view.sla()) !== undefined;
  const named = (await platformsOf(view)).map((value) => ({ value, text: value }));
  const owning = owners.map((value) => ({ value, text: value }));
  return filterForm(
    '/images',
    [
      searchField('Search by name, digest or system', q),
      state.field,
      ...(hasSignatures || signed.value !== '' ? [signed.field] : []),
      files.field,
      select('platform', 'Platform', [{ value: '', text: 'any' }, ...named], platform.value),
      ...(owners.length > 0 || owner.value !== ''
        ? [select('owner', 'Owner', [{ value: '', text: 'any' }, ...owning], owner.value)]
        : []),
      severity.field,
      exploited.field,
      ...(hasSla || overdue.value !== '' ? [overdue.field] : []),
      // For a phone, which shows no heads of columns; elsewhere it keeps the order that they gave.
      choice(request, 'sort', 'Sort by', sortChoices).field,
    ],
    { order: orderOf(request) },
  );
}

/** The columns about a name that every table of images has. */
export const imageColumns: readonly Column<ViewedName>[] = [
  ...nameColumns<ViewedName>((name) => name),
  {
    key: 'platform',
    title: 'Platform',
    value: ({ platform }) => platform,
    html: ({ platform, system }) => platform ?? html`<span class="dim">${system ?? '–'}</span>`,
    kind: 'word',
  },
  {
    key: 'owners',
    title: 'Owner',
    value: ({ owners }) => owners.join(' '),
    html: ({ owners }) => (owners.length === 0 ? '–' : owners.join(', ')),
  },
  { key: 'system', title: 'System', value: ({ system }) => system, isData: true },
  ...countColumns<ViewedName>(knownCounts),
  {
    key: 'overdue',
    title: 'Overdue',
    value: ({ overdue }) => overdue,
    html: ({ overdue }) => String(overdue ?? '–'),
    kind: 'number',
  },
  {
    ...{ key: 'due', title: 'Due', kind: 'word' },
    value: ({ due }) => due,
    html: ({ due, overdue }) => dueCell({ due, overdue: overdue !== null && overdue > 0 }),
  },
  {
    key: 'uncovered',
    title: 'Packages without data',
    value: ({ platform, counts }) => (platform === null ? null : (counts?.uncovered ?? null)),
    isData: true,
  },
  {
    key: 'state',
    title: 'State',
    value: ({ state }) => state,
    html: standingCell,
  },
  { key: 'why', title: 'Why', value: (name) => doubtsOf(name).join('; '), isData: true },
  {
    key: 'signed',
    title: 'Signature',
    value: ({ signed }) => signedState(signed),
    html: ({ signed, signers }) =>
      html`${signedBadge(signed)}${signers && signers.length > 0 ? html`<small class="why">by ${signers.join(', ')}</small>` : nothing}`,
  },
  { key: 'files', title: 'Files', value: ({ files }) => filesState(files), isData: true },
  {
    key: 'unowned',
    title: 'Executables of no package',
    value: ({ files }) => (files && !files.failed ? (files.kinds.unowned ?? 0) : null),
    isData: true,
  },
  { key: 'signers', title: 'Signed by', value: ({ signers }) => signers?.join(' ') ?? null, isData: true },
  {
    key: 'since',
    title: 'Since',
    value: ({ since }) => since?.toISOString() ?? null,
    html: ({ since }) => (since ? html`<span class="date">${day(since)}</span>` : '–'),
  },
];

const sortKeys = [
  'image',
  'platform',
  'critical',
  'high',
  'medium',
  'low',
  'unknown',
  'exploited',
  'fixable',
  'since',
] as const;

type SortKey = (typeof sortKeys)[number] | 'worst';

const sortChoices: readonly Choice<Exclude<SortKey, 'worst'> | ''>[] = [
  { value: '', text: 'the worst' },
  ...sortKeys.map((value) => ({
    value,
    text: imageColumns.find(({ key }) => key === value)!.title.toLowerCase(),
  })),
];

function sortOf(request: PageRequest): { key: SortKey; descending: boolean } {
  const key = choice(request, 'sort', 'Sort by', sortChoices).value || 'worst';
  const isNumber = imageColumns.some((column) => column.key === key && column.kind === 'number');
  return { key, descending: (orderOf(request) || (isNumber ? 'down' : 'up')) === 'down' };
}

function orderOf(request: PageRequest): '' | 'up' | 'down' {
  return choiceParameter(request, 'order', ['', 'up', 'down']);
}

/** Without a wish the worst first. What is not known stands at the end either way: it is neither much nor little. */
function sorted(view: FleetView, request: PageRequest): Promise<readonly ViewedName[]> {
  const { key, descending } = sortOf(request);
  return view.kept(`names by ${key} ${descending}`, async () => {
    const names = await view.names();
    if (key === 'image') return descending ? names.toReversed() : names;
    if (key === 'worst') return names.toSorted(byWorst);
    const of = sortValue(key);
    const sign = descending ? -1 : 1;
    return names.toSorted((a, b) => {
      const [one, two] = [of(a), of(b)];
      if (one === two) return 0;
      if (one === null || two === null) return one === null ? 1 : -1;
      return one < two ? -sign : sign;
    });
  });
}

function sortValue(key: Exclude<SortKey, 'image' | 'worst'>): (name: ViewedName) => string | number | null {
  if (key === 'platform') return ({ platform }) => platform;
  if (key === 'since') return ({ since }) => since?.getTime() ?? null;
  if (key === 'exploited' || key === 'fixable') return (name) => knownCounts(name)?.[key] ?? null;
  return (name) => knownCounts(name)?.flaws[key] ?? null;
}

function byWorst(a: ViewedName, b: ViewedName): number {
  const [one, two] = [knownCounts(a), knownCounts(b)];
  if (!one || !two) return Number(!one) - Number(!two);
  const difference = two.exploited - one.exploited;
  if (difference !== 0) return difference;
  for (const severity of ['critical', 'high', 'medium', 'low', 'unknown'] as const) {
    const more = two.flaws[severity] - one.flaws[severity];
    if (more !== 0) return more;
  }
  return 0;
}

function imagesTable(
  names: readonly ViewedName[],
  request: PageRequest,
  columns: readonly Column<ViewedName>[],
): Table {
  const { key, descending } = sortOf(request);
  return table<ViewedName>({
    name: 'images',
    caption: 'Images',
    columns,
    rows: names,
    empty:
      'No image of the fleet is so. That says nothing of images that are not read, not covered or not judged yet.',
    sorting: { keys: sortKeys, key, descending },
  });
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
