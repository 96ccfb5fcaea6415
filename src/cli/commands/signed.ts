import { referenceHelp } from '../../image/index.ts';
import { currentTime } from '../../io/clock.ts';
import type { SignedResult } from '../../model/verdict/index.ts';
import { wholeJson } from '../../report/formats/json.ts';
import { signedTable } from '../../report/signed-table.ts';
import { checkSigned } from '../../signatures/index.ts';
import { reachable } from '../../tasks/image/reachable.ts';
import { signedOutcome } from '../../tasks/signed/gate.ts';
import { signedOptions } from '../../tasks/signed/options.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { storeOptions } from '../options/registry-access.ts';
import { signerChoice } from '../options/signer-choice.ts';
import { trustReader } from '../options/trust-reader.ts';
import { outputs, writeOutputs } from '../outputs.ts';
import { toolVersion } from '../program.ts';
import { concluded } from '../target-run.ts';
import type { Terminal } from '../terminal.ts';

const options = { ...signedOptions, output: outputs('signed') };

export const signed = defineCommand({
  name: 'signed',
  operands: ['IMAGE'],
  about: `IMAGE is one of
${referenceHelp(['registry', 'oci', 'oci-archive'])}
Signatures and attestations are searched for as referrers, under the referrers tag and under cosign's tags (.sig,
.att), of the manifest and of the index that contains it. Only the image's registry is contacted.`,
  options,
  exitCodes: {
    0: 'signed as required',
    1: 'there are signatures, but none meets the requirement',
    2: 'the image, or what is attached to it, cannot be read',
    3: 'a key, trusted root or policy is missing or invalid',
    4: 'there is no signature at all, or the policy requires none',
  },
  examples: [
    'scapfeed signed registry.example/app:1 --key cosign.pub',
    'scapfeed signed oci:./image --identity me@example.org --issuer https://accounts.google.com --trusted-root trusted_root.json',
  ],
  run,
});

async function run(
  { options: given, operands: [reference] }: Arguments<typeof options, ['IMAGE']>,
  terminal: Terminal,
): Promise<number> {
  const asked = await signerChoice('signed', given, trustReader(given.feed, terminal.env));
  terminal.progress(`looking for signatures of ${reference}`);
  const found = await reachable(reference, () =>
    checkSigned(reference, asked, storeOptions(given, terminal.env), currentTime()),
  );
  const result: SignedResult = { format: 'scapfeed/signed/1', tool: `scapfeed ${toolVersion}`, ...found };
  await writeOutputs(terminal, given.output, {
    json: () => wholeJson(result),
    table: () => signedTable(result),
  });
  return concluded(signedOutcome(result), terminal);
}
