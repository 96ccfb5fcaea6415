import { isAssessmentPart } from '../../published/assessment-parts.ts';
import type { FeedPart } from '../feed/part.ts';
import { packagesOf } from '../feed/shard.ts';
import { type AssessmentChanges, assessmentChanges } from './assessment-changes.ts';
import { type PlatformChanges, platformChanges } from './changes.ts';

/** `changes.json`: the changes of every platform, in a publication or a diff of two feeds. */
export interface ChangesDocument {
  format: 1;
  /** ISO 8601. */
  date: string;
  /** Absent if one of the feeds has no ratings and no exploitation data. */
  assessments?: AssessmentChanges;
  platforms: PlatformChanges[];
}

/** Platforms in code-unit order. For a new platform only its size is given, not every row. */
export function changesDocument(
  after: readonly FeedPart[],
  before: ReadonlyMap<string, FeedPart>,
  date: string,
): ChangesDocument {
  const now = new Map(after.map((part) => [part.platform, part]));
  const names = [...new Set([...now.keys(), ...before.keys()])]
    .filter((name) => !isAssessmentPart(name))
    .sort();
  const assessments = assessmentChanges(before, now);
  const platforms = names.map((platform) => {
    const old = before.get(platform);
    const part = now.get(platform);
    const changes =
      old && part
        ? platformChanges(platform, packagesOf(old), packagesOf(part))
        : platformChanges(platform, undefined, undefined);
    const was = statementsOf(old);
    const is = statementsOf(part);
    return {
      ...changes,
      statements: {
        ...(was === undefined ? {} : { before: was }),
        ...(is === undefined ? {} : { after: is }),
      },
    };
  });
  return { format: 1, date, ...(assessments && { assessments }), platforms };
}

function statementsOf(part: FeedPart | undefined): number | undefined {
  return part?.manifest.platforms[0]?.statements;
}
