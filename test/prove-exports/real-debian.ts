import { readInventory } from '../../src/inventory/index.ts';
import type { Inventory } from '../../src/model/inventory/index.ts';
import { debianRootTrial } from '../prove/real-trials.ts';
import type { Trial } from '../prove/trial.ts';
import { debianRoot } from '../support/debian-images.ts';
import { dirView } from '../support/dir-view.ts';

/** A Debian 12 that apt installed. */
export function realDebian(): { trial: Trial; inventory: Inventory } {
  const root = debianRoot('bookworm', 'current');
  const inventory = readInventory(dirView(root));
  return { trial: debianRootTrial(root, '12', inventory), inventory };
}
