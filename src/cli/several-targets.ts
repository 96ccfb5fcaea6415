import { resolve } from 'node:path';
import { someAtOnce } from '../io/at-once.ts';
import { type Kept, Spool } from '../io/spool.ts';
import { isScapfeedError } from '../model/index.ts';
import {
  type ExitCode,
  type ManyResults,
  type MergedFormat,
  type TargetError,
  type TargetOutcome,
  worstCode,
} from '../report/many/results.ts';
import { mostSarifTargets } from '../report/many/results-sarif.ts';
import { usage } from '../tasks/given-words.ts';
import { failureCode, knownFailure } from './failure.ts';
import type { TargetResult, TargetRun } from './for-targets.ts';
import { type ImageTarget, readTargets } from './options/target-list.ts';
import { forOneTarget, isForEach, type OutputChoice, writeOutput, writeOutputs } from './outputs.ts';
import { toolVersion } from './version.ts';

/** A command's way to make one report of the results of several images. */
export interface Merging<Format extends string, One, Facts, Many extends ManyResults<Facts>> {
  /** Absent: the format describes one image. */
  format(choice: OutputChoice<Format>): MergedFormat<One, Many> | undefined;
  /** The facts of an image that are kept until the end. It is called as images are done, in any order. */
  facts(one: One, at: number): Facts;
  whole(results: ManyResults<Facts>): Many;
}

/** Images that are read at once: the network is waited for, and each holds its databases in memory. */
const atOnce = 4;

/**
 * Runs a command on several images, with one report of each format, in the order in which they were given. One that cannot be
 * read does not stop the others. What a report says of an image is put away when it is done: memory does not grow with their
 * number.
 */
export async function severalTargets<
  Format extends string,
  One extends TargetResult<Format>,
  Facts,
  Many extends ManyResults<Facts>,
>(run: TargetRun<Format, One>, merging: Merging<Format, One, Facts, Many>): Promise<number> {
  const { command, outputs, terminal } = run;
  const { targets, repeated } = readTargets(command, run.asked);
  requireFormats(run, merging, targets);
  const spool = new Spool();
  const own = outputs.filter(isForEach);
  const merged = outputs
    .filter((choice) => !isForEach(choice))
    .map((choice) => ({ choice, format: merging.format(choice)! }));
  const notes: string[][] = targets.map(() => []);
  let done = 0;
  try {
    const results = await someAtOnce(
      targets,
      async (target, at) => {
        terminal.progress('reading images', { done, total: targets.length, unit: 'images' });
        const result = await one(target, at);
        done += 1;
        return result;
      },
      { width: atOnce },
    );
    const exitCode = worstCode(results.map(({ outcome }) => outcome.exitCode));
    const partsOf = (nth: number) =>
      results.map(({ outcome, parts }) => ({ ...outcome, part: () => textOf(parts[nth]) }));
    const common = { tool: `scapfeed ${toolVersion}`, toolVersion, repeated, exitCode };
    for (const [nth, { choice, format }] of merged.entries()) {
      const many = merging.whole({ ...common, targets: partsOf(nth) });
      writeOutput(terminal, choice, format.whole(many));
    }
    for (const [at, { said, failures }] of results.entries()) {
      for (const line of notes[at]!) terminal.note(`${targets[at]!.text}: ${line}`);
      for (const line of said) terminal.err(`${targets[at]!.text}: ${line}`);
      for (const error of failures) terminal.failure(error, targets[at]!.text);
    }
    return exitCode;
  } finally {
    spool.close();
  }

  async function one({ text, name, fault }: ImageTarget, at: number): Promise<DoneTarget<Facts>> {
    const said: string[] = [];
    const failures: unknown[] = [];
    const collecting = {
      ...terminal,
      err: (line: string) => said.push(line),
      note: (line: string) => notes[at]!.push(line),
      progress: () => {},
    };
    try {
      if (fault) throw fault;
      const keep = (found: One) => kept(found, { target: text, name, at, said });
      return await run.judge(text, collecting, keep, name);
    } catch (error) {
      if (isOfOutput(error)) throw error;
      const outcome = { target: text, name, exitCode: exitCodeOf(error), error: errorOf(error) };
      return { outcome, parts: [], said, failures: [error] };
    }

    async function kept(
      found: One,
      { target, name, at, said }: { target: string; name: string; at: number; said: string[] },
    ): Promise<DoneTarget<Facts>> {
      const parts = merged.map(({ choice: { file }, format }) => {
        const place = { target, name, at, count: targets.length, toTerminal: file === undefined };
        return spool.keep(format.part(found, place));
      });
      if (own.length > 0) await writeOutputs(collecting, forOneTarget(own, name), found.writers);
      const facts = merging.facts(found, at);
      return { outcome: { target, name, exitCode: endOf(found), facts }, parts, said, failures };
    }

    /** Reports are already written: the error that would end a run for this image alone must not suppress them. */
    function endOf(found: One): ExitCode {
      try {
        return found.end(collecting) as ExitCode;
      } catch (error) {
        failures.push(error);
        return exitCodeOf(error);
      }
    }
  }

  function textOf(kept: Kept | undefined): Iterable<string> {
    return kept ? spool.read(kept) : [];
  }
}

interface DoneTarget<Facts> {
  outcome: TargetOutcome<Facts>;
  /** One for each merged report; none, if the image was not judged. */
  parts: readonly Kept[];
  /** For stderr. */
  said: readonly string[];
  failures: readonly unknown[];
}

/** Formats about one image have no form for several: a reader would take their packages for those of one system. */
function requireFormats<
  Format extends string,
  One extends TargetResult<Format>,
  Facts,
  Many extends ManyResults<Facts>,
>(
  { command, outputs }: TargetRun<Format, One>,
  merging: Merging<Format, One, Facts, Many>,
  targets: readonly ImageTarget[],
): void {
  const each = outputs.filter(isForEach);
  const whole = outputs.filter((choice) => !isForEach(choice));
  for (const choice of whole) {
    const { format } = choice;
    if (merging.format(choice) === undefined) {
      throw usage(
        command,
        `-o ${format} describes one image, and several are given`,
        `write one for each: -o ${format}={name}.${format}.${extensions[format] ?? 'json'}`,
      );
    }
    if (format === 'sarif' && targets.length > mostSarifTargets) {
      throw usage(
        command,
        `-o sarif: GitHub refuses a file about more than ${mostSarifTargets} images, ${targets.length} are given`,
        'write one for each: -o sarif={name}.sarif',
      );
    }
  }
  const files = [...whole, ...targets.flatMap(({ name }) => forOneTarget(each, name))].flatMap(({ file }) =>
    file === undefined ? [] : [resolve(file)],
  );
  const twice = files.find((file, at) => files.indexOf(file) !== at);
  if (twice !== undefined)
    throw usage(command, `two reports go to ${twice}`, 'give each -o a file of its own');
}

/** Of formats about one image that are not JSON. */
const extensions: Readonly<Record<string, string>> = {
  xccdf: 'xml',
  oval: 'xml',
  arf: 'xml',
  manifest: 'txt',
};

/** A report that cannot be written ends the run: that is no fault of an image. */
function isOfOutput(error: unknown): boolean {
  return isScapfeedError(error) && (error.code === 'OUTPUT_NOT_WRITABLE' || error.code === 'DISK_FULL');
}

function exitCodeOf(error: unknown): ExitCode {
  return failureCode(error) as ExitCode;
}

function errorOf(thrown: unknown): TargetError {
  const error = knownFailure(thrown);
  if (!isScapfeedError(error))
    return { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) };
  const { code, message, where, remedy } = error;
  return { code, message, ...(where !== undefined && { where }), ...(remedy !== undefined && { remedy }) };
}
