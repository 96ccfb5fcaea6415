import type { Environment } from '../model/environment.ts';
/** The environment of helpers and signers: all variables but the passphrases of the signing keys. */
export function childEnvironment(env: Environment = process.env): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('SCAPFEED_PASSPHRASE')));
}
