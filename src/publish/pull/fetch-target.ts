import { ScapfeedError } from '../../model/error.ts';
import { targetPath } from '../../published/names.ts';
import { sha256 } from '../feed/lines.ts';
import type { TargetInfo } from '../tuf/metadata.ts';
import type { Origin } from './origin.ts';

/** Fetches a whole target and checks its signed length and digest. @throws TRUST_SWAPPED */
export async function fetchTarget(
  origin: Origin,
  name: string,
  { length, hashes }: TargetInfo,
): Promise<Buffer> {
  const path = targetPath(name, hashes.sha256);
  const bytes = await origin.fetch(path, length, hashes.sha256);
  if (bytes.length === length && sha256(bytes) === hashes.sha256) return bytes;
  throw new ScapfeedError({
    code: 'TRUST_SWAPPED',
    message: `expected ${length} bytes with sha256 ${hashes.sha256} as signed, found ${bytes.length} with ${sha256(bytes)}`,
    where: `${origin.name}/${path}`,
    remedy: 'use another mirror, and report it to the publisher',
  });
}
