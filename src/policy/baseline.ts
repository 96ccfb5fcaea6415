import { parseForeignJson } from '../io/foreign-json.ts';
import { readNamed } from '../io/read-at-most.ts';
import { ScapfeedError } from '../model/error.ts';
import {
  type BaselineUse,
  idsOfFlaw,
  isMalicious,
  sourceKey,
  type ViewedVerdict,
} from '../model/verdict/index.ts';

/** The flaws that a former result has of an image. */
export interface Baseline {
  file: string;
  /** Its flaws by `flawKey`: of their ids, and of their aliases that are the id of no other one. */
  flaws: ReadonlyMap<string, string>;
  /** The platform that judged it, if it is stated. */
  platform?: string;
  /** The image, as it was given. */
  reference?: string;
}

/** A former result, of one image or of several. */
export interface BaselineFile {
  file: string;
  targets: readonly BaselineTarget[];
}

export interface BaselineTarget extends Baseline {
  /** The name of the image, if several were scanned. */
  target?: string;
}

/** An image, as a former result may name it. */
export interface BaselineQuestion {
  target: string;
  /** The part of the name that stays when tag, digest or folder change. */
  name: string;
  nameOf(reference: string): string;
}

/** Bytes of the results of some hundred images. */
const longestResult = 256 << 20;

/** Reads the JSON of a scan of one image or several. @throws {ScapfeedError} POLICY_INVALID */
export function readBaselineFile(file: string): BaselineFile {
  const value = recordOf(parsed(file));
  const { format } = value;
  if (format === 'scapfeed/scan-result/1') return { file, targets: [resultOf(value, file, '')] };
  if (format !== 'scapfeed/scan-results/1' || !Array.isArray(value['targets']))
    throw invalid(
      /^scapfeed\/scan-results?\/(?!1$)/.test(String(format))
        ? `expected the JSON of a scan in the format of version 1, found ${String(format).slice(0, 60)}`
        : 'expected the JSON of a scan, found another document',
      file,
    );
  const targets = value['targets'].flatMap((each: unknown, at): BaselineTarget[] => {
    const { target, result } = recordOf(each);
    // One that could not be read then has no flaws that are known.
    if (result === undefined) return [];
    const known = resultOf(recordOf(result), file, `/targets/${at}/result`);
    return [typeof target === 'string' ? { ...known, target } : known];
  });
  return { file, targets };
}

function resultOf(
  { verdicts, image, counts, platform }: Readonly<Record<string, unknown>>,
  file: string,
  at: string,
): BaselineTarget {
  if (!Array.isArray(verdicts))
    throw invalid('expected the JSON of a scan, found another document', at === '' ? file : `${file}#${at}`);
  const { filtered } = recordOf(counts);
  if (typeof filtered === 'number' && filtered > 0)
    throw invalid(
      `it was made with --severity or --only-fixed, which left out ${filtered} ${filtered === 1 ? 'flaw' : 'flaws'}: known ones would count as new`,
      at === '' ? file : `${file}#${at}`,
    );
  const flaws = new Map<string, string>();
  const others: [alias: string, flaw: string][] = [];
  verdicts.forEach((verdict: unknown, nth) => {
    const { vulnerability, aliases = [], status, package: pkg } = recordOf(verdict);
    const { name, source, type } = recordOf(pkg);
    const sourceName = recordOf(source)['name'];
    if (![vulnerability, status, name, sourceName].every((text) => typeof text === 'string'))
      throw invalid(
        'expected a verdict with vulnerability, status and package',
        `${file}#${at}/verdicts/${nth}`,
      );
    if (status !== 'affected' && status !== 'under_investigation') return;
    const keyOf = (id: unknown) =>
      flawKey(
        String(id),
        sourceKey({ type: String(type), source: { name: String(sourceName) } }),
        String(name),
      );
    const key = keyOf(vulnerability);
    flaws.set(key, key);
    for (const alias of Array.isArray(aliases) ? aliases : []) others.push([keyOf(alias), key]);
  });
  for (const [alias, flaw] of others) if (!flaws.has(alias)) flaws.set(alias, flaw);
  const { reference } = recordOf(image);
  const { id } = recordOf(platform);
  return {
    file,
    flaws,
    ...(typeof reference === 'string' && { reference }),
    ...(typeof id === 'string' && { platform: id }),
  };
}

/**
 * The former result of one of several images: by its name, else by the lasting part of the name, if exactly one has it.
 * Undefined: all of its flaws are new.
 */
function baselineOf(
  { targets }: BaselineFile,
  { target, name, nameOf }: BaselineQuestion,
): Baseline | undefined {
  const same = targets.filter((each) => each.target === target || each.reference === target);
  if (same.length > 0) return same[0];
  const namesakes = targets.filter(({ reference }) => reference !== undefined && nameOf(reference) === name);
  return namesakes.length === 1 ? namesakes[0] : undefined;
}

/**
 * The former result of an image. `name`: what stays of its name, where several are scanned; the result of one image is the former
 * one of the only image that is scanned, whatever its name was.
 */
export function formerResult(
  baseline: BaselineFile,
  target: string,
  name: string | undefined,
  nameOf: (reference: string) => string,
): Baseline | undefined {
  const [first, ...others] = baseline.targets;
  if (name === undefined && first?.target === undefined && others.length === 0) return first;
  return baselineOf(baseline, { target, name: name ?? nameOf(target), nameOf });
}

/**
 * Ignores what the earlier result has: the same vulnerability in the same package, in any version: an update that leaves a flaw
 * open does not make it new.
 */
export function ignoreKnown(
  verdicts: readonly ViewedVerdict[],
  { file, flaws }: Baseline,
): { verdicts: readonly ViewedVerdict[]; use: BaselineUse } {
  const seen = new Set<string>();
  const judged = verdicts.map((verdict) => {
    const key = knownAs(verdict, flaws);
    if (key === undefined) return verdict;
    seen.add(key);
    // That a malicious package was there before accepts nothing.
    if (verdict.ignored !== undefined || isMalicious(verdict)) return verdict;
    return { ...verdict, ignored: { by: 'baseline' as const, reason: 'known', where: file } };
  });
  const known = new Set([...seen].map(ofSource));
  const gone = new Set([...flaws.values()].filter((key) => !seen.has(key)).map(ofSource));
  return {
    verdicts: judged,
    use: { file, known: known.size, gone: [...gone].filter((flaw) => !known.has(flaw)).length },
  };
}

/**
 * The flaw of the earlier result. Between two results the id can have changed, as that of an advisory does when it gets a CVE: then one
 * of both is an alias in the other. Two CVEs of one advisory are two flaws.
 */
function knownAs(
  { package: pkg, ...flaw }: ViewedVerdict,
  flaws: ReadonlyMap<string, string>,
): string | undefined {
  const keyOf = (id: string) => flawKey(id, sourceKey(pkg), pkg.name);
  const known = flaws.get(keyOf(flaw.vulnerability));
  if (known !== undefined) return known;
  return idsOfFlaw(flaw)
    .map(keyOf)
    .find((key) => flaws.get(key) === key);
}

function flawKey(vulnerability: string, source: string, name: string): string {
  return JSON.stringify([vulnerability, source, name]);
}

/** A flaw is a vulnerability in a source, whichever of its packages are installed. */
function ofSource(key: string): string {
  return JSON.stringify((JSON.parse(key) as string[]).slice(0, 2));
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function parsed(file: string): unknown {
  try {
    return parseForeignJson(readNamed(file, longestResult), { uniqueNames: true });
  } catch (cause) {
    throw invalid(`it cannot be read: ${(cause as Error).message.split('\n')[0]}`, file, cause);
  }
}

function invalid(message: string, where: string, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'POLICY_INVALID',
    message,
    where,
    remedy: 'specify with --baseline a file that `scapfeed scan IMAGE -o json=FILE` wrote',
    ...(cause === undefined ? {} : { cause }),
  });
}
