import { compareCodeUnits } from '../order.ts';
import type { FeedInput, FeedOutput, FeedPlatform, FeedSource, Manifest } from './feed.ts';
import { feedFormat } from './feed.ts';
import type { FeedContent } from './feed-content.ts';

export interface ManifestParts {
  toolVersion: string;
  created: string;
  inputs: readonly FeedInput[];
  sources: readonly FeedSource[];
  platforms: readonly FeedPlatform[];
  outputs: readonly FeedOutput[];
  content?: readonly FeedContent[];
  severityFrom?: Manifest['severityFrom'];
}

/** Makes a manifest in a fixed order, so that equal feeds have equal manifests. */
export function makeManifest(parts: ManifestParts): Manifest {
  return {
    format: feedFormat,
    tool: { name: 'scapfeed', version: parts.toolVersion },
    created: parts.created,
    inputs: sortedBy(parts.inputs, (input) => `${input.id}\0${input.url}`),
    sources: sortedBy(parts.sources, (source) => source.id),
    platforms: sortedBy(parts.platforms, (platform) => platform.id),
    outputs: sortedBy(parts.outputs, (output) => output.path),
    ...(parts.severityFrom ? { severityFrom: parts.severityFrom } : {}),
    ...(parts.content?.length ? { content: sortedBy(parts.content, (content) => content.path) } : {}),
  };
}

function sortedBy<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...items].sort((a, b) => compareCodeUnits(key(a), key(b)));
}
