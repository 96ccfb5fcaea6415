/** The lines of a package's description. */
export const description: readonly string[];
/** Paths in the repository, sorted. */
export function documents(): string[];
