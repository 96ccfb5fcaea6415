import type { FeedContent, FeedOutput, Manifest } from '../model/feed/index.ts';
import { makeManifest } from '../model/feed/make-manifest.ts';
import { compareCodeUnits } from '../model/order.ts';

/** A part of a published feed with its manifest. */
export interface PublishedManifest {
  platform: string;
  manifest: Manifest;
}

/** The manifest of the feed that parts make. */
export function joinManifests(parts: readonly PublishedManifest[], outputs: readonly FeedOutput[]): Manifest {
  const manifests = oldestFirst(parts).map(({ manifest }) => manifest);
  const newest = manifests.at(-1)!;
  const accepted = parts.flatMap(({ manifest }) => manifest.accepted ?? []);
  const manifest = makeManifest({
    toolVersion: newest.tool.version,
    created: newest.created,
    inputs: [
      ...new Map(
        manifests.flatMap(({ inputs }) => inputs).map((input) => [`${input.id} ${input.sha256}`, input]),
      ).values(),
    ],
    sources: [
      ...new Map(manifests.flatMap(({ sources }) => sources).map((source) => [source.id, source])).values(),
    ],
    platforms: parts.flatMap(({ manifest: own }) => own.platforms),
    outputs,
    content: joinContent(manifests),
    ...(newest.severityFrom && { severityFrom: newest.severityFrom }),
  });
  return accepted.length > 0 ? { ...manifest, accepted } : manifest;
}

/** Entries of benchmarks by path, each for the platforms of all parts that have it. */
function joinContent(oldestFirst: readonly Manifest[]): FeedContent[] {
  const entries = new Map<string, FeedContent>();
  for (const { content = [] } of oldestFirst) {
    for (const entry of content) {
      const platforms = [...(entries.get(entry.path)?.platforms ?? []), ...entry.platforms];
      entries.set(entry.path, { ...entry, platforms: [...new Set(platforms)].sort(compareCodeUnits) });
    }
  }
  return [...entries.values()];
}

export function oldestFirst<Part extends PublishedManifest>(parts: readonly Part[]): Part[] {
  const order = ({ platform, manifest }: PublishedManifest) => `${manifest.created} ${platform}`;
  return [...parts].sort((a, b) => compareCodeUnits(order(a), order(b)));
}
