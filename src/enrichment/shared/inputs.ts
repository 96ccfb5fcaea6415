import { ScapfeedError } from '../../model/index.ts';
import type { SourceInput } from '../../sources/snapshots.ts';

/** The input of a source that has one document. @throws SNAPSHOT_MISSING */
export function onlyInput(inputs: readonly SourceInput[], id: string): SourceInput {
  const input = inputs.find((candidate) => candidate.id === id);
  if (input) return input;
  throw new ScapfeedError({
    code: 'SNAPSHOT_MISSING',
    message: `expected a snapshot of ${id}, found none`,
    where: id,
    remedy: 'run the build once without --offline',
  });
}
