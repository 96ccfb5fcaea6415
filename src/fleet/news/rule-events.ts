import type { Queries } from '../store/database.ts';
import type { Waivers } from '../waivers/acting-waivers.ts';
import type { FleetEvent, OtherCause } from './events.ts';
import { EventBook } from './feed-events.ts';
import { watchedImages } from './watched.ts';

interface RuleChange {
  image: number;
  profile: string;
  rule: string;
  severity: string;
  before: string;
  after: string;
  /** It has no digest of its files, which may be others than before. */
  changes?: boolean;
}

/** Rules that pass or fail otherwise than before: on the same image by other content, or on another build of it. */
export async function ruleEvents(
  queries: Queries,
  last: number,
  cause: OtherCause,
  waivers: Waivers,
): Promise<FleetEvent[]> {
  const columns = 'now.profile, now.rule, now.severity, was.result AS before, now.result AS after';
  const same = await queries.query<RuleChange>(
    `SELECT now.image, ${columns}, digest LIKE 'inventory:%' AS changes FROM fleet.rule_results AS now
     JOIN fleet.images ON images.id = now.image JOIN fleet.rule_results AS was
       ON was.image = now.image AND was.profile = now.profile AND was.rule = now.rule
     WHERE now.to_run IS NULL AND now.from_run > $1 AND was.from_run <= $1 AND was.to_run > $1
       AND now.image IN (${watchedImages})`,
    [last],
  );
  const rebuilt = await queries.query<RuleChange>(
    `SELECT moved.image, ${columns} FROM fleet.name_images AS moved
     CROSS JOIN LATERAL (SELECT image FROM fleet.name_images AS former WHERE former.name = moved.name
       AND former.id < moved.id AND former.from_run IS NOT NULL ORDER BY former.id DESC LIMIT 1) AS former
     JOIN fleet.rule_results AS now ON now.image = moved.image AND now.to_run IS NULL
     JOIN fleet.rule_results AS was ON was.image = former.image AND was.profile = now.profile AND was.rule = now.rule
       AND was.to_run IS NULL
     WHERE moved.from_run IS NULL AND moved.until IS NULL AND moved.image <> former.image`,
  );
  const events = new EventBook();
  for (const change of same) add(events, change, change.changes ? 'image' : cause, waivers);
  for (const change of rebuilt) add(events, change, 'image', waivers);
  return events.events();
}

const failing: ReadonlySet<string> = new Set(['fail', 'error', 'unknown']);

function add(
  events: EventBook,
  { image, profile, rule, severity, before, after }: RuleChange,
  cause: FleetEvent['cause'],
  waivers: Waivers,
): void {
  if (failing.has(before) === failing.has(after)) return;
  const kind = failing.has(after) ? 'rule_failed' : 'rule_passed';
  events.addWaivable(
    { kind, cause, package: rule, platform: profile, severity, before, after, images: [image] },
    () => waivers.ofRule(rule, image),
  );
}
