import type { EvaluationAllowance } from '../oval/allowance.ts';
import { type ObjectCollector, OvalEngine } from '../oval/engine.ts';
import type { OvalLookup } from '../oval/lookup.ts';

/** Values that one check gives to the external variables of a document. */
export interface Exports {
  href: string;
  values: ReadonlyMap<string, readonly string[]>;
}

interface EngineSettings {
  collect: ObjectCollector;
  now: number;
  patience?: number;
  allowance?: EvaluationAllowance;
}

/**
 * The engines of an evaluation. All checks of a document share one engine, unless two checks export different values to the
 * same variable: then each combination of values gets its own.
 */
export class Engines {
  readonly used: { href: string; engine: OvalEngine }[] = [];
  readonly #documents: ReadonlyMap<string, OvalLookup>;
  readonly #settings: EngineSettings;
  readonly #common = new Map<string, Map<string, readonly string[]>>();
  readonly #contested = new Map<string, Set<string>>();
  readonly #engines = new Map<string, OvalEngine>();

  constructor(
    documents: ReadonlyMap<string, OvalLookup>,
    settings: EngineSettings,
    exports: readonly Exports[],
  ) {
    this.#documents = documents;
    this.#settings = settings;
    for (const each of exports) this.#note(each);
  }

  /** The engine for a check with these values; undefined where the document is not there. */
  for(href: string, values: ReadonlyMap<string, readonly string[]>): OvalEngine | undefined {
    const own = [...values].filter(([name]) => this.#contested.get(href)?.has(name));
    return this.#engine(href, own);
  }

  /** The engine for platform checks, which have no values of their own. */
  platform(href: string): OvalEngine | undefined {
    return this.#engine(href, []);
  }

  #engine(href: string, own: readonly (readonly [string, readonly string[]])[]): OvalEngine | undefined {
    const key = own.length === 0 ? href : `${href}\0${JSON.stringify(own)}`;
    const known = this.#engines.get(key);
    const document = this.#documents.get(href);
    if (known || !document) return known;
    const external = new Map([...(this.#common.get(href) ?? []), ...own]);
    const engine = new OvalEngine({ document, external, ...this.#settings });
    this.#engines.set(key, engine);
    this.used.push({ href, engine });
    return engine;
  }

  #note({ href, values }: Exports): void {
    const common = this.#common.get(href) ?? new Map<string, readonly string[]>();
    this.#common.set(href, common);
    for (const [name, value] of values) {
      const before = common.get(name);
      if (before === undefined) common.set(name, value);
      else if (JSON.stringify(before) !== JSON.stringify(value)) this.#contest(href, name);
    }
  }

  #contest(href: string, name: string): void {
    const contested = this.#contested.get(href) ?? new Set<string>();
    contested.add(name);
    this.#contested.set(href, contested);
  }
}
