import type { FeedInput, Manifest } from '../model/feed/index.ts';

/** An input or source that is much smaller than in the previous feed. */
export interface Shrinkage {
  /** Id of a source (counted in records) or of an input (in bytes). */
  of: string;
  unit: 'records' | 'bytes';
  before: number;
  now: number;
}

/** Vendors withdraw single records and close old lists; a document that loses half at once is probably incomplete. */
export const usualLoss = 0.5;

/** Smaller ones are not compared: a point release may empty a suite of updates. */
const leastRecords = 200;
const leastBytes = 100_000;

/**
 * Sources and inputs that both feeds have and that lost more than `allowed` of their records or bytes. Documents in
 * another packing are not compared, nor are sets of documents, whose archive takes them in.
 */
export function shrinkages(
  before: Pick<Manifest, 'sources' | 'inputs'>,
  now: Pick<Manifest, 'sources' | 'inputs'>,
  allowed = usualLoss,
): Shrinkage[] {
  const sources = new Map(before.sources.map((source) => [source.id, source.records]));
  const inputs = new Map(before.inputs.filter(isDocument).map((input) => [inputKey(input), input.size]));
  const all: Shrinkage[] = [
    // The build has already reported a failed source.
    ...now.sources
      .filter(({ failed }) => failed === undefined)
      .map(({ id, records }) => ({
        of: id,
        unit: 'records' as const,
        before: sources.get(id) ?? 0,
        now: records,
      })),
    ...now.inputs.filter(isDocument).map((input) => ({
      of: input.id,
      unit: 'bytes' as const,
      before: inputs.get(inputKey(input)) ?? 0,
      now: input.size,
    })),
  ];
  return all.filter(({ unit, before: had, now: has }) => {
    const least = unit === 'records' ? leastRecords : leastBytes;
    return had >= least && (had - has) / had > allowed;
  });
}

export function shrinkageText({ of, unit, before, now }: Shrinkage): string {
  const number = (value: number) => value.toLocaleString('en-US');
  return `${of} has ${number(now)} ${unit}, ${number(before)} before`;
}

/** A set of documents has the address of its folder; a document of changes is as long as the days that it covers. */
function isDocument({ id, url }: FeedInput): boolean {
  return !url.endsWith('/') && !/-(?:delta-\d{4}-\d\d-\d\d|modified|recent)$/.test(id);
}

function inputKey({ id, url }: FeedInput): string {
  return `${id} ${/\.[a-z0-9]+$/i.exec(url)?.[0] ?? ''}`;
}
