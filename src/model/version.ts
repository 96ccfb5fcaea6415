/** Result of comparing two versions. `undefined` if one of them cannot be parsed. */
export type Comparison = -1 | 0 | 1 | undefined;
