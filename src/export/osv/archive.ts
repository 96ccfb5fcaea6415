import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareCodeUnits } from '../../model/order.ts';
import { writeZip } from '../zip.ts';

/** Writes the records of an ecosystem, and the list of their ids with the date of all. */
export function writeArchive(
  folder: string,
  name: string,
  modified: string,
  records: Iterable<{ id: string; text: string }>,
): void {
  const zipped = join(folder, 'osv-scalibr', name);
  mkdirSync(zipped, { recursive: true });
  mkdirSync(join(folder, name), { recursive: true });
  const ids: string[] = [];
  writeZip(join(zipped, 'all.zip'), (add) => {
    for (const { id, text } of records) {
      add(`${id}.json`, text);
      ids.push(id);
    }
  });
  const lines = ids.sort(compareCodeUnits).map((id) => `${modified},${id}\n`);
  writeFileSync(join(folder, name, 'modified_id.csv'), lines.join(''));
}
