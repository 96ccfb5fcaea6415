import { someAtOnce } from '../../io/at-once.ts';
import { temporaryFolder } from '../../io/temporary.ts';
import { discardUnfinished } from '../../io/unfinished.ts';
import type { Progress } from '../../model/progress.ts';
import { encodings, feedRole, metadataPath, targetPath } from '../../published/names.ts';
import type { KeyStore } from '../keys/key-store.ts';
import { fetchTarget } from '../pull/fetch-target.ts';
import type { Origin } from '../pull/origin.ts';
import { recordTrust } from '../pull/record-trust.ts';
import { fetchState } from '../signed-state.ts';
import type { Site } from '../site/layout.ts';
import { type PublishedPart, type SiteState, statePath } from '../site/state.ts';
import { parseDocument, type TargetInfo, type TimestampPart } from '../tuf/metadata.ts';

export interface RestoreOptions {
  origin: Origin;
  /** The publication must be signed under this store's root. */
  store: KeyStore;
  /** Number of earlier publications that deltas can start from. */
  deltas: number;
  progress: Progress;
}

/**
 * Restores or updates a publisher's folder from a publication: everything that the next publish reads. Only files signed by
 * our own keys are used. The timestamp is written last, as in a publish.
 */
export async function restoreSite(site: Site, options: RestoreOptions): Promise<void> {
  const { origin, deltas, progress } = options;
  progress(`bringing back what was published last from ${origin.name}`);
  const { metadata, listed } = await readMetadata(options);
  const state = await fetchState(origin, listed);
  const needed = [...Object.entries(listed), ...neededTargets(state, deltas)];
  await someAtOnce(needed, ([name, info]) => bring(site, origin, name, info));
  const timestamp = metadata.get(metadataPath('timestamp'))!;
  const { version } = parseTimestamp(timestamp).meta['snapshot.json'];
  await site.write(statePath(version), `${JSON.stringify(state)}\n`);
  for (const [path, bytes] of metadata) if (bytes !== timestamp) await site.write(path, bytes);
  await site.write(metadataPath('timestamp'), timestamp);
}

export function parseTimestamp(bytes: Buffer): TimestampPart {
  return parseDocument<TimestampPart>(bytes.toString('utf8'), metadataPath('timestamp')).signed;
}

/** Every document of the publication, and what the feed role lists. */
async function readMetadata({ origin, store }: RestoreOptions) {
  const folder = temporaryFolder('restore');
  try {
    const root = Buffer.from(store.rootChain()[0]!);
    const { trusted, documents } = await recordTrust(origin, folder, root);
    for (const role of trusted.roles) await trusted.targets(role);
    return { metadata: documents, listed: await trusted.targets(feedRole) };
  } finally {
    discardUnfinished(folder);
  }
}

/** The whole last publication; of earlier ones the files that deltas start from, in the form that is read. */
function neededTargets({ feeds }: SiteState, deltas: number): [name: string, info: TargetInfo][] {
  const [last, ...earlier] = feeds.map(({ parts }) => Object.values(parts));
  return [
    ...(last ?? []).flatMap(({ targets }) => Object.entries(targets)),
    ...earlier.slice(0, deltas).flat().flatMap(deltaStart),
  ];
}

function deltaStart({ targets }: PublishedPart): [name: string, info: TargetInfo][] {
  const plain = (name: string) => name.replace(/\.[a-z]+$/, '');
  const isRead = (name: string) =>
    /^[^/]+\/(index\/|manifest\.json\.)/.test(name) &&
    name === encodings.map((encoding) => `${plain(name)}.${encoding}`).find((form) => targets[form]);
  return Object.entries(targets).filter(([name]) => isRead(name));
}

async function bring(site: Site, origin: Origin, name: string, info: TargetInfo): Promise<void> {
  const path = targetPath(name, info.hashes.sha256);
  if (!site.has(path)) await site.write(path, await fetchTarget(origin, name, info));
}
