import { knownCounts } from '../../../../model/index.ts';
import { type NamedImage, namedImages, type ViewedImage } from '../../../view/image.ts';
import { addresses } from '../../addresses.ts';
import { breakable, html } from '../../html.ts';
import type { ViewRequest } from '../../page.ts';
import { countColumns, shortDigest } from '../../parts.ts';
import { table } from '../../table.ts';
import { minute } from '../../words.ts';
import type { ImageView } from './view.ts';

/** The images that its names stood for, and when. */
export async function historyView({ id, digest }: ViewedImage, { view }: ViewRequest): Promise<ImageView> {
  const rows = await namedImages(view, id);
  return {
    tables: [
      table<NamedImage>({
        name: 'history',
        caption: 'What its names stood for',
        empty: 'No name has stood for it.',
        columns: [
          {
            key: 'image',
            title: 'Name',
            value: ({ reference }) => reference,
            html: ({ reference }) => breakable(reference),
            kind: 'name',
          },
          {
            key: 'digest',
            title: 'Image',
            value: (row) => row.digest,
            html: (row) =>
              html`<a href="${addresses.image(row.digest)}">${shortDigest(row.digest)}</a>${row.image === id ? html`<small>this one</small>` : html`<small><a href="${addresses.image(digest, { view: 'compare', with: row.digest })}">compare</a></small>`}`,
          },
          {
            key: 'since',
            title: 'Since',
            value: ({ since }) => since.toISOString(),
            html: ({ since }) => minute(since),
            kind: 'word',
          },
          {
            key: 'until',
            title: 'Until',
            value: ({ until }) => until?.toISOString() ?? null,
            html: ({ until }) => (until ? minute(until) : 'today'),
            kind: 'word',
          },
          ...countColumns<NamedImage>(knownCounts),
        ],
        rows,
      }),
    ],
  };
}
