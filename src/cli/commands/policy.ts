import { currentTime } from '../../io/clock.ts';
import { checkedPolicyText } from '../../report/checked-policy.ts';
import { oneOf } from '../../tasks/given-words.ts';
import { checkPolicyFile } from '../../tasks/policy/file.ts';

import { type Arguments, defineCommand } from '../command.ts';
import { json, outputs, writeOutputs } from '../outputs.ts';
import type { Terminal } from '../terminal.ts';

const options = { output: outputs('policy') };

export const policy = defineCommand({
  name: 'policy',
  operands: ['check', 'FILE'],
  about: `  check         show what FILE accepts, until when, and the options that it sets

FILE is a policy for --policy of scan, verify and comply.`,
  options,
  exitCodes: { 0: 'it can be used; entries may have expired', 2: 'it cannot' },
  examples: ['scapfeed policy check scapfeed.yaml'],
  run,
});

async function run(
  { options: given, operands: [action, file] }: Arguments<typeof options, ['check', 'FILE']>,
  terminal: Terminal,
): Promise<number> {
  oneOf(['check'], action, { command: 'policy', flag: 'policy' }, { noun: 'action' });
  const checked = await checkPolicyFile(file, currentTime());
  await writeOutputs(terminal, given.output, {
    table: () => checkedPolicyText(checked),
    json: () => json(checked),
  });
  return 0;
}
