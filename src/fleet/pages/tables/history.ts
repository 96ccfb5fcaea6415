import { knownCounts } from '../../../model/fleet/index.ts';
import { orNull, type Schema, string, time } from '../../schemas.ts';
import type { NamedImage, ViewedImage } from '../../view/image.ts';
import { addresses } from '../addresses.ts';
import { breakable, html } from '../html.ts';
import { countColumns, shortDigest } from '../parts.ts';
import type { Column } from '../table.ts';
import { minute } from '../words.ts';

// Images that a name referred to over time: columns on the page of an image, in CSV and JSON, and items in the API.

export function historyColumns({ id, digest }: ViewedImage): Column<NamedImage>[] {
  return [
    {
      ...{ key: 'image', title: 'Name', kind: 'name' },
      value: ({ reference }) => reference,
      html: ({ reference }) => breakable(reference),
    },
    {
      ...{ key: 'digest', title: 'Image' },
      value: (row) => row.digest,
      html: (row) =>
        html`<a href="${addresses.image(row.digest)}">${shortDigest(row.digest)}</a>${row.image === id ? html`<small>this one</small>` : html`<small><a href="${addresses.image(digest, { view: 'compare', with: row.digest })}">compare</a></small>`}`,
    },
    {
      ...{ key: 'since', title: 'Since', kind: 'word' },
      value: ({ since }) => since.toISOString(),
      html: ({ since }) => minute(since),
    },
    {
      ...{ key: 'until', title: 'Until', kind: 'word' },
      value: ({ until }) => until?.toISOString() ?? null,
      html: ({ until }) => (until ? minute(until) : 'today'),
    },
    ...countColumns<NamedImage>(knownCounts),
  ];
}

const times: Readonly<Record<string, Schema>> = { since: time, until: orNull(time) };

/** JSON Schema of an image's names, in their order. */
export const nameMembers = { reference: string, ...times };

/** JSON Schema of a name's images, in their order. */
export const namedMembers = { digest: string, ...times };
