import type { EntryUse, PolicyUse } from '../model/verdict/index.ts';

/** Lines about the used policy, and those of its entries that do nothing, or nothing any more. */
export function policyLines(policy: PolicyUse | undefined): string[] {
  if (!policy) return [];
  const found = policy.chosen === 'working_directory' ? ' (found in the working directory)' : '';
  const count = policy.entries.length;
  const used = policy.entries.filter(({ state }) => state === 'used').length;
  const entries = `${count} ${count === 1 ? 'entry' : 'entries'}, ${used} used`;
  return [
    `policy ${policy.file}${found}: ${entries}`,
    ...policy.entries.filter(({ state }) => state !== 'used').map((entry) => entryLine(policy.file, entry)),
  ];
}

function entryLine(file: string, { line, state, until, verdicts, reason }: EntryUse): string {
  const at = `  ${file}:${line}`;
  return state === 'expired'
    ? `${at}: expired after ${until}, would have put aside ${verdicts}: ${reason}`
    : `${at}: unused, nothing has all that it names: ${reason}`;
}
