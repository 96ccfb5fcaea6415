import { type BigIntStats, lstatSync, unlinkSync } from 'node:fs';
import { resolve } from 'node:path';
import { detectReference, referenceText } from '../image/index.ts';
import { type ErrorCode, isScapfeedError } from '../model/index.ts';
import { stableImageName } from '../report/scan/words.ts';
import { hasSeveralTargets, schemeOf } from './options/targets.ts';
import { forOneTarget, isForEach, type OutputChoice } from './outputs.ts';
import type { Terminal } from './terminal.ts';

interface ReportArguments {
  options: Readonly<Record<string, unknown>> & {
    output: readonly OutputChoice<string>[];
    targets?: string | undefined;
  };
  operands: readonly string[];
}

/** Usage errors come before any reading; a report that cannot be written leaves the old one, as any other file. */
const leaving: ReadonlySet<ErrorCode> = new Set(['USAGE', 'OUTPUT_NOT_WRITABLE', 'DISK_FULL']);

/**
 * The `run` of a command, which on an error removes the reports of one image that an earlier run left and this one did not replace:
 * a CI system would publish them as the result of this run. Reports about several images name the ones that could not be judged.
 */
export function withoutEarlierReports<Args extends ReportArguments>(
  run: (args: Args, terminal: Terminal) => Promise<number>,
): (args: Args, terminal: Terminal) => Promise<number> {
  return async (args, terminal) => {
    const earlier = earlierReports(args);
    try {
      return await run(args, terminal);
    } catch (error) {
      if (isScapfeedError(error) && leaving.has(error.code)) throw error;
      for (const [file, then] of earlier) if (isSame(then, regularFile(file))) remove(file, terminal);
      throw error;
    }
  };
}

function earlierReports({ options, operands }: ReportArguments): ReadonlyMap<string, BigIntStats> {
  const found = new Map<string, BigIntStats>();
  const { output, targets } = options;
  const [reference] = operands;
  const isOne =
    reference !== undefined && !hasSeveralTargets({ operands, ...(targets && { file: targets }) });
  if (!isOne || output.every(({ file }) => file === undefined)) return found;
  const read = filesRead({ options, operands });
  const names = output.some(isForEach) ? namesOf(reference) : [''];
  for (const { file } of names.flatMap((name) => forOneTarget(output, name))) {
    const stats = file === undefined || read.has(resolve(file)) ? undefined : regularFile(file);
    if (stats) found.set(file!, stats);
  }
  return found;
}

/** Files that the command reads, which are not earlier reports: `--baseline last.json -o json=last.json`. */
function filesRead({ options: { output, ...others }, operands }: ReportArguments): ReadonlySet<string> {
  const named = Object.values(others)
    .flat()
    .filter((value) => typeof value === 'string');
  const images = operands.map((text) => text.slice(schemeOf(text).length));
  const templates = output.flatMap(({ made }) => made ?? []);
  return new Set([...named, ...images, ...templates].map((file) => resolve(file)));
}

/** The names that the image's reports may have: a path where nothing is now may look like an image of a registry. */
function namesOf(reference: string): string[] {
  const asPath = schemeOf(reference) === '' ? `tar:${reference}` : reference;
  try {
    const found = detectReference(reference);
    const paths = found.kind === 'registry' ? [asPath] : [];
    return [...new Set([referenceText(found), ...paths].map(stableImageName))];
  } catch {
    return [stableImageName(asPath)];
  }
}

function regularFile(file: string): BigIntStats | undefined {
  try {
    const stats = lstatSync(file, { bigint: true });
    return stats.isFile() ? stats : undefined;
  } catch {
    return undefined;
  }
}

function isSame(then: BigIntStats, now: BigIntStats | undefined): boolean {
  return now?.dev === then.dev && now.ino === then.ino && now.mtimeNs === then.mtimeNs;
}

function remove(file: string, { err }: Terminal): void {
  try {
    unlinkSync(file);
    err(`removed ${file}: it was the report of an earlier run`);
  } catch (error) {
    err(`could not remove ${file}, the report of an earlier run: ${(error as Error).message}`);
  }
}
