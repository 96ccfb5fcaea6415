import type { MailServer } from '../../fleet/delivery/deliver.ts';
import type { MessageWriter, Receiver } from '../../fleet/delivery/deliveries.ts';
import type { Environment } from '../../model/environment.ts';
import type { receiverOptions } from '../../tasks/fleet/command-options.ts';
import { newsMessages } from '../../tasks/fleet/news-messages.ts';
import { readGiven } from '../../tasks/fleet/read-given.ts';
import type { OptionValues } from '../../tasks/option.ts';

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
