/** How many records the documents of each vendor in a mirror have. */
export function recordCounts(mirror: string): Readonly<Record<'almalinux' | 'alpine' | 'rocky', number>>;
