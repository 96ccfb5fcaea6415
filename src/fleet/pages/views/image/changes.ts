import { eventNumbers } from '../../data/events.ts';
import type { ViewedImage } from '../../data/image.ts';
import { eventTable } from '../../event-table.ts';
import type { ViewRequest } from '../../page.ts';
import type { ImageView } from './view.ts';

/** Changes of this image, with time and cause: it was built again, or the feed changed. */
export async function changesView({ id, names }: ViewedImage, asked: ViewRequest): Promise<ImageView> {
  const { view } = asked;
  const events = await eventNumbers(view, 'images @> ARRAY[$1::integer] OR name = ANY($2::integer[])', [
    id,
    names.map(({ name }) => name),
  ]);
  return {
    tables: [
      await eventTable(asked, {
        name: 'changes',
        caption: 'What changed, and why',
        events,
        empty: 'No run has told of a change yet.',
      }),
    ],
  };
}
