/** Limit on diversions, overrides and accounts, in bytes. Real ones have some 10 kB. */
export const maxTableBytes = 4 << 20;

/** Limit on the paths of all packages. A workstation with all of TeX has half a million. */
export const maxOwnedPaths = 2_000_000;

/** Limit on the notes of one code that are listed with their places; the rest is counted. */
export const notedPlaces = 5;
