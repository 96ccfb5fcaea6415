import { ScapfeedError } from '../../model/error.ts';
import type { NewsJob } from './deliveries.ts';
import { postJson } from './webhook.ts';

/** Connection of this process to a mail server. */
export interface MailServer {
  server: string;
  from: string;
}

/** The ways in which this process can and may send. */
export interface SendingTools {
  /** To private addresses, whatever was allowed when a message was made. */
  allowPrivate: boolean;
  mail?: MailServer;
}

/** Sends what a job has. What was refused when it was made can be allowed since. @throws {ScapfeedError} DELIVERY_FAILED: it is tried again later */
export async function deliver(
  { kind, place, body, headers, allowPrivate, run }: NewsJob,
  tools: SendingTools,
): Promise<void> {
  if (kind !== 'mail')
    return postJson({ url: place, body, headers, allowPrivate: allowPrivate || tools.allowPrivate });
  const { mail } = tools;
  if (!mail) {
    throw new ScapfeedError({
      code: 'DELIVERY_FAILED',
      message: 'SCAPFEED_SMTP, the mail server, is not set for this process',
      where: 'SCAPFEED_SMTP',
      remedy: 'set it to smtps://user:password@host, here or for a worker',
    });
  }
  const { sendMail } = await import('./mail.ts');
  await sendMail({
    ...mail,
    to: place,
    subject: headers['subject'] ?? `News of the fleet, run ${run}`,
    text: body,
  });
}
