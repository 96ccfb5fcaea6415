import type { SignatureGate } from '../../model/index.ts';
import { signatureFault } from '../signed-verdict.ts';
import { type SarifNotification, signaturesId } from './log.ts';

/** The notification of an image that is not signed as required; none, if it is. */
export function signatureNotification(result: { signed?: SignatureGate }): SarifNotification[] {
  const fault = signatureFault(result);
  return fault ? [{ level: 'error', id: signaturesId, text: fault.text }] : [];
}
