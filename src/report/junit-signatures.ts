import type { SignatureGate } from '../model/index.ts';
import { signatureFault } from './signed-verdict.ts';
import { xml } from './xml-text.ts';

/** The test of an image that is not signed as required: an error where that is not known; undefined: it is. */
export function signatureCase(
  result: { signed?: SignatureGate },
  prefix: string,
): { kind: 'error' | 'failure'; text: string } | undefined {
  const fault = signatureFault(result);
  if (!fault) return undefined;
  const kind = fault.isUnknown ? 'error' : 'failure';
  const outcome = xml(kind, { message: fault.text, type: fault.verdict });
  return {
    kind,
    text: `${xml('testcase', { classname: `${prefix}scapfeed`, name: 'signatures', time: '0' }, outcome)}\n`,
  };
}
