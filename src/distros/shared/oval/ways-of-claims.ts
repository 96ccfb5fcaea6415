import type { ShardClaim } from '../../../model/feed/index.ts';

/**
 * Caches the result for a list of claims: most rows share their claims with another row, as an advisory fixes several flaws. Rows
 * of other packages may join those of a vulnerability, so the parts that the rows judge are compared too.
 */
export class WaysOfClaims<Part, Made> {
  readonly #isSame: (a: Part, b: Part) => boolean;
  /** By the list of claims, the last that was made. */
  readonly #known = new Map<readonly ShardClaim[], { parts: readonly Part[]; made: Made }>();

  constructor(isSame: (a: Part, b: Part) => boolean) {
    this.#isSame = isSame;
  }

  of(claims: readonly ShardClaim[], parts: readonly Part[], make: (parts: readonly Part[]) => Made): Made {
    const known = this.#known.get(claims);
    if (
      known?.parts.length === parts.length &&
      parts.every((part, at) => this.#isSame(part, known.parts[at]!))
    )
      return known.made;
    const made = make(parts);
    this.#known.set(claims, { parts, made });
    return made;
  }
}
