import { listNames } from '../../../fleet/store/list.ts';
import { ownerRules } from '../../../fleet/store/owners.ts';
import { keepSlaRules, slaRules } from '../../../fleet/store/sla.ts';
import { endExpired } from '../../../fleet/store/waived-counts.ts';
import { slaCsv } from '../../../report/fleet/fleet-csv.ts';
import { slaTable } from '../../../report/fleet/owners-table.ts';
import { fleetSlaOptions } from '../../../tasks/fleet/command-options.ts';
import { slaOf } from '../../../tasks/fleet/owners.ts';
import { recordAct } from '../../../tasks/fleet/recorded-act.ts';
import { policyIn } from '../../../tasks/policy/file.ts';
import { type Arguments, defineCommand } from '../../command.ts';
import { inFleet, inNewFleet } from '../../options/fleet-store.ts';
import { json, outputs, writeOutputs } from '../../outputs.ts';
import type { Terminal } from '../../terminal.ts';

const options = { ...fleetSlaOptions, output: outputs('fleet sla') };

export const fleetSla = defineCommand({
  name: 'fleet sla',
  operands: [],
  about: `Counts flaws whose last day is over, by the owner of the image. The days by severity are those of the section \`sla\` of
the policy that was kept last; --policy keeps another one, or none if it has no such section.`,
  options,
  exitCodes: { 0: 'fine', 2: 'wrong use, the policy cannot be used, or the fleet cannot be opened' },
  examples: ['scapfeed fleet sla --policy scapfeed.yaml', 'scapfeed fleet sla -o csv'],
  run,
});

async function run({ options: given }: Arguments<typeof options, []>, terminal: Terminal): Promise<number> {
  const policy = given.policy === undefined ? undefined : await policyIn(given.policy);
  const inStore = policy ? inNewFleet : inFleet;
  return inStore(given, terminal, async (database, now) => {
    if (policy) {
      if (!policy.sla && (await slaRules(database)))
        terminal.note(`no SLA is kept from now on: ${policy.file} has no section sla`);
      await keepSlaRules(database, policy.sla);
      await recordAct(database, `fleet sla --policy ${policy.file} (sha256 ${policy.sha256})`, now);
    }
    await endExpired(database, now);
    const rules = (await slaRules(database)) ?? null;
    const owners = slaOf(await ownerRules(database), await listNames(database, now));
    await writeOutputs(terminal, given.output, {
      table: () => slaTable(rules, owners),
      json: () => json({ rules, owners }),
      csv: () => slaCsv(owners),
    });
    return 0;
  });
}
