import { feedRole, targetPath } from '../../published/names.ts';
import type { ChangesDocument } from '../changes/document.ts';
import { compress } from '../feed/encoding.ts';
import type { GateReport } from '../gates/report.ts';
import type { TargetInfo } from '../tuf/metadata.ts';
import type { Site } from './layout.ts';
import { fileInfo } from './sign-site.ts';
import type { SiteState } from './state.ts';

/** Documents of the whole feed: changes, held platforms with reasons, and the state for the next publish. */
export interface FeedDocuments {
  changes: ChangesDocument;
  report: GateReport;
  state: SiteState;
  [name: string]: unknown;
}

/** Name of the state as a target, from which a publisher who lost the folder can continue with valid signatures. */
export const stateTarget = `${feedRole}/state.json.gz`;

/** Signs the documents of the whole feed like those of a platform. */
export async function writeFeedRole(
  site: Site,
  documents: FeedDocuments,
): Promise<Record<string, TargetInfo>> {
  const targets: Record<string, TargetInfo> = {};
  for (const [file, value] of Object.entries(documents)) {
    const name = `${feedRole}/${file}.json.gz`;
    const bytes = await compress(Buffer.from(`${JSON.stringify(value)}\n`), 'gz');
    const info = fileInfo(bytes);
    await site.write(targetPath(name, info.hashes.sha256), bytes);
    targets[name] = info;
  }
  return targets;
}
