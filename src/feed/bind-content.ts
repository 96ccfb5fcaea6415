import { type CompiledContent, contentPath, type FeedContent, type Platform } from '../model/feed/index.ts';
import { compareCodeUnits } from '../model/order.ts';
import type { Collector } from './compile/index.ts';
import { benchmarkCpes } from './oval/index.ts';

/** A benchmark with the platforms of this feed that it is for. */
export interface BoundContent {
  entry: FeedContent;
  bytes(): Buffer;
}

/**
 * Binds benchmarks to the feed's platforms by their CPE names. One that is for none of them is not written, and counted.
 * The platforms are those of the sources, without the ones that the user did not select.
 */
export function bindContent(collectors: readonly Collector[]): BoundContent[] {
  const platforms = collectors.flatMap((collector) => collector.platforms.map(({ platform }) => platform));
  const bound = collectors.flatMap(({ contents, ledger }) =>
    contents.flatMap((content) => {
      const ids = platforms.filter((platform) => isFor(content, platform)).map(({ id }) => id);
      if (ids.length > 0) return boundContent(content, ids);
      ledger.doubt(
        'no_platform_in_feed',
        `${content.input}#${content.document.name}`,
        content.cpes.join(' '),
      );
      return [];
    }),
  );
  return bound.sort((a, b) => compareCodeUnits(a.entry.path, b.entry.path));
}

function boundContent({ cpes: _, bytes, ...content }: CompiledContent, ids: readonly string[]): BoundContent {
  const { product, ...rest } = content;
  const entry = { path: contentPath(product), product, platforms: [...ids].sort(compareCodeUnits), ...rest };
  return { entry, bytes };
}

/** A name is also for a platform when it names one of its minor releases or an edition: `VENDOR:PRODUCT:9.4`, `…:22.04::~~lts~~~`. */
function isFor({ cpes }: CompiledContent, platform: Platform): boolean {
  const own = platform.os.version === undefined ? [] : benchmarkCpes(platform);
  return own.some((cpe) => cpes.some((name) => name === cpe || /^[.:]/.test(afterPrefix(name, cpe))));
}

function afterPrefix(name: string, prefix: string): string {
  return name.startsWith(prefix) ? name.slice(prefix.length) : '';
}
