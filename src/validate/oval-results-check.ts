import type { ElementCheck, ElementStart } from './element.ts';
import { OvalChecker } from './oval-check.ts';
import type { ProblemList } from './problem.ts';

const verdicts = new Set(['true', 'false', 'error', 'unknown', 'not evaluated', 'not applicable']);

/** Checks OVAL results: their definitions, and that each result is about one of them and has a valid value. */
export class OvalResultsCheck implements ElementCheck {
  readonly #definitions: OvalChecker;
  readonly #problems: ProblemList;
  readonly #spoken: { id: string; line: number }[] = [];
  #depth = 0;
  #inDefinitions = false;

  constructor(problems: ProblemList) {
    this.#problems = problems;
    this.#definitions = new OvalChecker(problems);
  }

  /** The generator of the definitions in the results. */
  get generator(): string {
    return this.#definitions.generator;
  }

  begin(element: ElementStart): void {
    this.#depth += 1;
    if (this.#depth === 2 && element.name === 'oval_definitions') this.#inDefinitions = true;
    if (this.#inDefinitions) this.#definitions.begin(element);
    else this.#result(element);
  }

  end(element: ElementStart, text: string): void {
    if (this.#inDefinitions) this.#definitions.end(element, text);
    if (this.#depth === 2) this.#inDefinitions = false;
    this.#depth -= 1;
  }

  finish(): void {
    if (this.#definitions.items.size === 0) return;
    this.#definitions.finish();
    for (const { id, line } of this.#spoken) {
      if (!this.#definitions.items.has(id))
        this.#problems.error('results', line, 'a result of an item that is not there', id);
    }
  }

  #result({ name, attributes, line }: ElementStart): void {
    const id = attributes['definition_id'] ?? attributes['test_id'];
    if (id === undefined || (name !== 'definition' && name !== 'test')) return;
    this.#spoken.push({ id, line });
    const result = attributes['result'];
    if (result !== undefined && !verdicts.has(result))
      this.#problems.error('results', line, `"${result}" is no result`, id);
  }
}
