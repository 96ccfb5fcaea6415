import {
  type DefinitionClass,
  type DefinitionResult,
  definitionClasses,
  definitionResults,
  type OvalEvaluation,
} from '../../model/compliance/index.ts';

/** Counts of definitions by class and result. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(kind: DefinitionClass, result: DefinitionResult, count = 1): void {
    const key = `${kind} ${result}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + count);
  }

  /** The counts that are not zero, in the order of reports. */
  counts(): OvalEvaluation['counts'] {
    const byClass: OvalEvaluation['counts'] = {};
    for (const kind of definitionClasses) {
      const own = definitionResults.flatMap((result): [DefinitionResult, number][] => {
        const count = this.#counts.get(`${kind} ${result}`) ?? 0;
        return count === 0 ? [] : [[result, count]];
      });
      if (own.length > 0) byClass[kind] = Object.fromEntries(own);
    }
    return byClass;
  }
}
