/** Number of records in each vendor's documents in a mirror. */
export function recordCounts(mirror: string): Readonly<Record<'almalinux' | 'alpine' | 'rocky', number>>;
