import { endWatching } from '../../../fleet/store/watches.ts';
import { isScapfeedError, ScapfeedError } from '../../../model/error.ts';
import { fleetOptions } from '../../../tasks/fleet/command-options.ts';
import { lastingReference } from '../../../tasks/fleet/lasting-reference.ts';
import { recordAct } from '../../../tasks/fleet/recorded-act.ts';
import { type Arguments, defineCommand } from '../../command.ts';
import { inFleet } from '../../options/fleet-store.ts';
import type { Terminal } from '../../terminal.ts';

const options = { ...fleetOptions };

export const fleetRemove = defineCommand({
  name: 'fleet remove',
  operands: ['REF...'],
  about:
    'REF is what was added: an image, or the HOST[/PREFIX] of a registry with all of its tags. Stored ' +
    'data of the images stays until `scapfeed fleet prune`.',
  options,
  exitCodes: { 0: 'fine', 2: 'wrong use, the fleet has no such image, or it cannot be opened' },
  examples: ['scapfeed fleet remove registry.example/app:1'],
  run,
});

async function run(
  { options: given, operands: references }: Arguments<typeof options, ['REF...']>,
  terminal: Terminal,
): Promise<number> {
  return inFleet(given, terminal, async (database, now) => {
    const unknown: string[] = [];
    for (const reference of references) {
      const forms = await formsOf(reference);
      const removed = await database.transaction(async (queries) => {
        for (const form of forms) if (await endWatching(queries, form, now)) return form;
        return undefined;
      });
      if (removed === undefined) unknown.push(reference);
      else {
        await recordAct(database, `fleet remove ${removed}`, now);
        terminal.out(`removed ${removed}\n`);
      }
    }
    if (unknown.length === 0) return 0;
    throw new ScapfeedError({
      code: 'NOT_FOUND',
      message: `the fleet has no ${unknown.join(', ')}`,
      where: database.place,
      remedy: 'see `scapfeed fleet list` for its images',
    });
  });
}

/** As it was added and as the fleet lists it, which for a path is from the root. */
async function formsOf(reference: string): Promise<string[]> {
  try {
    return [...new Set([reference, await lastingReference(reference)])];
  } catch (error) {
    // A registry, or a file that is gone.
    if (isScapfeedError(error)) return [reference];
    throw error;
  }
}
