import { join } from 'node:path';
import { inject } from 'vitest';
import { dataPath } from '../../support/data.ts';
import { newMachine } from './machine.ts';

/** The feed of a night and the snapshots that it was built from. */
export interface Night {
  feed: string;
  snapshots: string;
}

/**
 * A night of the three vendors from their real documents, with OVAL: built once a run, by the first job that asks, while others wait.
 * It is everybody's: what a job changes is a copy.
 */
export function realNight(): Night {
  const folder = inject('installation');
  const night = { feed: join(folder, 'night'), snapshots: join(folder, 'night-snapshots') };
  const build = `scapfeed build --source debian,redhat,ubuntu --no-ratings --unsigned-mirror --mirror ${dataPath('mirror')} --snapshots ${night.snapshots} --out ${night.feed}`;
  newMachine().does(`flock ${folder}/night.lock sh -c 'test -e ${night.feed} || ${build}'`);
  return night;
}
