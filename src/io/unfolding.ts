/** No compression in use makes more of documents: vendors' and ours expand to 40 times their length at most. */
const mostRatio = 250;

/** Bytes to which compressed data of this length may expand. `free`: what any length may. */
export function mostUnfolded(length: number, free = 65_536): number {
  return free + mostRatio * length;
}
