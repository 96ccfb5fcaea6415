import { ScapfeedError } from '../../model/index.ts';
import { maxDepth } from '../oval/depth.ts';
import type { Benchmark, CpeCheck, LogicalTest } from './model.ts';

/** Judges platforms, each name once. */
export class Applicability {
  readonly #benchmark: Pick<Benchmark, 'cpeItems' | 'platformTests'>;
  readonly #holds: (check: CpeCheck) => boolean;
  readonly #known = new Map<string, boolean>();
  /** Number of platforms that are being judged, each needed by the one before. */
  #open = 0;

  /** `holds`: whether the OVAL definition of a CPE check is true. */
  constructor(benchmark: Pick<Benchmark, 'cpeItems' | 'platformTests'>, holds: (check: CpeCheck) => boolean) {
    this.#benchmark = benchmark;
    this.#holds = holds;
  }

  /** Any of the platforms holds; no platform at all holds everywhere. */
  any(platforms: readonly string[] | undefined): boolean {
    if (!platforms || platforms.length === 0) return true;
    return platforms.some((platform) => this.platform(platform));
  }

  /** A platform by CPE name, or by the id of a platform of the CPE language. A name that nobody defines does not hold. */
  platform(name: string): boolean {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    if (this.#open === maxDepth) throw tooDeep(name);
    // A platform that refers to itself does not hold.
    this.#known.set(name, false);
    this.#open += 1;
    const result = this.#judge(name);
    this.#open -= 1;
    this.#known.set(name, result);
    return result;
  }

  #judge(name: string): boolean {
    const { cpeItems, platformTests } = this.#benchmark;
    const id = name.replace(/^#/, '');
    const test = Object.hasOwn(platformTests, id) ? platformTests[id] : undefined;
    if (test) return this.#logical(test);
    return Object.entries(cpeItems).some(
      ([item, checks]) => cpeCovers(item, name) && checks.some(this.#holds),
    );
  }

  #logical({ operator, negate, facts = [], checks = [], tests = [] }: LogicalTest): boolean {
    const results = [
      ...facts.map((fact) => this.platform(fact)),
      ...checks.map(this.#holds),
      ...tests.map((test) => this.#logical(test)),
    ];
    const result = operator === 'AND' ? results.every(Boolean) : results.some(Boolean);
    return negate ? !result : result;
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

/** Whether a dictionary's name is that platform or a narrower one: `cpe:/o:redhat:enterprise_linux:9.4` is a `...:9.4`. */
function cpeCovers(item: string, platform: string): boolean {
  return uri(item) === uri(platform);
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
  return text.toLowerCase().replace(/:+$/, '');
}
