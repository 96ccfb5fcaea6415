import { claimIds } from '../../feed/read/shard-records.ts';
import { parseForeignJson } from '../../io/foreign-json.ts';
import type { PackageRecord, ShardRecord } from '../../model/feed/index.ts';
import { compareCodeUnits } from '../../model/order.ts';
import { isAssessmentPart } from '../../published/assessment-parts.ts';
import type { SearchRecord } from '../../published/search-record.ts';
import type { FeedPart } from '../feed/part.ts';

/** Packages of each id or name, with the platforms that have statements about it in them. */
type Found = Map<string, Map<string, string[]>>;

/** The lines of {@link SearchRecord}s of all platforms, by vulnerability, advisory and package. */
export async function searchFile(parts: readonly FeedPart[]): Promise<Buffer> {
  const found: Found = new Map();
  const platforms = parts.filter(({ platform }) => !isAssessmentPart(platform));
  for (const part of [...platforms].sort((a, b) => compareCodeUnits(a.platform, b.platform)))
    addShard(found, part.platform, await part.load(`index/${part.platform}.jsonl`));
  const lines: Buffer[] = [];
  for (const id of [...found.keys()].sort(compareCodeUnits)) {
    const packages = [...found.get(id)!].sort(([a], [b]) => compareCodeUnits(a, b));
    const record: SearchRecord = { id, packages: Object.fromEntries(packages) };
    lines.push(Buffer.from(`${JSON.stringify(record)}\n`));
    found.delete(id);
  }
  return Buffer.concat(lines);
}

function addShard(found: Found, platform: string, content: Buffer): void {
  const lists = new Map<string, readonly string[]>();
  const records: PackageRecord[] = [];
  for (const line of linesOf(content)) {
    const record = parseForeignJson(line) as ShardRecord;
    if ('list' in record) lists.set(record.list, record.ids);
    else if ('claims' in record) records.push(record);
  }
  const tables = { kinds: [], list: (key: string) => lists.get(key) };
  for (const { package: name, claims } of records) {
    const ids = new Set([name]);
    for (const claim of claims) {
      for (const id of claimIds(claim.ids, tables)) ids.add(id);
      for (const id of claim.advisories ?? []) ids.add(id);
    }
    for (const id of ids) {
      const packages = found.get(id) ?? new Map<string, string[]>();
      found.set(id, packages);
      const platforms = packages.get(name);
      if (platforms) platforms.push(platform);
      else packages.set(name, [platform]);
    }
  }
}

function* linesOf(content: Buffer): Iterable<string> {
  for (let start = 0; start < content.length; ) {
    const found = content.indexOf(0x0a, start);
    const end = found === -1 ? content.length : found;
    yield content.toString('utf8', start, end);
    start = end + 1;
  }
}
