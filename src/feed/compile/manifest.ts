import {
  compareCodeUnits,
  type FeedContent,
  type FeedInput,
  type FeedOutput,
  type FeedPlatform,
  type FeedSource,
  feedFormat,
  type Manifest,
  undated,
} from '../../model/index.ts';

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

/** The newest date of the inputs. Without any, the data counts as too old for every limit. */
export function newestDate(inputs: readonly Pick<FeedInput, 'date'>[]): string {
  const dates = inputs.flatMap(({ date }) => date ?? []).sort((a, b) => Date.parse(a) - Date.parse(b));
  return dates.at(-1) ?? undated;
}

function sortedBy<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...items].sort((a, b) => compareCodeUnits(key(a), key(b)));
}
