import { eventNumbers } from '../../data/events.ts';
import type { ViewedImage } from '../../data/image.ts';
import { eventTable } from '../../event-table.ts';
import type { ViewRequest } from '../../page.ts';
import type { ImageView } from './view.ts';

/** What changed for this image, when, and why: it was built again, or the feed says something else. */
export async function changesView({ id, names }: ViewedImage, asked: ViewRequest): Promise<ImageView> {
  const { view } = asked;
  const events = await eventNumbers(
    view.queries,
    'images @> ARRAY[$1::integer] OR name = ANY($2::integer[])',
    [id, names.map(({ name }) => name)],
  );
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
