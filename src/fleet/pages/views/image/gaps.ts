import type { Uncovered } from '../../../../model/verdict/index.ts';
import { uncoveredWords } from '../../../../report/scan/words.ts';
import { plural } from '../../../../report/text-table.ts';
import type { ViewedImage } from '../../../view/image.ts';
import { html } from '../../html.ts';
import type { ViewRequest } from '../../page.ts';
import { packageLink } from '../../parts.ts';
import { table } from '../../table.ts';
import { day } from '../../words.ts';
import type { ImageView } from './view.ts';

interface UncoveredRow {
  name: string;
  version: string;
  arch: string;
  source: string;
  reason: string;
  detail: string | null;
  since: Date;
}

interface GapRow {
  what: string;
  where: string;
  detail: string;
}

/** The unjudged parts of an image, with reasons: none of them counts as clean. */
export async function gapsView(image: ViewedImage, { view }: ViewRequest): Promise<ImageView> {
  const rows = await view.queries.query<UncoveredRow>(
    `SELECT packages.name, packages.version, packages.arch, packages.source, reason, detail, runs.started AS since
     FROM fleet.uncovered JOIN fleet.packages ON packages.id = package JOIN fleet.runs ON runs.id = from_run
     WHERE package = ANY($1::integer[]) AND to_run IS NULL ORDER BY packages.name COLLATE "C", packages.version COLLATE "C"`,
    [image.packages],
  );
  return {
    tables: [
      table<UncoveredRow>({
        name: 'uncovered',
        caption: 'Packages that are not judged',
        empty:
          image.platform === null
            ? 'No platform of the feed judges this image, so that none of its packages is judged.'
            : 'Every installed package of the package database is judged.',
        columns: [
          { key: 'package', title: 'Package', value: ({ name }) => name, kind: 'name' },
          {
            key: 'version',
            title: 'Version',
            value: ({ version }) => version,
            html: ({ version }) => html`<code>${version}</code>`,
          },
          { key: 'architecture', title: 'Architecture', value: ({ arch }) => arch, kind: 'word' },
          {
            key: 'source',
            title: 'Source',
            value: ({ source }) => source,
            html: ({ source }) => packageLink(source),
          },
          {
            key: 'reason',
            title: 'Why',
            value: ({ reason }) => reason,
            html: ({ reason, detail }) => wordsOf(reason, detail),
          },
          { key: 'detail', title: 'Detail', value: ({ detail }) => detail, isData: true },
          {
            key: 'since',
            title: 'Since',
            value: ({ since }) => since.toISOString(),
            html: ({ since }) => day(since),
            kind: 'word',
          },
        ],
        rows,
      }),
      table<GapRow>({
        name: 'gaps',
        caption: 'Other gaps and notes',
        empty: 'Nothing else was noted when the image was read.',
        columns: [
          { key: 'what', title: 'What', value: ({ what }) => what, kind: 'name' },
          {
            key: 'where',
            title: 'Where',
            value: ({ where }) => where,
            html: ({ where }) => html`<code>${where}</code>`,
          },
          { key: 'detail', title: 'Detail', value: ({ detail }) => detail, kind: 'word' },
        ],
        rows: gapRows(image),
      }),
    ],
  };
}

function wordsOf(reason: string, detail: string | null): string {
  return `${uncoveredWords[reason as Uncovered] ?? reason}${detail === null ? '' : ` (${detail})`}`;
}

function gapRows({ gaps: { gaps, halfInstalled, notes }, unjudged }: ViewedImage): GapRow[] {
  return [
    ...gaps.map(({ code, where = '', detail }) => ({ what: code.replaceAll('_', ' '), where, detail })),
    ...unjudged.map(({ ecosystem, packages, places }) => ({
      what: `packages of ${ecosystem}, which the feed does not judge`,
      where: places.join(', '),
      detail: plural(packages, 'package'),
    })),
    ...halfInstalled.map(({ name, version, arch }) => ({
      what: 'half installed',
      where: `${name} ${arch}`,
      detail: version,
    })),
    ...notes.map(({ code, where, detail = '' }) => ({ what: code.replaceAll('_', ' '), where, detail })),
  ];
}
