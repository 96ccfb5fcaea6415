/**
 * The images whose files are compared with their packages: those read for the first time (`new`), also known ones that were never
 * compared (`all`), or none (`none`).
 */
export const fleetVerifying = ['new', 'all', 'none'] as const;

/** The images whose files a run compares with their packages. */
export type FleetVerifying = (typeof fleetVerifying)[number];
