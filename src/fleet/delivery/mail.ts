import { createTransport } from 'nodemailer';
import { networkReason } from '../../io/system-reason.ts';
import { ScapfeedError } from '../../model/error.ts';

export interface Mail {
  /** `smtps://user:password@host`. */
  server: string;
  from: string;
  to: string;
  subject: string;
  text: string;
}

/** Sends one mail. @throws {ScapfeedError} DELIVERY_FAILED */
export async function sendMail({ server, from, to, subject, text }: Mail): Promise<void> {
  const transport = createTransport(server, { from });
  try {
    await transport.sendMail({ to, subject, text, disableFileAccess: true, disableUrlAccess: true });
  } catch (cause) {
    throw new ScapfeedError({
      code: 'DELIVERY_FAILED',
      message: `the mail could not be sent: ${networkReason(cause)}`,
      where: to,
      cause,
    });
  } finally {
    transport.close();
  }
}
