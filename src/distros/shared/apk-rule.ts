import type { Shard } from '../../feed/read/feed.ts';
import { kindOf, type ShardTables } from '../../feed/read/shard-records.ts';
import type { ClaimKind, StoredClaim } from '../../model/feed/index.ts';
import { apkInstalled } from '../../packaging/apk/version.ts';
import type { SourceRule } from './match-source.ts';
import { judgePlainRows } from './plain-rows.ts';
import { plainThreshold } from './threshold.ts';

interface ApkRows {
  marks?: readonly string[];
  /** Of a package's statements those that apply. Default: all. */
  applies?(kind: ClaimKind): boolean;
}

/** Every package is built from one source of the same version, and every row is about one release. */
export function apkRule(shard: Shard, { marks = [], applies }: ApkRows = {}): SourceRule {
  const own = (claims: readonly StoredClaim[], tables: ShardTables) =>
    applies === undefined ? claims : claims.filter((claim) => applies(kindOf(claim, tables)));
  return {
    installed: apkInstalled,
    packager: 'apk',
    rowsFor: ({ version }) => ({ shard, version, marks }),
    judge: (claims, tables, { installed }, all) =>
      judgePlainRows(own(claims, tables), tables, installed, all),
    threshold: (named, _, tables) =>
      plainThreshold(own(named, tables).map((claim) => ({ kind: kindOf(claim, tables), claim }))),
  };
}
