/** Result of comparing two versions; `undefined` where one of them cannot be parsed: never equal, never newer. */
export type Comparison = -1 | 0 | 1 | undefined;
