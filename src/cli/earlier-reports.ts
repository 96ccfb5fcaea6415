import { type BigIntStats, lstatSync, unlinkSync } from 'node:fs';
import { detectReference, referenceText } from '../image/index.ts';
import { type ErrorCode, isScapfeedError } from '../model/error.ts';
import { stableImageName } from '../report/scan/words.ts';
import { hasSeveralTargets, schemeOf } from './options/targets.ts';
import { forOneTarget, isForEach, type OutputChoice } from './outputs.ts';
import { requireOutputsApart } from './outputs-apart.ts';
import type { Terminal } from './terminal.ts';

interface ReportArguments {
  options: Readonly<Record<string, unknown>> & {
    output: readonly OutputChoice<string>[];
    targets?: string | undefined;
  };
  operands: readonly string[];
  reads: readonly string[];
}

/** Usage errors come before any reading; a report that cannot be written leaves the old one, as any other file. */
const leaving: ReadonlySet<ErrorCode> = new Set(['USAGE', 'OUTPUT_NOT_WRITABLE', 'DISK_FULL']);

/**
 * The `run` of the command of that name, which on an error removes the reports that an earlier run left and this one did not replace: a CI system
 * would publish them as the result of this run. Of several images, those that could not be judged are no error of the run, and their
 * own reports are removed as well.
 */
export function withoutEarlierReports<Args extends ReportArguments>(
  command: string,
  run: (args: Args, terminal: Terminal) => Promise<number>,
): (args: Args, terminal: Terminal) => Promise<number> {
  return async (args, terminal) => {
    const earlier = await earlierReports(command, args);
    const removeEarlier = () => {
      for (const [file, then] of earlier) if (isSame(then, regularFile(file))) remove(file, terminal);
    };
    try {
      const code = await run(args, terminal);
      removeEarlier();
      return code;
    } catch (error) {
      if (!(isScapfeedError(error) && leaving.has(error.code))) removeEarlier();
      throw error;
    }
  };
}

/** @throws {ScapfeedError} USAGE for a report that would be written over one of the images */
async function earlierReports(
  command: string,
  { options, operands, reads }: ReportArguments,
): Promise<ReadonlyMap<string, BigIntStats>> {
  const found = new Map<string, BigIntStats>();
  const { output, targets } = options;
  if (output.every(({ file }) => file === undefined)) return found;
  const images = await imagesOf(operands, targets);
  const each = output.filter(isForEach);
  const ofEach = images.flatMap(({ names }) => names).flatMap((name) => forOneTarget(each, name));
  const files = [...output.filter((choice) => !isForEach(choice)), ...ofEach].map(({ file }) => file);
  requireOutputsApart(command, files, [...reads, ...images.map(({ text }) => text)]);
  for (const file of files) {
    const stats = file === undefined ? undefined : regularFile(file);
    if (stats) found.set(file!, stats);
  }
  return found;
}

/** The images of the run, and the names that their reports may have; none of a list that can be read once, or cannot be read. */
async function imagesOf(
  operands: readonly string[],
  file: string | undefined,
): Promise<{ text: string; names: readonly string[] }[]> {
  const choice = { operands, ...(file !== undefined && { file }) };
  const [reference] = operands;
  if (reference !== undefined && !hasSeveralTargets(choice))
    return [{ text: reference, names: namesOf(reference) }];
  if (reference === undefined && file === undefined) return [];
  if (file === '-') return [];
  // A run of one image does not load the code for several.
  const { readTargets } = await import('./options/target-list.ts');
  try {
    return readTargets('', choice).targets.map(({ text, name }) => ({ text, names: [name] }));
  } catch {
    return [];
  }
}

/** The names that the image's reports may have: a path where nothing is now may look like an image of a registry. */
function namesOf(reference: string): string[] {
  // The document has no name of its own.
  if (reference === 'sbom:-') return [stableImageName('sbom:stdin')];
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
    // It may be any file: this run would have overwritten it.
    err(`removed ${file}: this run has no report to put there`);
  } catch (error) {
    err(`could not remove ${file}, for which this run has no report: ${(error as Error).message}`);
  }
}
