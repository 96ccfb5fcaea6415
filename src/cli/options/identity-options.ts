import { form, path, text } from '../../tasks/option.ts';

/** Options that ask for a signer by name, without a key. */
export const identityOptions = {
  identity: text('NAME', 'the name in the certificate: an e-mail address, or the URL of a workflow'),
  'identity-regexp': form('PATTERN', 'a pattern for that name; it must match the whole name', wholePattern),
  issuer: text('URL', 'the issuer that authenticated that name; required with --identity'),
  'trusted-root': path(
    'FILE',
    'trusted_root.json: the authorities and logs to trust; with a key, a log entry is required too',
  ),
};

function wholePattern(given: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${given})$`, 'u');
  } catch {
    return undefined;
  }
}
