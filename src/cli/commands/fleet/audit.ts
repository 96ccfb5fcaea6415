import { readAudit } from '../../../fleet/store/audit.ts';
import { auditCsv } from '../../../report/fleet/fleet-csv.ts';
import { textTable } from '../../../report/text-table.ts';
import { fleetAuditOptions } from '../../../tasks/fleet/command-options.ts';
import { type Arguments, defineCommand } from '../../command.ts';
import { inFleet } from '../../options/fleet-store.ts';
import { json, outputs, writeOutputs } from '../../outputs.ts';
import type { Terminal } from '../../terminal.ts';

const options = { ...fleetAuditOptions, output: outputs('fleet audit') };

export const fleetAudit = defineCommand({
  name: 'fleet audit',
  operands: [],
  about: `Lists who waived, changed, read or was refused what, the newest first: by commands on the fleet's database, and by
requests to its server. Who reads the same again within an hour is one entry.`,
  options,
  exitCodes: { 0: 'fine', 2: 'wrong use, or the fleet cannot be opened' },
  examples: ['scapfeed fleet audit --kind change --since 7d -o csv'],
  run,
});

async function run({ options: given }: Arguments<typeof options, []>, terminal: Terminal): Promise<number> {
  const { since, actor, kind, limit } = given;
  return inFleet(given, terminal, async (database, now) => {
    const entries = await readAudit(database, {
      limit,
      ...(since && { since: 'age' in since ? new Date(now.getTime() - since.age) : since.time }),
      ...(actor !== undefined && { actor }),
      ...(kind !== undefined && { kind }),
    });
    const rows = entries.map((entry) => [entry.at.slice(0, 19), entry.actor, entry.kind, entry.act]);
    const isPart = since !== undefined || actor !== undefined || kind !== undefined;
    await writeOutputs(terminal, given.output, {
      table: () =>
        rows.length === 0
          ? `nothing is recorded${isPart ? ' of these' : ''}\n`
          : textTable(['TIME (UTC)', 'WHO', 'KIND', 'WHAT'], rows),
      json: () => json(entries),
      csv: () => auditCsv(entries),
    });
    return 0;
  });
}
