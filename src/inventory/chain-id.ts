import { createHash } from 'node:crypto';
import type { Layer } from '../model/index.ts';

/** Returns the number of lowest layers with this ChainID (OCI image specification, "Layer ChainID"). Undefined: no number of them has it. */
export function layersOf(chainId: string, layers: readonly Layer[]): number | undefined {
  let chain: string | undefined;
  for (const [at, { diffId }] of layers.entries()) {
    if (diffId === undefined) return undefined;
    chain =
      chain === undefined
        ? diffId
        : `sha256:${createHash('sha256').update(`${chain} ${diffId}`).digest('hex')}`;
    if (chain === chainId) return at + 1;
  }
  return undefined;
}
