import {
  type FlawBase,
  flawOrigins,
  originWords,
  rebuildEffects,
  rebuildWords,
} from '../../model/verdict/index.ts';
import { basesText, countedOrigins, originsText } from '../../report/scan/base-text.ts';
import type { BaseGroup, ViewedBases } from '../view/bases.ts';
import type { KeptFlaw } from '../view/image.ts';
import { addresses } from './addresses.ts';
import type { ListFilter } from './filters.ts';
import { breakable, type Html, html, nothing } from './html.ts';
import { capital, notice, shortDigest, wordChoices } from './parts.ts';
import { type Column, type Table, table } from './table.ts';

// The base images of a fleet: of each flaw of an image, of an image, and of all.

/** Absent `bases`: the last run did not compare the image, and the columns are in CSV and JSON alone. */
export function baseColumns(bases: ViewedBases | undefined): Column<KeptFlaw>[] {
  const of = ({ vulnerability, source, packages }: KeptFlaw): FlawBase | undefined =>
    bases?.of({ vulnerability, source, packages: packages.map((each) => each.package) });
  return [
    {
      ...{ key: 'origin', title: 'Base image', ...(!bases && { isData: true as const }) },
      value: (flaw) => of(flaw)?.origin ?? null,
      html(flaw) {
        const found = of(flaw);
        if (!found) return nothing;
        const { origin, rebuild } = found;
        return html`${originWords[origin]}${rebuild ? html`<small>${rebuildWords[rebuild]}</small>` : nothing}`;
      },
    },
    { key: 'rebuild', title: 'By its newer build', value: (flaw) => of(flaw)?.rebuild ?? null, isData: true },
  ];
}

export function baseFilters<Row>(
  isCompared: boolean,
  of: (row: Row) => FlawBase | undefined,
): ListFilter<Row>[] {
  const isOffered = async () => isCompared;
  return [
    {
      ...{ name: 'origin', label: 'Base image', choices: wordChoices(flawOrigins, originWords), isOffered },
      test: (value) => (row) => of(row)?.origin === value,
    },
    {
      ...{ name: 'rebuild', label: 'Rebuild', choices: wordChoices(rebuildEffects, rebuildWords), isOffered },
      test: (value) => (row) => of(row)?.rebuild === value,
    },
  ];
}

/** The base of an image, and how many of its flaws are of it. */
export function baseNotice({ bases, reason }: ViewedBases, flaws: readonly (FlawBase | undefined)[]): Html {
  if (!bases) return notice('plain', 'The base image is not known', reason === null ? [] : [reason]);
  const compared = { bases };
  return notice('plain', 'Base image', [
    ...originsText(countedOrigins(flaws), compared).map(capital),
    ...basesText(compared).map(capital),
    ...(reason === null ? [] : [reason]),
  ]);
}

export function baseTable(rows: readonly BaseGroup[]): Table {
  const effect = (key: 'fixes' | 'keeps' | 'unknown', title: string): Column<BaseGroup> => ({
    ...{ key, title, kind: 'number' },
    value: ({ rebuild }) => rebuild?.[key] ?? null,
  });
  return table<BaseGroup>({
    name: 'bases',
    caption: 'Base images to rebuild on',
    empty: 'The last run knows no base of an image.',
    columns: [
      {
        ...{ key: 'base', title: 'Base image', kind: 'name' },
        value: ({ base }) => base.reference,
        html: ({ base }) =>
          html`<a href="${addresses.images({ base: base.reference })}">${breakable(base.reference)}</a>${digestOf(base)}`,
      },
      { key: 'digest', title: 'Digest', value: ({ base }) => base.digest ?? null, isData: true },
      { key: 'images', title: 'Images', value: ({ images }) => images, kind: 'number' },
      { key: 'flaws', title: 'Flaws of the base', value: ({ flaws }) => flaws, kind: 'number' },
      {
        ...{ key: 'newer', title: 'Newer build', kind: 'name' },
        value: ({ newer }) => newer?.reference ?? null,
        html: ({ newer }) =>
          newer
            ? html`${breakable(newer.reference)}${digestOf(newer)}${newer.unknown === undefined ? nothing : html`<small class="why">${newer.unknown}</small>`}`
            : '–',
      },
      { key: 'newer_digest', title: 'Its digest', value: ({ newer }) => newer?.digest ?? null, isData: true },
      effect('fixes', 'A rebuild fixes'),
      effect('keeps', 'It keeps'),
      effect('unknown', 'Unknown'),
    ],
    rows,
  });
}

function digestOf({ digest }: { digest?: string }): Html {
  return digest === undefined ? nothing : html`<small>${shortDigest(digest)}</small>`;
}
