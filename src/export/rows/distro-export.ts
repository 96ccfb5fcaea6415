import type { TrivyLayout } from './trivy-layout.ts';

/** How the statements of a distribution are put for other scanners. */
export interface DistroExport {
  /** IDs in os-release of the platforms that it knows, layered products included. */
  ids: readonly string[];
  trivy: TrivyLayout;
}
