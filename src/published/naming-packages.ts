import { parseForeignJson } from '../io/foreign-json.ts';
import type { ShardRecord } from '../model/index.ts';

/** Names of packages to ids of platforms whose statements about them name an id. */
export type NamingPackages = Readonly<Record<string, readonly string[]>>;

/** Adds the packages of a platform's shard, in any pieces of whole lines, of which a statement names a vulnerability or an advisory. */
export function addNaming(
  packages: Record<string, string[]>,
  id: string,
  platform: string,
  pieces: Iterable<Uint8Array | string>,
): void {
  const texts = Array.from(pieces, (piece) => (typeof piece === 'string' ? piece : utf8.decode(piece)));
  // A statement names an id itself, or a list that has it.
  const ids = new Set([id]);
  for (const record of recordsWith(id, texts))
    if ('list' in record && record.ids.includes(id)) ids.add(record.list);
  for (const each of ids)
    for (const record of recordsWith(each, texts)) {
      if (!('claims' in record)) continue;
      const isNamed = record.claims.some(
        (claim) => claim.ids.includes(each) || claim.advisories?.includes(each) === true,
      );
      const platforms = packages[record.package] ?? [];
      if (isNamed && !platforms.includes(platform)) packages[record.package] = [...platforms, platform];
    }
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

function* recordsWith(id: string, texts: readonly string[]): Generator<ShardRecord> {
  const quoted = JSON.stringify(id);
  for (const text of texts)
    for (let end = 0, at = text.indexOf(quoted); at !== -1; at = text.indexOf(quoted, end)) {
      const next = text.indexOf('\n', at);
      end = next === -1 ? text.length : next;
      yield parseForeignJson(text.slice(text.lastIndexOf('\n', at) + 1, end)) as ShardRecord;
    }
}
