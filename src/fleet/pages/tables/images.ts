import { type Severity, severities } from '../../../model/feed/index.ts';
import { type FlawCounts, imageStates, knownCounts, type ListedImage } from '../../../model/fleet/index.ts';
import {
  counts,
  integer,
  list,
  object,
  oneOf,
  orNull,
  ownerParameter,
  reason,
  type Schema,
  string,
} from '../../schemas.ts';
import type { ViewedName } from '../../view/fleet-view.ts';
import { dueCell, nameColumns } from '../columns.ts';
import { exploitedFilter, flagFilter, type ListFilter, nameParameter, severityFilter } from '../filters.ts';
import { breakable, html, nothing } from '../html.ts';
import { countColumns, signedBadge, standingCell, wordChoices } from '../parts.ts';
import type { Column } from '../table.ts';
import {
  day,
  doubtsOf,
  filesState,
  filesStates,
  filesWords,
  signedState,
  signedStates,
  signedWords,
  standingWords,
} from '../words.ts';

// The list of images: its columns on pages, in CSV and JSON, its items in the API, and how both filter and sort it.

function baseReference({ base }: ViewedName): string | null {
  return base && 'reference' in base ? base.reference : null;
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
    isSortable: true,
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
    ...{ key: 'base', title: 'Base image', kind: 'name' },
    value: baseReference,
    html: ({ base }) =>
      base && 'unknown' in base
        ? html`unknown<small class="why">${base.unknown}</small>`
        : breakable(base?.reference ?? '–'),
  },
  {
    ...{ key: 'base_unknown', title: 'Base unknown because', isData: true },
    value: ({ base }) => (base && 'unknown' in base ? base.unknown : null),
  },
  {
    key: 'since',
    title: 'Since',
    isSortable: true,
    value: ({ since }) => since?.toISOString() ?? null,
    html: ({ since }) => (since ? html`<span class="date">${day(since)}</span>` : '–'),
  },
];

/** JSON Schema of an item's members in the API, in their order. */
export const imageMembers: Readonly<Record<keyof ListedImage, Schema>> = {
  ...{ reference: string, kind: oneOf(['image', 'registry', 'import']), digest: orNull(string) },
  ...{ system: orNull(string), platform: orNull(string), installed: orNull(integer), counts: orNull(counts) },
  gaps: orNull(list(object({ code: string, detail: string }))),
  ...{ signed: orNull(string), unread: orNull(reason), uncovered: orNull(reason) },
  ...{ unjudged: integer, halfInstalled: integer, owners: list(string) },
  overdue: {
    ...orNull(integer),
    description: 'open flaws whose last day by the SLA is over; null: no SLA is kept',
  },
  due: { ...orNull(string), description: 'the earliest last day (UTC) of an open flaw by the SLA' },
  base: {
    ...orNull(
      object({ reference: string, digest: string, unknown: string }, ['reference', 'digest', 'unknown']),
    ),
    description: 'its base image, or why it is not known; null: the last run did not compare',
  },
  state: oneOf(imageStates),
};

export const imageFilters: readonly ListFilter<ViewedName>[] = [
  {
    ...{ name: 'q', label: 'Search by name, digest or system' },
    test(value) {
      const words = value.toLowerCase().split(/\s+/);
      return ({ text }) => words.every((word) => text.includes(word));
    },
  },
  nameParameter(({ reference }) => reference),
  {
    ...{ name: 'kind', schema: oneOf(['image', 'registry', 'import']) },
    test: (value) => (name) => name.kind === value,
  },
  {
    name: 'system',
    schema: { type: 'string', maxLength: 200, description: 'as `scapfeed fleet list` names it' },
    test: (value) => (name) => name.system === value,
  },
  {
    name: 'platform',
    schema: { type: 'string', maxLength: 200, description: 'that judges it' },
    test: (value) => (name) => name.platform === value,
  },
  {
    ...{ name: 'state', label: 'State', choices: wordChoices(imageStates, standingWords) },
    schema: { ...oneOf(imageStates.toReversed()), description: 'none of them says clean' },
    test: (value) => (name) => name.state === value,
  },
  {
    ...{ name: 'signed', label: 'Signature', choices: wordChoices(signedStates, signedWords) },
    isOffered: (view) => view.asksForSignatures(),
    test: (value) => (name) => signedState(name.signed) === value,
  },
  {
    ...{ name: 'files', label: 'Files', choices: wordChoices(filesStates, filesWords) },
    test: (value) => (name) => filesState(name.files) === value,
  },
  {
    ...{ name: 'platform', label: 'Platform' },
    // Any name is taken: the last image of a platform may be gone.
    offered: (view) =>
      view.kept('platforms of names', async () =>
        [...new Set((await view.names()).flatMap(({ platform, system }) => platform ?? system ?? []))].sort(),
      ),
    test: (value) => (name) => (name.platform ?? name.system) === value,
  },
  {
    ...{ name: 'owner', label: 'Owner', schema: ownerParameter },
    offered: (view) => view.owners(),
    isOffered: async (view) => (await view.owners()).length > 0,
    test: (value) => (name) => name.owners.includes(value),
  },
  severityFilter('with an open flaw of this severity or worse', (name) => {
    const known = knownCounts(name);
    return known ? severities.findLastIndex((severity) => known.flaws[severity] > 0) : -1;
  }),
  exploitedFilter((name) => {
    const known = knownCounts(name);
    return known && known.exploited > 0;
  }, 'with a flaw that is known to be exploited, or without'),
  {
    ...flagFilter<ViewedName>(
      {
        ...{ name: 'overdue', label: 'SLA', text: 'overdue' },
        description: 'with a flaw that is overdue by the SLA, or without',
      },
      ({ overdue }) => (overdue === null ? null : overdue > 0),
    ),
    isOffered: async (view) => (await view.sla()) !== undefined,
  },
  {
    ...{ name: 'base', label: 'Base image' },
    schema: { type: 'string', maxLength: 2000, description: 'by the reference of its base image' },
    offered: (view) =>
      view.kept('bases of names', async () =>
        [...new Set((await view.names()).flatMap((name) => baseReference(name) ?? []))].sort(),
      ),
    isOffered: (view) => view.comparesBases(),
    test: (value) => (name) => baseReference(name) === value,
  },
  {
    ...{ name: 'digest', schema: { type: 'string', maxLength: 200 } },
    test: (value) => (name) => name.digest === value,
  },
];

const sum = ({ flaws }: FlawCounts, words: readonly Severity[]) =>
  words.reduce((total, word) => total + flaws[word], 0);

/** Images without counts come last. */
const counted = (of: (counts: FlawCounts) => number) => (name: ViewedName) => {
  const known = knownCounts(name);
  return known ? of(known) : -1;
};

/** By what the API sorts: the largest first, then by name. */
export const imageSorts = {
  reference: () => 0,
  flaws: counted((known) => sum(known, severities)),
  critical: counted((known) => sum(known, ['critical'])),
  high: counted((known) => sum(known, ['critical', 'high'])),
  exploited: counted(({ exploited }) => exploited),
  fixable: counted(({ fixable }) => fixable),
  uncovered: (name: ViewedName) => name.counts?.uncovered ?? -1,
  overdue: ({ overdue }: ViewedName) => overdue ?? -1,
  installed: ({ installed }: ViewedName) => installed ?? -1,
} as const;
