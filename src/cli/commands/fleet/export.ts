import { inventoryDocument } from '../../../fleet/store/images.ts';
import { openDatabase } from '../../../fleet/store/open-database.ts';
import { currentTime } from '../../../io/clock.ts';
import { type Arguments, defineCommand } from '../../command.ts';
import { fleetOptions, fleetPlace } from '../../options/fleet-store.ts';
import { outputFile, writeResult } from '../../outputs.ts';
import type { Terminal } from '../../terminal.ts';

const options = { ...fleetOptions, output: outputFile('what is exported') };

export const fleetExport = defineCommand({
  name: 'fleet export',
  operands: ['[REF...]'],
  about: `Writes the inventories of all watched images, or of those named, as lines of JSON in the form of \`scapfeed inventory
-o json\`, which \`scapfeed fleet import\` reads.`,
  options,
  exitCodes: {
    0: 'fine',
    2: 'wrong use, or the fleet cannot be opened',
    4: 'there is no inventory of an image',
  },
  examples: ['scapfeed fleet export -o fleet.jsonl && scapfeed fleet import --database other fleet.jsonl'],
  run,
});

async function run(
  { options: given, operands: references }: Arguments<typeof options, ['[REF...]']>,
  terminal: Terminal,
): Promise<number> {
  const database = await openDatabase(fleetPlace(given.database, terminal.env), currentTime());
  try {
    const names = await database.query<{ reference: string; image: number | null }>(
      `SELECT reference, image FROM fleet.names LEFT JOIN fleet.name_images ON name_images.name = names.id AND until IS NULL
       WHERE removed IS NULL AND (cardinality($1::text[]) = 0 OR reference = ANY($1::text[])) ORDER BY reference COLLATE "C"`,
      [references],
    );
    const lines: string[] = [];
    for (const { reference, image } of names) {
      if (image === null) continue;
      lines.push(`${JSON.stringify(await inventoryDocument(database, image, reference))}\n`);
    }
    const { output } = given;
    if (output === undefined || output === '-') terminal.document(lines.join(''));
    else writeResult(output, 'export', lines);
    const found = new Set(names.filter(({ image }) => image !== null).map(({ reference }) => reference));
    const missing = [...new Set([...references, ...names.map(({ reference }) => reference)])].filter(
      (each) => !found.has(each),
    );
    for (const reference of missing) terminal.err(`there is no inventory of ${reference}`);
    return missing.length > 0 ? 4 : 0;
  } finally {
    await database.close();
  }
}
