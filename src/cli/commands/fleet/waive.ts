import { plural } from '../../../report/text-table.ts';
import { fleetWaiveOptions } from '../../../tasks/fleet/command-options.ts';
import { makeWaivers, waiversOf } from '../../../tasks/fleet/waivers.ts';
import { usage } from '../../../tasks/given-words.ts';
import { type Arguments, defineCommand } from '../../command.ts';
import { inNewFleet } from '../../options/fleet-store.ts';
import type { Terminal } from '../../terminal.ts';

export const fleetWaive = defineCommand({
  name: 'fleet waive',
  operands: ['[VULNERABILITY...]'],
  about: `Waived flaws are counted separately and ignored by --fail-on-new. A waiver takes effect at once and ends
after the given day; the next run then reports that it has expired.`,
  options: fleetWaiveOptions,
  exitCodes: { 0: 'fine', 2: 'wrong use, or the fleet cannot be opened' },
  examples: [
    "scapfeed fleet waive CVE-2023-45853 --package zlib --reason 'minizip is not built' --until 2027-03-31",
    "scapfeed fleet waive --rule no_empty_passwords --image 'registry.example/**' --reason 'no logins'",
  ],
  run,
});

async function run(
  { options: given, operands: vulnerabilities }: Arguments<typeof fleetWaiveOptions, ['[VULNERABILITY...]']>,
  terminal: Terminal,
): Promise<number> {
  const waivers = waiversOf(vulnerabilities, { ...given, rules: given.rule });
  if (waivers.length === 0) throw usage('fleet waive', 'expected a vulnerability or --rule, found none');
  return inNewFleet(given, terminal, async (database, now) => {
    for (const waiver of await makeWaivers(database, waivers, given.by, now)) {
      const { id, vulnerability, rule, flaws, images } = waiver;
      const what = plural(flaws, rule === null ? 'flaw' : 'failing rule');
      terminal.out(`waiver ${id} of ${vulnerability ?? rule}: ${what} in ${plural(images, 'image')}\n`);
    }
    return 0;
  });
}
