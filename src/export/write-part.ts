import { join } from 'node:path';
import type { Feed } from '../feed/read/feed.ts';
import type { Progress } from '../model/progress.ts';
import { ExportInexactList, type PlatformInexact } from './rows/inexact.ts';
import type { ExportSettings } from './signer.ts';
import type { ExportTarget } from './target.ts';

/** Settings that all parts of an export share. */
export interface PartWork {
  feed: Feed;
  /** The folder in which every target has one of its own. */
  root: string;
  settings: ExportSettings;
  toolVersion: string;
  /** Examples of each cause in the lists of what is inexact; undefined: as usual. */
  examples: number | undefined;
  progress: Progress;
}

/** Writes a part of a target, and returns what of its platforms is not exact. */
export function writePart(target: ExportTarget, part: string, work: PartWork): Promise<PlatformInexact[]> {
  work.progress(`writing ${target.title}`);
  return noting(target, work, (each) => target.write(each, part));
}

/** The same of what is written once the parts are there. */
export async function finishTarget(target: ExportTarget, work: PartWork): Promise<PlatformInexact[]> {
  return target.finish ? noting(target, work, (each) => target.finish!(each)) : [];
}

async function noting(
  target: ExportTarget,
  { root, examples, ...work }: PartWork,
  write: (work: Parameters<ExportTarget['write']>[0]) => Promise<void>,
): Promise<PlatformInexact[]> {
  const inexact = new ExportInexactList(examples);
  await write({ ...work, folder: join(root, target.name), inexact });
  return inexact.platforms();
}
