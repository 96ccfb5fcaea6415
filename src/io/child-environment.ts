type Environment = Readonly<Record<string, string | undefined>>;

/** What a helper or signer that we start may know of our environment: all but the passphrases of the signing keys. */
export function childEnvironment(env: Environment = process.env): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('SCAPFEED_PASSPHRASE')));
}
