/**
 * Whose files are compared with their packages: of images that are read for the first time, also of known ones whose files never
 * were, or of none.
 */
export const fleetVerifying = ['new', 'all', 'none'] as const;

/** Whose files a run compares with their packages. */
export type FleetVerifying = (typeof fleetVerifying)[number];
