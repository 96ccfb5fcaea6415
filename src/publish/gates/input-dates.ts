import type { FeedPart } from '../feed/part.ts';

/**
 * The date of each input by its id: the document's own date, or, without one, the time when its bytes were first published.
 * A file that no longer changes becomes old by either. `known`: dates of earlier publishes.
 */
export function inputDates(
  { manifest }: FeedPart,
  last: FeedPart | undefined,
  known: ReadonlyMap<string, readonly string[]>,
  date: string,
): Map<string, string> {
  const before = new Map(last?.manifest.inputs.map(({ id, sha256 }) => [id, sha256]));
  return new Map(
    manifest.inputs.map((input) => {
      const since = before.get(input.id) === input.sha256 ? known.get(input.id)?.[0] : undefined;
      return [input.id, input.date ?? since ?? date];
    }),
  );
}
