import { ScapfeedError } from '../../model/error.ts';
import type {
  ListedWaiver,
  OwnersSeen,
  Waiver,
  WaiverRequest,
  WaiverState,
} from '../../model/fleet/index.ts';
import { dayOf, waiverColumns } from '../waivers/acting-waivers.ts';
import { type WaiverUse, waiverUses } from '../waivers/waived-flaws.ts';
import { recordActs } from './audit.ts';
import type { Database, Queries } from './database.ts';
import { storable } from './json.ts';
import { closeNumberGap } from './number-gap.ts';
import { ownedBy, ownerRules } from './owners.ts';
import { flawsOfRecord } from './record-flaws.ts';
import { lockCounts, refreshWaived } from './waived-counts.ts';

/** Limits on what a person writes: it stands in every list and message. */
const longest = { vulnerability: 200, rule: 400, package: 200, image: 1000, reason: 2000, author: 200 };

/**
 * Accepts a risk, from now on. `by`: the author. Returns the number of the waiver. @throws USAGE for one that would match
 * anything, has no reason, or ends on a day that is over or in no calendar
 */
export async function addWaiver(
  database: Database,
  request: WaiverRequest,
  by: string,
  now: Date,
): Promise<number> {
  requireWaiver(request, by, dayOf(now));
  const { vulnerability, rule, package: name, image, owner, reason, until } = request;
  return database.transaction(async (queries) => {
    await lockCounts(queries);
    await requireOwner(queries, owner);
    const meant = vulnerability === undefined ? undefined : await flawNamed(queries, vulnerability);
    await closeNumberGap(queries, 'waivers');
    const [row] = await queries.query<{ id: number }>(
      `INSERT INTO fleet.waivers (vulnerability, rule, package, image, owner, reason, until, author, created)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id`,
      [
        ...[meant, rule, name, image, owner, reason, until, by].map((text) =>
          text === undefined ? null : storable(text),
        ),
        now,
      ],
    );
    await refreshWaived(queries, now);
    await recordActs(
      queries,
      [{ actor: by, kind: 'change', act: actOf(row!.id, { ...request, vulnerability: meant }) }],
      now,
    );
    return row!.id;
  });
}

/**
 * The id of the open flaw that a record about packages of languages states: waivers, pages and news name flaws by one id.
 * @throws USAGE for a record about several flaws
 */
async function flawNamed(queries: Queries, id: string): Promise<string> {
  const flaws = await flawsOfRecord(queries, id);
  if (flaws.length === 0 || flaws.includes(id)) return id;
  if (flaws.length === 1) return flaws[0]!;
  throw new ScapfeedError({
    code: 'USAGE',
    message: `${id} is a record about ${flaws.length} vulnerabilities`,
    remedy: `waive those that you mean: ${flaws.slice(0, 20).join(', ')}`,
  });
}

/** `waiver 3 of CVE-2023-45853 in zlib, images registry.example/** of payments until 2027-03-31: minizip is not built`. */
function actOf(
  id: number,
  {
    vulnerability,
    rule,
    package: name,
    image,
    owner,
    until,
    reason,
  }: Omit<WaiverRequest, 'vulnerability'> & {
    vulnerability: string | undefined;
  },
): string {
  const scope = [
    name === undefined ? '' : ` in ${name}`,
    image === undefined ? '' : `, images ${image}`,
    owner === undefined ? '' : ` of ${owner}`,
    until === undefined ? '' : ` until ${until}`,
  ];
  return `waiver ${id} of ${vulnerability ?? rule}${scope.join('')}: ${reason}`;
}

/** A name that no rule has stands for no image. @throws USAGE */
export async function requireOwner(queries: Queries, owner: string | undefined): Promise<void> {
  if (owner === undefined || (await ownerRules(queries)).some((rule) => rule.owner === owner)) return;
  throw new ScapfeedError({
    code: 'USAGE',
    message: `no rule of the fleet names the owner ${owner.slice(0, 200)}`,
    remedy: 'see `scapfeed fleet owners`',
  });
}

/**
 * Ends a waiver, which stays in the list of all, with the name of who ended it. False if there is none with this number, or it
 * had ended. `owners`: only a waiver of one of these; another one, and one without an owner, is treated as absent.
 */
export async function endWaiver(
  database: Database,
  id: number,
  by: string,
  now: Date,
  owners: OwnersSeen,
): Promise<boolean> {
  return database.transaction(async (queries) => {
    await lockCounts(queries);
    const ended = await queries.query<{ id: number }>(
      `UPDATE fleet.waivers SET ended = $2, ended_by = $3
       WHERE id = $1 AND ended IS NULL AND ($4::boolean OR owner = ANY($5::text[])) RETURNING id`,
      [id, now, storable(by), owners === 'all', owners === 'all' ? [] : owners],
    );
    if (ended.length === 0) return false;
    await refreshWaived(queries, now);
    await recordActs(queries, [{ actor: by, kind: 'change', act: `ended waiver ${id}` }], now);
    return true;
  });
}

/**
 * Waivers with what they do, the oldest first; withdrawn ones only on request. `seen`: those of these owners and those that act in
 * images of theirs, with what they do there.
 */
export async function listWaivers(
  queries: Queries,
  now: Date,
  seen: OwnersSeen,
  { ended: withEnded = false }: { ended?: boolean } = {},
): Promise<ListedWaiver[]> {
  const rows = await queries.query<WaiverRow>(
    `SELECT ${waiverColumns}, created, ended, ended_by FROM fleet.waivers ${withEnded ? '' : 'WHERE ended IS NULL'} ORDER BY id`,
  );
  const owned = await ownedBy(queries, seen);
  const uses = await waiverUses(queries, rows, owned && ((image) => owned.images.has(image)));
  const shown = rows.filter(
    ({ id, owner }) =>
      seen === 'all' || (owner !== null && seen.includes(owner)) || uses.get(id)!.images.size > 0,
  );
  return shown.map(({ created, ended, ended_by: endedBy, ...waiver }) => {
    const use = uses.get(waiver.id)!;
    return {
      ...waiver,
      created: created.toISOString(),
      ended: ended?.toISOString() ?? null,
      endedBy,
      state: stateOf({ ...waiver, ended }, use, dayOf(now)),
      flaws: use.flaws.size,
      images: use.images.size,
    };
  });
}

interface WaiverRow extends Waiver {
  created: Date;
  ended: Date | null;
  ended_by: string | null;
}

function stateOf(
  { until, ended }: Pick<WaiverRow, 'until' | 'ended'>,
  use: WaiverUse,
  day: string,
): WaiverState {
  if (ended !== null) return 'ended';
  if (until !== null && until < day) return 'expired';
  return use.flaws.size > 0 ? 'used' : 'unused';
}

function requireWaiver(request: WaiverRequest, author: string, day: string): void {
  const { vulnerability, rule, package: name, reason, until } = request;
  if ((vulnerability === undefined) === (rule === undefined))
    throw refused('expected one vulnerability or one rule');
  if (rule !== undefined && name !== undefined) throw refused('a rule is about no package');
  if (reason.trim() === '') throw refused('expected a reason, found none');
  for (const [part, limit] of Object.entries(longest)) {
    const text = { ...request, author }[part as keyof typeof longest];
    if (text === undefined) continue;
    if (text.trim() === '') throw refused(`${part}: expected a text, found none`);
    if (text.length > limit)
      throw refused(`${part}: expected at most ${limit} characters, found ${text.length}`);
  }
  const id = vulnerability ?? rule ?? '';
  if (/[\s*?]/.test(id)) throw refused(`expected a whole id, found ${id}`);
  if (until === undefined) return;
  const date = new Date(`${until}T00:00:00Z`);
  if (Number.isNaN(date.getTime()) || dayOf(date) !== until)
    throw refused(`until: expected a day as 2027-03-31, found ${until}`);
  if (until < day) throw refused(`until: ${until} is over`);
}

function refused(message: string): ScapfeedError {
  return new ScapfeedError({
    code: 'USAGE',
    message,
    remedy: 'a waiver needs a vulnerability or a rule, a reason, and optionally its last day',
  });
}
