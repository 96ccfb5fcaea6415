import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '../../io/files.ts';
import { parseForeignJson } from '../../io/foreign-json.ts';
import { readWhole } from '../../io/read-whole.ts';
import { ScapfeedError } from '../../model/error.ts';
import { othersWriteBits, requireOwn } from '../private-folder.ts';
import { trustFolder } from './feed-switch.ts';

/** Not `.json`: the publisher names the documents with that ending. */
const fileOf = (out: string) => join(trustFolder(out), 'places');

/**
 * Where the feed in `out` was pulled from last; undefined if it never was.
 * @throws {ScapfeedError} TRUST_NOT_PRIVATE, USAGE for a file that is damaged
 */
export function keptPlaces(out: string): readonly string[] | undefined {
  const file = fileOf(out);
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (!stat) return undefined;
  requireOwn(file, stat, { kind: 'file', forbidden: othersWriteBits(stat), code: 'TRUST_NOT_PRIVATE' });
  const places = placesIn(readWhole(file));
  if (places) return places;
  throw new ScapfeedError({
    code: 'USAGE',
    message: 'the place of the last pull cannot be read',
    where: file,
    remedy: 'specify one with --from',
  });
}

function placesIn(bytes: Buffer): readonly string[] | undefined {
  try {
    const places = parseForeignJson(bytes);
    const isList = Array.isArray(places) && places.length > 0;
    return isList && places.every((place) => typeof place === 'string') ? places : undefined;
  } catch {
    return undefined;
  }
}

/** For its owner alone, as a URL can have a password. `from`: as it is named from any working directory. */
export async function keepPlaces(out: string, from: readonly string[]): Promise<void> {
  await writeAtomically(fileOf(out), `${JSON.stringify(from)}\n`, 0o600);
}
