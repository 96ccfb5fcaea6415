import type { FeedInput, Manifest } from '../model/feed/index.ts';
import type { Source } from '../sources/contract.ts';

/** An input or source that is much smaller than in the previous feed, or a platform that is gone. */
export interface Shrinkage {
  /** Id of a source (counted in records), of an input (in bytes) or of a platform (in statements). */
  of: string;
  unit: 'records' | 'bytes' | 'statements';
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

/** Platforms that only the first feed has, though their sources were read and may still have them. */
export function lostPlatforms(
  before: Pick<Manifest, 'platforms'>,
  now: Pick<Manifest, 'platforms' | 'sources'>,
  sources: readonly Pick<Source, 'id' | 'platforms'>[],
): Shrinkage[] {
  const failed = new Set(now.sources.flatMap((source) => (source.failed === undefined ? [] : source.id)));
  const mayHave = ({ id, source }: Manifest['platforms'][number]) =>
    sources.some(
      (read) =>
        read.id === source &&
        !failed.has(source) &&
        (read.platforms?.some((platform) => platform.id === id) ?? true),
    );
  const has = new Set(now.platforms.map(({ id }) => id));
  return before.platforms
    .filter((platform) => !has.has(platform.id) && mayHave(platform))
    .map(({ id, statements }) => ({ of: id, unit: 'statements', before: statements, now: 0 }));
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
