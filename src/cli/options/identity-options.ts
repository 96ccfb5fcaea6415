import { form, path, text } from '../option.ts';

/** Options that ask for a signer by name, without a key. */
export const identityOptions = {
  identity: text('NAME', 'the name in the certificate: an e-mail address, or the URL of a workflow'),
  'identity-regexp': form('PATTERN', 'the same by a pattern, which the whole name must fit', wholePattern),
  issuer: text('URL', 'who vouches for that name; goes with --identity'),
  'trusted-root': path(
    'FILE',
    'trusted_root.json, the authorities and logs to believe; with a key, a log entry is asked for too',
  ),
};

function wholePattern(given: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${given})$`, 'u');
  } catch {
    return undefined;
  }
}
