import { clairTarget } from './clair/write-clair.ts';
import { csafTarget } from './csaf/write-csaf.ts';
import { debsecanTarget } from './debsecan/write-debsecan.ts';
import { grypeTarget } from './grype/write-grype.ts';
import { notusTarget } from './notus/write-notus.ts';
import { osvTarget } from './osv/write-osv.ts';
import { dsTarget, ovalTarget } from './oval/copy-documents.ts';
import type { ExportTarget } from './target.ts';
import { trivyTarget } from './trivy/write-trivy.ts';

/** Every layout, by name. */
export const exportTargets: readonly ExportTarget[] = [
  trivyTarget,
  grypeTarget,
  osvTarget,
  debsecanTarget,
  notusTarget,
  clairTarget,
  csafTarget,
  ovalTarget,
  dsTarget,
];
