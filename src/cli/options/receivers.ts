import type { MailServer } from '../../fleet/delivery/deliver.ts';
import type { MessageWriter, Receiver } from '../../fleet/delivery/deliveries.ts';
import type { Environment } from '../../model/index.ts';
import { isMailAddress, isWebAddress, newsMessages } from '../../tasks/fleet/news-messages.ts';
import { readGiven } from '../../tasks/fleet/read-given.ts';
import { flag, form, group, type OptionValues, path, repeatable } from '../../tasks/option.ts';

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
      (text) => (isMailAddress(text) ? text : undefined),
    ),
  ),
  'allow-private-webhook': flag('allow private addresses in --webhook and --slack'),
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

export function messageWriter(given: SendingChoice, env: Environment): MessageWriter {
  const file = given['webhook-secret-file'];
  const secret = file === undefined ? env['SCAPFEED_WEBHOOK_SECRET'] : readGiven(file).trim();
  return newsMessages({ secret, allowPrivate: given['allow-private-webhook'] ?? false });
}

export function mailServer(env: Environment): { mail?: MailServer } {
  const server = env['SCAPFEED_SMTP'];
  return server ? { mail: { server, from: env['SCAPFEED_MAIL_FROM'] || 'scapfeed@localhost' } } : {};
}
