import type { ExportTarget } from './target.ts';
import { trivyTarget } from './trivy/write-trivy.ts';

/** Every layout, by name. */
export const exportTargets: readonly ExportTarget[] = [trivyTarget];
