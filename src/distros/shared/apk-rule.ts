import type { Shard } from '../../feed/read/feed.ts';
import { kindOf } from '../../feed/read/shard-records.ts';
import { apkInstalled } from '../../packaging/apk/version.ts';
import type { SourceRule } from './match-source.ts';
import { judgePlainRows } from './plain-rows.ts';
import { plainThreshold } from './threshold.ts';

/** Every package is built from one source of the same version, and every row is about one release. */
export function apkRule(shard: Shard, marks: readonly string[] = []): SourceRule {
  return {
    installed: apkInstalled,
    packager: 'apk',
    rowsFor: ({ version }) => ({ shard, version, marks }),
    judge: (claims, tables, { installed }, all) => judgePlainRows(claims, tables, installed, all),
    threshold: (named, _, tables) =>
      plainThreshold(named.map((claim) => ({ kind: kindOf(claim, tables), claim }))),
  };
}
