import { type Claim, compareCodeUnits, type Subject } from '../../model/index.ts';
import { compareRpmEvr } from '../../packaging/rpm/version.ts';
import type { Gathered } from '../../sources/csaf/statuses.ts';

/** What one document says about packages of one platform in the same words. */
export interface Row {
  platform: string;
  claim: Omit<Claim, 'evidence'>;
  /** The key of product_status. */
  key: string;
  subject: Subject;
  /** Package names, sorted. */
  names: string[];
}

/** A statement about one package. */
type Saying = Omit<Row, 'names'> & { name: string };

/** Channels in which a release goes on after its own support; a flaw that is fixed there is in the release itself. */
const laterChannels = ['ltss', 'ltss-es', 'espos'];

/**
 * The statements of one vulnerability, grouped by content. A contradiction is a finding, and the flaw counts. What only a later
 * channel has is stated for the release too: its packages have the flaw, and the fix must be bought.
 */
export function rowsOf(
  gathered: readonly Gathered[],
  doubt: (reason: string, detail: string) => void,
): Row[] {
  const sayings = gathered.flatMap(sayingsOf);
  const kept = withHighestFix(withoutContradictions(sayings, doubt), doubt);
  return joined([...kept, ...ofTheRelease(kept)]);
}

function sayingsOf({ target, key, status, severity, fixState, reason, advisories }: Gathered): Saying[] {
  const { stream, name, version, unsure } = target;
  const { platform, channel } = stream;
  const claim: Row['claim'] = {
    status,
    // Of a package that is not affected no severity is told, so that equal statements stay equal.
    severity: status === 'not_affected' ? 'unknown' : severity,
    ...(status === 'fixed' ? { fixed: version! } : {}),
    ...(status === 'affected' ? { fixState: fixState?.fixState ?? 'none_yet' } : {}),
    ...(reason === undefined ? {} : { reason }),
    ...(status === 'fixed' && advisories.length > 0 ? { advisories: [...advisories].sort() } : {}),
    ...(channel === undefined ? {} : { channel }),
  };
  const saying: Saying = { platform, claim, key, subject: 'binary', name };
  return unsure ? [{ ...saying, subject: 'source' }, saying] : [saying];
}

function placeOf({ platform, claim: { channel }, subject, name }: Saying, of = channel): string {
  return `${platform} ${of ?? ''} ${subject} ${name}`;
}

/** One module of a release may ship a build that is not affected and another one that is. */
function withoutContradictions(
  sayings: readonly Saying[],
  doubt: (reason: string, detail: string) => void,
): Saying[] {
  const flawed = new Set(
    sayings.filter(({ claim }) => claim.status !== 'not_affected').map((saying) => placeOf(saying)),
  );
  return sayings.filter((saying) => {
    if (saying.claim.status !== 'not_affected' || !flawed.has(placeOf(saying))) return true;
    doubt('affected_and_not', `${saying.platform}: ${saying.name}`);
    return false;
  });
}

/** Modules of a release may recommend different builds: only the last of them is known to have the fix wherever it is from. */
function withHighestFix(
  sayings: readonly Saying[],
  doubt: (reason: string, detail: string) => void,
): Saying[] {
  const highest = new Map<string, string>();
  const fixes = sayings.filter(({ claim }) => claim.fixed !== undefined);
  for (const saying of fixes) {
    const [place, fixed] = [placeOf(saying), saying.claim.fixed!];
    const known = highest.get(place);
    if (known === undefined || compareRpmEvr(known, fixed) === -1) highest.set(place, fixed);
    if (known !== undefined && known !== fixed)
      doubt('several_builds', `${saying.platform}: ${saying.name} ${known}, ${fixed}`);
  }
  return sayings.filter(
    (saying) => saying.claim.fixed === undefined || saying.claim.fixed === highest.get(placeOf(saying)),
  );
}

function ofTheRelease(sayings: readonly Saying[]): Saying[] {
  const known = new Set(sayings.map((saying) => placeOf(saying)));
  return laterChannels.flatMap((channel) =>
    sayings.flatMap((saying) => {
      const { claim } = saying;
      if (claim.channel !== channel || claim.status === 'not_affected') return [];
      const place = placeOf(saying, '');
      if (known.has(place)) return [];
      known.add(place);
      const { channel: _, fixed, advisories: __, ...rest } = claim;
      const told: Row['claim'] =
        fixed === undefined
          ? { ...rest, marks: ['inferred'] }
          : {
              ...rest,
              status: 'affected',
              fixState: 'other_channel',
              channelFix: fixed,
              reason: channel,
              marks: ['inferred'],
            };
      return [{ ...saying, claim: told }];
    }),
  );
}

function joined(sayings: readonly Saying[]): Row[] {
  const rows = new Map<string, Row>();
  for (const { name, ...said } of sayings) {
    const key = JSON.stringify(said);
    const row = rows.get(key);
    if (row) row.names.push(name);
    else rows.set(key, { ...said, names: [name] });
  }
  for (const row of rows.values()) row.names = [...new Set(row.names)].sort(compareCodeUnits);
  return [...rows.values()];
}
