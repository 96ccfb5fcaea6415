import { keepOwnerRules } from '../../../fleet/store/keep-owner-rules.ts';
import { listNames } from '../../../fleet/store/list.ts';
import { ownerRules } from '../../../fleet/store/owners.ts';
import { ownersCsv } from '../../../report/fleet/fleet-csv.ts';
import { ownersTable } from '../../../report/fleet/owners-table.ts';
import { fleetOwnersOptions } from '../../../tasks/fleet/command-options.ts';
import { ownersOf } from '../../../tasks/fleet/owners.ts';
import { recordAct } from '../../../tasks/fleet/recorded-act.ts';
import { policyIn } from '../../../tasks/policy/file.ts';
import { type Arguments, defineCommand } from '../../command.ts';
import { inFleet, inNewFleet } from '../../options/fleet-store.ts';
import { json, outputs, writeOutputs } from '../../outputs.ts';
import type { Terminal } from '../../terminal.ts';

const options = { ...fleetOwnersOptions, output: outputs('fleet owners') };

export const fleetOwners = defineCommand({
  name: 'fleet owners',
  operands: [],
  about: `Counts the images of each owner, and those of none. The owners of images are found by the section \`owners\` of
the policy that was kept last; --policy keeps another one, or none if it has no such section.`,
  options,
  exitCodes: { 0: 'fine', 2: 'wrong use, the policy cannot be used, or the fleet cannot be opened' },
  examples: ['scapfeed fleet owners --policy scapfeed.yaml', 'scapfeed fleet owners -o csv'],
  run,
});

async function run({ options: given }: Arguments<typeof options, []>, terminal: Terminal): Promise<number> {
  const policy = given.policy === undefined ? undefined : await policyIn(given.policy);
  const inStore = policy ? inNewFleet : inFleet;
  return inStore(given, terminal, async (database, now) => {
    if (policy) {
      if (policy.owners.length === 0 && (await ownerRules(database)).length > 0)
        terminal.note(`no owners are kept from now on: ${policy.file} has no section owners`);
      await keepOwnerRules(database, policy.owners, now);
      await recordAct(database, `fleet owners --policy ${policy.file} (sha256 ${policy.sha256})`, now);
    }
    const owners = ownersOf(await ownerRules(database), await listNames(database, now));
    await writeOutputs(terminal, given.output, {
      table: () => ownersTable(owners),
      json: () => json(owners),
      csv: () => ownersCsv(owners),
    });
    return 0;
  });
}
