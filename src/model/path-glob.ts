/** Returns a predicate for paths that match a pattern: `*` and `?` match within a name, `**` across folders. */
export function pathMatcher(patterns: readonly string[]): (path: string) => boolean {
  const parsed = patterns.map((pattern) => pattern.match(/\*\*|[\s\S]/gu) ?? []);
  return (path) => parsed.some((tokens) => matches(tokens, path));
}

/** Follows all positions in the pattern at once, so that the time is at most the pattern's length times the path's. */
function matches(tokens: readonly string[], path: string): boolean {
  let places = withEmptyStars(tokens, [0]);
  for (const character of path) {
    const next: number[] = [];
    for (const at of places) {
      const token = tokens[at];
      const isStar = token === '**' || (token === '*' && character !== '/');
      if (isStar) next.push(at);
      else if (token === character || (token === '?' && character !== '/')) next.push(at + 1);
    }
    places = withEmptyStars(tokens, next);
    if (places.size === 0) return false;
  }
  return places.has(tokens.length);
}

/** Adds the positions after stars, because a star may match nothing. */
function withEmptyStars(tokens: readonly string[], places: readonly number[]): Set<number> {
  const all = new Set<number>();
  for (const place of places) {
    // A position that is already in the set was followed before: a row of stars is walked once.
    for (let at = place; !all.has(at); at += 1) {
      all.add(at);
      if (tokens[at] !== '*' && tokens[at] !== '**') break;
    }
  }
  return all;
}
