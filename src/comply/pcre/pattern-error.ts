/** The pattern is not PCRE, has a construct that is not supported, or its match reached a limit. */
export class PatternError extends Error {
  readonly unsupported: boolean;

  constructor(message: string, unsupported = false) {
    super(message);
    this.name = 'PatternError';
    this.unsupported = unsupported;
  }
}
