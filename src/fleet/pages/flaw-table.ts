import type { Waiver } from '../../model/fleet/index.ts';
import { type HiddenClass, hiddenWords } from '../../model/verdict/index.ts';
import type { KeptFlaw } from '../view/image.ts';
import { flawTimeColumns, severityColumn, sinceColumn, vulnerabilityColumns } from './columns.ts';
import { html, nothing } from './html.ts';
import { packageLink } from './parts.ts';
import { type Column, type Table, table } from './table.ts';
import { fixWords } from './words.ts';

/** Flaws of one image or package, the most urgent first. */
export function flawTable(spec: {
  /** Those of `flawColumns` that the fleet uses. */
  columns: readonly Column<KeptFlaw>[];
  name: string;
  caption: string;
  empty: string;
  /** Those that are shown, of how many. */
  flaws: readonly KeptFlaw[];
  total: number;
}): Table {
  const { flaws, ...rest } = spec;
  return table<KeptFlaw>({ ...rest, rows: flaws });
}

export const flawColumns: readonly Column<KeptFlaw>[] = [
  severityColumn((flaw) => flaw),
  ...vulnerabilityColumns<KeptFlaw>((flaw) => flaw),
  {
    key: 'source',
    title: 'Package',
    value: ({ source }) => source,
    html: (flaw) => {
      const names = namesOf(flaw);
      const own = names.length === 1 && names[0] === flaw.source;
      return html`${packageLink(flaw.source)}${own ? nothing : html`<small>${listed(names)}</small>`}`;
    },
  },
  { key: 'packages', title: 'Packages', value: (flaw) => namesOf(flaw).join(' '), isData: true },
  {
    key: 'installed',
    title: 'Installed',
    value: (flaw) => versionsOf(flaw).join(' '),
    html: (flaw) => html`<code>${listed(versionsOf(flaw))}</code>`,
  },
  { key: 'status', title: 'Status', value: ({ status }) => status, isData: true },
  { key: 'fix_state', title: 'Fix state', value: (flaw) => flaw.fix_state, isData: true },
  { key: 'fixed_version', title: 'Fixed in', value: (flaw) => flaw.fixed_version, isData: true },
  {
    key: 'state',
    title: 'Fix',
    value: fixWords,
    html: (flaw) =>
      html`${fixWords(flaw)}${hiddenNote(flaw)}${waivedNote(flaw.waivers)}${flaw.advisories.length > 0 ? html`<small>${flaw.advisories.join(', ')}</small>` : nothing}`,
  },
  {
    key: 'hidden',
    title: 'Not counted because',
    value: ({ hidden }) => hidden,
    isData: true,
  },
  {
    key: 'waived',
    title: 'Waived because',
    value: ({ waivers }) => waivers.map(({ reason }) => reason).join('; '),
    isData: true,
  },
  ...flawTimeColumns<KeptFlaw>((flaw) => flaw),
  sinceColumn(),
];

function hiddenNote({ hidden }: KeptFlaw) {
  if (hidden === null) return nothing;
  return html`<small>not counted: ${hiddenWords[hidden as HiddenClass] ?? hidden}</small>`;
}

/** The author, reason and end of a waiver. */
export function waivedNote([waiver]: readonly Waiver[]) {
  if (!waiver) return nothing;
  const end = waiver.until === null ? '' : `, until ${waiver.until}`;
  return html`<small>waived by ${waiver.author}${end}: ${waiver.reason}</small>`;
}

function namesOf({ packages }: KeptFlaw): string[] {
  return [...new Set(packages.map(({ name }) => name))].sort();
}

function versionsOf({ packages }: KeptFlaw): string[] {
  return [...new Set(packages.map(({ version }) => version))].sort();
}

/** The first few of many. */
function listed(texts: readonly string[]): string {
  const shown = texts.slice(0, 4).join(', ');
  return texts.length > 4 ? `${shown} and ${texts.length - 4} more` : shown;
}
