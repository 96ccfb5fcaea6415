/** Variables of the process, or those that a caller gives instead. */
export type Environment = Readonly<Record<string, string | undefined>>;
