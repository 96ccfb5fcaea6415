/** Returns the distinct texts in code-unit order. */
export function unique(texts: Iterable<string>): string[] {
  return [...new Set(texts)].sort();
}
