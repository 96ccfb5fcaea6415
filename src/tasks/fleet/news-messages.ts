import { hash } from 'node:crypto';
import type { MessageWriter } from '../../fleet/delivery/deliveries.ts';
import { signatureOf } from '../../fleet/delivery/webhook.ts';
import type { NewsDocument } from '../../model/fleet/index.ts';
import { slackText } from '../../report/fleet/news-slack.ts';
import { newsTable } from '../../report/fleet/news-table.ts';
import { plural } from '../../report/text-table.ts';

/** Options of messages. */
export interface MessageSettings {
  /** Signs what webhooks get. */
  secret?: string | undefined;
  /** Private addresses may be reached. */
  allowPrivate: boolean;
}

/** Messages are made and signed by the process that has the secret; others only send them. */
export function newsMessages({ secret, allowPrivate }: MessageSettings): MessageWriter {
  return ({ kind, place }, news) => {
    const { run, feed } = news.runs.at(-1)!;
    const delivery = hash('sha256', JSON.stringify([run, feed.digest, kind, place])).slice(0, 32);
    const headers = { 'x-scapfeed-delivery': delivery };
    if (kind === 'slack') return { body: JSON.stringify({ text: slackText(news) }), headers, allowPrivate };
    if (kind === 'mail')
      return { body: newsTable(news), headers: { subject: subjectOf(news) }, allowPrivate };
    const body = JSON.stringify(news);
    const signature = secret ? { 'x-scapfeed-signature': signatureOf(body, secret) } : {};
    return { body, headers: { ...headers, ...signature }, allowPrivate };
  };
}

export function isWebAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

export function isMailAddress(text: string): boolean {
  return /^[^\s@<>,;]+@[^\s@<>,;]+$/.test(text);
}

/** Its first line alone: what a name brings cannot begin another header. */
function subjectOf(news: NewsDocument): string {
  const { run, items, isEmpty } = news.runs.at(-1)!;
  if (isEmpty && items.length === 0) return `scapfeed: no image to judge in run ${run}`;
  return `scapfeed: ${plural(items.length, 'change')} in run ${run}`;
}
