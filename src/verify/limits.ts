/** Bytes of one list of files or digests: the longest of Debian (fonts of TeX, headers of kernels) have some 5 MB. */
export const maxListBytes = 32 << 20;

/** Bytes of diversions, overrides and accounts: real ones have some 10 kB. */
export const maxTableBytes = 4 << 20;

/** Paths of all packages: a workstation with everything of TeX has half a million. */
export const maxOwnedPaths = 2_000_000;

/** Notes of one code that are given with their places; the rest is counted. */
export const notedPlaces = 5;
