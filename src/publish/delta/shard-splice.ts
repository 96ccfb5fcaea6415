import { kindText, storedClaim, withKeys } from '../../feed/compile/shard-records.ts';
import { claimIds, type ShardTables } from '../../feed/read/shard-records.ts';
import type { PackageRecord, ShardLine, ShardRecord, StoredClaim } from '../../model/feed/index.ts';
import { type LineAt, readLines } from '../feed/lines.ts';
import { applyLineEdits, type LineEdit } from './line-edits.ts';
import { type ClaimForm, editedClaims, type PackageEdit } from './shard-edits.ts';

/**
 * Makes the new shard by replacing only the lines of changed packages, in a tenth of the time of writing all lines. The result is
 * right only if no kind and no shared list changes, which the caller checks by digest; undefined if one certainly does.
 */
export function spliceShard(before: Buffer, path: string, edits: readonly PackageEdit[]): Buffer | undefined {
  const at = readLines(before, path);
  const { records, tables, keys } = readChanged(before, at, new Set(edits.map(([name]) => name)));
  const kinds = new Map(tables.kinds.map((kind, place) => [JSON.stringify(kind), place]));
  let moved = false;
  const places = {
    at(claim: Parameters<typeof kindText>[0]) {
      const place = kinds.get(kindText(claim));
      moved ||= place === undefined;
      return place ?? -1;
    },
  };
  const lists = {
    refer: (ids: readonly string[]) => withKeys(ids, (list) => keys.get(list.join())),
  };
  const form: ClaimForm<StoredClaim> = {
    ids: ({ ids }) => claimIds(ids, tables),
    withIds: (claim, ids) => ({ ...claim, ids: lists.refer(ids) }),
    withBuild: (claim, fixed) => ({ ...claim, fixed }),
    make: (claim) => storedClaim(claim, places, lists),
  };
  const lines = edits.map(([name, change]): LineEdit => {
    if (change === null) return [name, null];
    const record =
      typeof change === 'string'
        ? storedLine(JSON.parse(change) as ShardLine, form)
        : edited(records.get(name), change, form);
    return [name, JSON.stringify(record)];
  });
  return moved ? undefined : applyLineEdits(before, path, lines, at);
}

function storedLine(line: ShardLine, form: ClaimForm<StoredClaim>): PackageRecord {
  return { ...line, claims: line.claims.map(form.make) };
}

function edited(
  record: PackageRecord | undefined,
  change: Exclude<PackageEdit[1], string | null>,
  form: ClaimForm<StoredClaim>,
): PackageRecord {
  if (!record) throw new RangeError('no package to change');
  return { ...record, claims: editedClaims(record.claims, change, form) };
}

/** The tables of a shard, and the wanted packages. */
function readChanged(content: Buffer, lines: readonly LineAt[], wanted: ReadonlySet<string>) {
  let kinds: ShardTables['kinds'] = [];
  const lists = new Map<string, string[]>();
  const records = new Map<string, PackageRecord>();
  for (const { key, start, end } of lines) {
    if (!wanted.has(key) && isPackage(content, start)) continue;
    const record = JSON.parse(content.toString('utf8', start, end)) as ShardRecord;
    if ('package' in record) records.set(key, record);
    else if ('list' in record) lists.set(record.list, record.ids);
    else kinds = record.kinds;
  }
  const tables: ShardTables = { kinds, list: (key) => lists.get(key) };
  return { records, tables, keys: new Map([...lists].map(([key, ids]) => [ids.join(), key])) };
}

/** A package's line begins with `{"package"`, lines of tables with other words. */
function isPackage(content: Buffer, start: number): boolean {
  return content[start + 2] === 0x70;
}
