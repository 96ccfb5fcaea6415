import type { NewsDocument } from '../../model/fleet/index.ts';
import type { Queue } from '../queue/queue.ts';
import type { Queries } from '../store/database.ts';
import type { DeliveryKind } from './kinds.ts';

/** To whom the news of a run go. */
export interface Receiver {
  kind: DeliveryKind;
  /** An address of the web, or of a person. */
  place: string;
}

/** News that are sent: the body is made once, and signed by the process that has the secret. */
export interface NewsJob extends Receiver {
  run: number;
  body: string;
  headers: Readonly<Record<string, string>>;
  allowPrivate: boolean;
}

/** Makes a message of the news. */
export type MessageWriter = (
  receiver: Receiver,
  news: NewsDocument,
) => Pick<NewsJob, 'body' | 'headers' | 'allowPrivate'>;

/**
 * Plans the sending of a run's news, in the transaction in which the run ends: each receiver once, whatever happens. A night
 * without news sends nothing.
 */
export async function planDeliveries(
  queries: Queries,
  queue: Queue,
  run: number,
  receivers: readonly Receiver[],
  news: NewsDocument,
  write: MessageWriter,
): Promise<void> {
  if (news.runs.every(({ items }) => items.length === 0)) return;
  for (const receiver of receivers) {
    const { kind, place } = receiver;
    const rows = await queries.query<{ id: number }>(
      `INSERT INTO fleet.deliveries (run, kind, place, state) VALUES ($1, $2, $3, 'waiting') ON CONFLICT DO NOTHING RETURNING id`,
      [run, kind, place],
    );
    const job: NewsJob = { run, ...receiver, ...write(receiver, news) };
    if (rows.length > 0) await queue.add('news', [job], { queries });
  }
}

/** Records that the news were sent, or why they could not be. */
export async function keepDelivery(
  queries: Queries,
  { run, kind, place }: Pick<NewsJob, 'run' | 'kind' | 'place'>,
  outcome: { sent: Date } | { error: string; isLast: boolean },
): Promise<void> {
  const [state, sent, error] =
    'sent' in outcome
      ? ['sent', outcome.sent, null]
      : [outcome.isLast ? 'failed' : 'waiting', null, outcome.error];
  await queries.query(
    `UPDATE fleet.deliveries SET state = $4, sent = $5, error = $6, attempts = attempts + 1
     WHERE run = $1 AND kind = $2 AND place = $3`,
    [run, kind, place, state, sent, error],
  );
}
