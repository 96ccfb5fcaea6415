import { endWaiver } from '../../../fleet/store/waivers.ts';
import { ScapfeedError } from '../../../model/error.ts';
import { fleetUnwaiveOptions } from '../../../tasks/fleet/command-options.ts';
import { usage } from '../../../tasks/given-words.ts';
import { type Arguments, defineCommand } from '../../command.ts';
import { inFleet } from '../../options/fleet-store.ts';
import type { Terminal } from '../../terminal.ts';

export const fleetUnwaive = defineCommand({
  name: 'fleet unwaive',
  operands: ['ID...'],
  about: 'ID is the number of a waiver in `scapfeed fleet waivers`. What it covered counts again at once.',
  options: fleetUnwaiveOptions,
  exitCodes: { 0: 'fine', 2: 'wrong use, there is no such waiver, or the fleet cannot be opened' },
  examples: ['scapfeed fleet unwaive 3'],
  run,
});

async function run(
  { options: given, operands: ids }: Arguments<typeof fleetUnwaiveOptions, ['ID...']>,
  terminal: Terminal,
): Promise<number> {
  for (const id of ids) {
    if (!/^[1-9]\d{0,8}$/.test(id))
      throw usage('fleet unwaive', `expected the number of a waiver, found ${id}`);
  }
  return inFleet(given, terminal, async (database, now) => {
    const unknown: string[] = [];
    for (const id of ids) {
      if (await endWaiver(database, Number(id), given.by, now, 'all')) terminal.out(`ended waiver ${id}\n`);
      else unknown.push(id);
    }
    if (unknown.length === 0) return 0;
    throw new ScapfeedError({
      code: 'NOT_FOUND',
      message: `the fleet has no waiver ${unknown.join(', ')} that is in effect`,
      where: database.place,
      remedy: 'see `scapfeed fleet waivers --all`, which also lists those that were removed',
    });
  });
}
