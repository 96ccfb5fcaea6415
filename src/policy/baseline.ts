import { readFileSync } from 'node:fs';
import { type BaselineUse, ScapfeedError, type ViewedVerdict } from '../model/index.ts';

/** The flaws of a former result. */
export interface BaselineFile {
  file: string;
  /** Keys of its flaws, by `flawKey`. */
  flaws: ReadonlySet<string>;
}

/** Reads the JSON of a scan. @throws {ScapfeedError} POLICY_INVALID */
export function readBaselineFile(file: string): BaselineFile {
  const value = parsed(file);
  const { format, verdicts } = value as { format?: unknown; verdicts?: unknown };
  if (typeof format !== 'string' || !format.startsWith('scapfeed/scan-result/') || !Array.isArray(verdicts))
    throw invalid('expected the JSON of a scan, found another document', file);
  const flaws = new Set<string>();
  verdicts.forEach((verdict: unknown, at) => {
    const { vulnerability, status, package: pkg } = recordOf(verdict);
    const { name, source } = recordOf(pkg);
    const sourceName = recordOf(source)['name'];
    if (![vulnerability, status, name, sourceName].every((text) => typeof text === 'string'))
      throw invalid('expected a verdict with vulnerability, status and package', `${file}#/verdicts/${at}`);
    if (status === 'affected' || status === 'under_investigation')
      flaws.add(flawKey(String(vulnerability), String(sourceName), String(name)));
  });
  return { file, flaws };
}

/**
 * Puts aside what the former result has: the same vulnerability in the same package. A version is no part of that: an
 * update that leaves a flaw open does not make it new.
 */
export function ignoreKnown(
  verdicts: readonly ViewedVerdict[],
  { file, flaws }: BaselineFile,
): { verdicts: readonly ViewedVerdict[]; use: BaselineUse } {
  const seen = new Set<string>();
  const judged = verdicts.map((verdict) => {
    const { vulnerability, package: pkg } = verdict;
    const key = flawKey(vulnerability, pkg.source.name, pkg.name);
    if (!flaws.has(key)) return verdict;
    seen.add(key);
    if (verdict.ignored !== undefined) return verdict;
    return { ...verdict, ignored: { by: 'baseline' as const, reason: 'known', where: file } };
  });
  const known = new Set([...seen].map(ofSource));
  const gone = new Set([...flaws].filter((key) => !seen.has(key)).map(ofSource));
  return {
    verdicts: judged,
    use: { file, known: known.size, gone: [...gone].filter((flaw) => !known.has(flaw)).length },
  };
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

function parsed(file: string): object {
  try {
    return recordOf(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw invalid(`it cannot be read: ${(cause as Error).message.split('\n')[0]}`, file, cause);
  }
}

function invalid(message: string, where: string, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'POLICY_INVALID',
    message,
    where,
    remedy: 'give --baseline what `scapfeed scan IMAGE -o json=FILE` wrote',
    ...(cause === undefined ? {} : { cause }),
  });
}
