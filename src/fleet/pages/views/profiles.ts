import { plural } from '../../../report/text-table.ts';
import { type ProfileTotals, profilesOf } from '../../view/profiles.ts';
import { profileColumn, scoreColumn } from '../columns.ts';
import { html } from '../html.ts';
import type { Page, ViewRequest } from '../page.ts';
import { table } from '../table.ts';

/** The profiles by which runs evaluated the configuration of images. */
export async function profilesPage({ view }: ViewRequest): Promise<Page> {
  const rows = await profilesOf(view);
  const names = await view.names();
  const images = new Set(names.flatMap(({ image }) => image ?? [])).size;
  return {
    title: 'Profiles',
    section: 'profiles',
    body: html`<h1>Profiles</h1>
<p class="sum">The configuration of ${plural(images, 'image')} by SCAP content. An image that a profile was not evaluated on is in no number of it.</p>`,
    tables: [
      table<ProfileTotals>({
        name: 'profiles',
        caption: 'Profiles',
        empty: 'No run has evaluated a profile: `scapfeed fleet run --profile NAME` does.',
        columns: [
          profileColumn(),
          { key: 'images', title: 'Images', value: (row) => row.images, kind: 'number' },
          {
            key: 'not_evaluated',
            title: 'Not evaluated',
            value: (row) => Math.max(0, images - row.images) + row.errors,
            kind: 'number',
          },
          scoreColumn(({ score }) => score, { key: 'score', title: 'Mean score' }),
          scoreColumn(({ lowest }) => lowest, { key: 'lowest', title: 'Lowest score' }),
        ],
        rows,
      }),
    ],
  };
}
