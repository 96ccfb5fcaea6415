import { hash } from 'node:crypto';
import type { MailServer } from '../../fleet/delivery/deliver.ts';
import type { MessageWriter, Receiver } from '../../fleet/delivery/deliveries.ts';
import { signatureOf } from '../../fleet/delivery/webhook.ts';
import type { Environment, NewsDocument } from '../../model/index.ts';
import { slackText } from '../../report/fleet/news-slack.ts';
import { newsTable } from '../../report/fleet/news-table.ts';
import { plural } from '../../report/text-table.ts';
import { readGiven } from '../fleet-images.ts';
import { flag, form, group, type OptionValues, path, repeatable } from '../option.ts';

const address = (help: string) =>
  repeatable(form('URL', help, (text) => (isWebAddress(text) ? text : undefined), 'write it as https://...'));

/** To whom a run sends its news. */
export const receiverOptions = group('News', {
  webhook: address('post the news as JSON to this address'),
  'webhook-secret-file': path(
    'FILE',
    'sign webhook posts (HMAC-SHA256, header x-scapfeed-signature) with the secret in this file',
  ),
  slack: address('post the news as text for Slack, Mattermost and others'),
  mail: repeatable(
    form(
      'ADDRESS',
      'send the news to this address, through the server in SCAPFEED_SMTP (smtps://user:password@host)',
      (text) => (/^[^\s@<>,;]+@[^\s@<>,;]+$/.test(text) ? text : undefined),
    ),
  ),
  'allow-private-webhook': flag('let --webhook and --slack reach private addresses'),
});

export type SendingChoice = Partial<
  Pick<OptionValues<typeof receiverOptions>, 'webhook-secret-file' | 'allow-private-webhook'>
>;

export function receiversOf({
  webhook = [],
  slack = [],
  mail = [],
}: Pick<OptionValues<typeof receiverOptions>, 'webhook' | 'slack' | 'mail'>): Receiver[] {
  return [
    ...webhook.map((place) => ({ kind: 'webhook', place }) as const),
    ...slack.map((place) => ({ kind: 'slack', place }) as const),
    ...mail.map((place) => ({ kind: 'mail', place }) as const),
  ];
}

/** Messages are made and signed by the process that has the secret; others only send them. */
export function messageWriter(given: SendingChoice, env: Environment): MessageWriter {
  const file = given['webhook-secret-file'];
  const secret = file === undefined ? env['SCAPFEED_WEBHOOK_SECRET'] : readGiven(file).trim();
  const allowPrivate = given['allow-private-webhook'] ?? false;
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

export function mailServer(env: Environment): { mail?: MailServer } {
  const server = env['SCAPFEED_SMTP'];
  return server ? { mail: { server, from: env['SCAPFEED_MAIL_FROM'] || 'scapfeed@localhost' } } : {};
}

/** Its first line alone: what a name brings cannot begin another header. */
function subjectOf(news: NewsDocument): string {
  const { run, items } = news.runs.at(-1)!;
  return `scapfeed: ${plural(items.length, 'change')} in run ${run}`;
}

function isWebAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
