import type { EntryUse, PolicyUse } from '../model/verdict/index.ts';
import { plural, thousands } from './text-table.ts';

/** Lines about the used policy, and those of its entries that do nothing, or nothing any more. */
export function policyLines(policy: PolicyUse | undefined): string[] {
  if (!policy) return [];
  const found = policy.chosen === 'working_directory' ? ' (found in the working directory)' : '';
  const count = policy.entries.length;
  const inState = (asked: EntryUse['state']) => policy.entries.filter(({ state }) => state === asked).length;
  const expired = inState('expired');
  const entries = `${plural(count, 'entry', 'entries')}, ${thousands(inState('used'))} used${expired === 0 ? '' : `, ${thousands(expired)} expired`}`;
  return [
    `policy ${policy.file}${found}: ${entries}`,
    ...policy.entries.filter(({ state }) => state !== 'used').map((entry) => entryLine(policy.file, entry)),
  ];
}

function entryLine(file: string, { line, state, until, verdicts, reason }: EntryUse): string {
  const at = `  ${file}:${line}`;
  return state === 'expired'
    ? `${at}: expired after ${until}, no longer accepts ${plural(verdicts, 'result')}: ${reason}`
    : `${at}: unused, nothing has all that it names: ${reason}`;
}
