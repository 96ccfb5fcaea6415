import { gunzipSync } from 'node:zlib';
import { parseForeignJson } from '../../io/foreign-json.ts';
import { feedRole, metadataPath, targetPath } from '../../published/names.ts';
import type { Site } from '../site/layout.ts';
import {
  parseDocument,
  type SnapshotPart,
  type TargetInfo,
  type TargetsPart,
  type TimestampPart,
} from '../tuf/metadata.ts';

/** An earlier publication in a registry, by digest. */
export interface Publication {
  index: string;
  manifests: string[];
}

/** Signed like all documents of the whole feed, because what it names may be deleted. */
const historyTarget = `${feedRole}/history.json.gz`;
/** Size limit of a decompressed history. */
const maxHistoryBytes = 16 * 2 ** 20;

/** Publications before the one in the folder, newest first. */
export function readHistory(site: Site): Publication[] {
  const info = feedTargets(site)[historyTarget];
  const bytes = info && site.read(targetPath(historyTarget, info.hashes.sha256));
  if (!bytes) return [];
  return parseForeignJson(
    gunzipSync(bytes, { maxOutputLength: maxHistoryBytes }).toString('utf8'),
  ) as Publication[];
}

function feedTargets(site: Site): Record<string, TargetInfo> {
  const timestamp = readPart<TimestampPart>(site, metadataPath('timestamp'));
  if (!timestamp) return {};
  const { version } = timestamp.meta['snapshot.json'];
  const snapshot = readPart<SnapshotPart>(site, metadataPath('snapshot', version));
  const role = snapshot?.meta[`${feedRole}.json`];
  return (role && readPart<TargetsPart>(site, metadataPath(feedRole, role.version))?.targets) ?? {};
}

function readPart<T extends TimestampPart | SnapshotPart | TargetsPart>(
  site: Site,
  path: string,
): T | undefined {
  const text = site.read(path)?.toString('utf8');
  return text === undefined ? undefined : parseDocument<T>(text, path).signed;
}
