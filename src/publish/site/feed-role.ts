import type { ChangesDocument } from '../changes/document.ts';
import { compress } from '../feed/encoding.ts';
import type { GateReport } from '../gates/report.ts';
import type { TargetInfo } from '../tuf/metadata.ts';
import { feedRole, type Site, targetPath } from './layout.ts';
import { fileInfo } from './sign-site.ts';

/** Signs what is said of the whole feed too: what changed, what was held back and why. */
export async function writeFeedRole(
  site: Site,
  report: GateReport,
  changes: ChangesDocument,
): Promise<Record<string, TargetInfo>> {
  const targets: Record<string, TargetInfo> = {};
  for (const [file, value] of [
    ['changes.json', changes],
    ['report.json', report],
  ] as const) {
    const name = `${feedRole}/${file}.gz`;
    const bytes = await compress(Buffer.from(`${JSON.stringify(value)}\n`), 'gz');
    const info = fileInfo(bytes);
    await site.write(targetPath(name, info.hashes.sha256), bytes);
    targets[name] = info;
  }
  return targets;
}
