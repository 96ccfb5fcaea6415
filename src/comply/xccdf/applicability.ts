import { ScapfeedError } from '../../model/error.ts';
import { maxDepth } from '../oval/depth.ts';
import type { Benchmark, CpeCheck, LogicalTest } from './model.ts';

/** Whether a platform holds; undefined: that cannot be judged. */
export type Holds = boolean | undefined;

/** All of them hold. */
export function allHold(results: readonly Holds[]): Holds {
  if (results.includes(false)) return false;
  return results.includes(undefined) ? undefined : true;
}

function anyHolds(results: readonly Holds[]): Holds {
  if (results.includes(true)) return true;
  return results.includes(undefined) ? undefined : false;
}

/** Judges platforms, each name once. */
export class Applicability {
  readonly #benchmark: Pick<Benchmark, 'cpeItems' | 'platformTests'>;
  readonly #holds: (check: CpeCheck) => Holds;
  readonly #known = new Map<string, Holds>();
  /** Number of platforms that are being judged, each needed by the one before. */
  #open = 0;

  /** `holds`: whether the OVAL definition of a CPE check is true. */
  constructor(benchmark: Pick<Benchmark, 'cpeItems' | 'platformTests'>, holds: (check: CpeCheck) => Holds) {
    this.#benchmark = benchmark;
    this.#holds = holds;
  }

  /** Any of the platforms holds; no platform at all holds everywhere. */
  any(platforms: readonly string[] | undefined): Holds {
    if (!platforms || platforms.length === 0) return true;
    return anyHolds(platforms.map((platform) => this.platform(platform)));
  }

  /** A platform by CPE name, or by the id of a platform of the CPE language. A name that nobody defines does not hold. */
  platform(name: string): Holds {
    if (this.#known.has(name)) return this.#known.get(name);
    if (this.#open === maxDepth) throw tooDeep(name);
    // A platform that refers to itself does not hold.
    this.#known.set(name, false);
    this.#open += 1;
    const result = this.#judge(name);
    this.#open -= 1;
    this.#known.set(name, result);
    return result;
  }

  #judge(name: string): Holds {
    const { cpeItems, platformTests } = this.#benchmark;
    const id = name.replace(/^#/, '');
    const test = Object.hasOwn(platformTests, id) ? platformTests[id] : undefined;
    if (test) return this.#logical(test);
    return anyHolds(
      Object.entries(cpeItems).flatMap(([item, checks]) =>
        isOrNarrows(item, name) ? checks.map(this.#holds) : [],
      ),
    );
  }

  #logical({ operator, negate, facts = [], checks = [], tests = [] }: LogicalTest): Holds {
    const results = [
      ...facts.map((fact) => this.platform(fact)),
      ...checks.map(this.#holds),
      ...tests.map((test) => this.#logical(test)),
    ];
    const result = operator === 'AND' ? allHold(results) : anyHolds(results);
    return negate && result !== undefined ? !result : result;
  }
}

function tooDeep(name: string): ScapfeedError {
  return new ScapfeedError({
    code: 'CONTENT_MALFORMED',
    message: `platforms refer to each other more than ${maxDepth} levels deep`,
    where: name,
    remedy: 'download the content from its publisher again',
  });
}

/** Whether a dictionary's name is that platform or a narrower one: `cpe:/o:redhat:enterprise_linux:9.4` is an `…:enterprise_linux`. */
function isOrNarrows(item: string, platform: string): boolean {
  const parts = uri(item).split(':');
  return uri(platform)
    .split(':')
    .every((part, at) => part === '' || part === parts[at]);
}

/** CPE 2.3 formatted string or 2.2 URI, as URI in lower case without empty parts at its end. */
function uri(name: string): string {
  const text = name.startsWith('cpe:2.3:')
    ? `cpe:/${name
        .slice('cpe:2.3:'.length)
        .split(':')
        .map((part) => (part === '*' ? '' : part))
        .join(':')}`
    : name;
  return text.toLowerCase().replace(/(?<!:):+$/, '');
}
