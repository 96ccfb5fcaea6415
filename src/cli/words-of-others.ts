/** Commands of other scanners, words that name a task, and which of ours do the same. */
const commands: ReadonlyMap<string, string> = new Map([
  ['image', 'scan'],
  ['rootfs', 'scan'],
  ['fs', 'scan'],
  ['filesystem', 'scan'],
  ['sbom', 'scan'],
  ['oval', 'eval'],
  ['xccdf', 'comply'],
  ['db', 'pull'],
  ['server', 'fleet serve'],
  // It needs no images: without them it is the adapter alone.
  ['harbor', 'fleet serve --harbor'],
  ['version', '--version'],
]);

/** Options of Trivy, Grype and oscap: the option of ours that does the same, and how it is written. */
const options: ReadonlyMap<string, { option: string; written: string }> = new Map([
  ['format', { option: 'output', written: '-o FORMAT or -o FORMAT=FILE' }],
  ['f', { option: 'output', written: '-o FORMAT or -o FORMAT=FILE' }],
  ['report', { option: 'output', written: '-o html=FILE' }],
  ['results', { option: 'output', written: '-o xccdf=FILE' }],
  ['results-arf', { option: 'output', written: '-o arf=FILE' }],
  ['ignore-unfixed', { option: 'only-fixed', written: '--only-fixed' }],
  ['exit-code', { option: 'fail-on', written: '--fail-on SEVERITY, which ends with 1' }],
  // A key alone does not say of what it may speak: an attestation does.
  ['vex-key', { option: 'vex', written: '--vex attested --signed-by FILE, or name signers in the policy' }],
  [
    'vex-identity',
    { option: 'vex', written: '--vex attested --identity NAME --issuer URL, or name signers in the policy' },
  ],
  ['ignorefile', { option: 'policy', written: '--policy FILE' }],
  ['tailoring-file', { option: 'tailoring', written: '--tailoring FILE' }],
]);

/** Options of other scanners that no option of ours stands for. */
const needless: ReadonlyMap<string, string> = new Map([
  ['offline', 'leave it out: nothing is fetched but what you name by an address'],
  ['offline-scan', 'leave it out: nothing is fetched but what you name by an address'],
  ['skip-db-update', 'leave it out: a scan updates no feed'],
  [
    'scanners',
    'leave it out: `scan` is about flaws, `comply` about configuration, `signed` about signatures',
  ],
  ['timeout', 'run it under `timeout`, such as `timeout 5m scapfeed …`'],
  ['quiet', 'leave it out: stdout has the report alone, and messages go to stderr'],
  ['q', 'leave it out: stdout has the report alone, and messages go to stderr'],
]);

/** The command of ours for one of another scanner. */
export function ownCommand(word: string): string | undefined {
  return commands.get(word);
}

/** What to do instead of another scanner's option: the option of ours, if the command has it. */
export function ownOption(word: string, known: readonly string[]): string | undefined {
  const own = options.get(word);
  return own && known.includes(own.option) ? `write ${own.written}` : needless.get(word);
}

/** Words that people give to an option of ours, which is not what they are for: what is written for them. */
const values: Readonly<Record<string, ReadonlyMap<string, string>>> = {
  // A statement about an image comes as an attestation: a signed file does not name its subject.
  vex: new Map([
    ['signed', '--vex attested, with --signed-by FILE, --identity NAME, or signers in the policy'],
  ]),
};

/** Suggestion for a value that an option of ours does not have. Undefined: none. */
export function ownValue(option: string, value: string): string | undefined {
  const own = values[option]?.get(value);
  return own === undefined ? undefined : `write ${own}`;
}
