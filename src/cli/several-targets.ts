import { resolve } from 'node:path';
import { someAtOnce } from '../io/at-once.ts';
import { type Kept, Spool } from '../io/spool.ts';
import { isScapfeedError } from '../model/error.ts';
import {
  type ExitCode,
  type ManyResults,
  type MergedFormat,
  type TargetError,
  type TargetOutcome,
  worstCode,
} from '../report/many/results.ts';
import { mostSarifTargets } from '../report/many/results-sarif.ts';
import { writersOf } from '../tasks/formats.ts';
import { usage } from '../tasks/given-words.ts';
import { failureCode, knownFailure } from './failure.ts';
import { type ImageTarget, readTargets } from './options/target-list.ts';
import { forOneTarget, isForEach, type OutputChoice, viewOf, writeOutput, writeOutputs } from './outputs.ts';
import { toolVersion } from './program.ts';
import type { TargetResult, TargetRun } from './target-run.ts';

/** Images that are read at once: the network is waited for, and each holds its databases in memory. */
const atOnce = 4;

/**
 * Runs a command on several images, with one report of each format, in the order in which they were given. One that cannot be
 * read does not stop the others. What a report says of an image is put away when it is done: memory does not grow with their
 * number.
 */
export async function severalTargets<
  Format extends string,
  Found extends { name: string },
  Facts,
  Many extends ManyResults<Facts>,
>(run: TargetRun<Format, Found, Facts, Many>): Promise<number> {
  const { command, outputs, reports, terminal } = run;
  const { targets, repeated } = readTargets(command, run.asked);
  const own = outputs.filter(isForEach);
  const merged = await mergedFormats(run, targets);
  const summary = await reports.summary();
  const spool = new Spool();
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
    const common = { tool: `scapfeed ${toolVersion}`, toolVersion, repeated, exitCode, isGated: run.isGated };
    for (const [nth, { choice, format }] of merged.entries()) {
      const many = summary.whole({ ...common, targets: partsOf(nth) });
      writeOutput(terminal, choice, format.whole(many));
    }
    for (const [at, { messages, failures }] of results.entries()) {
      for (const line of notes[at]!) terminal.note(`${targets[at]!.text}: ${line}`);
      for (const line of messages) terminal.err(`${targets[at]!.text}: ${line}`);
      for (const error of failures) terminal.failure(error, targets[at]!.text);
    }
    return exitCode;
  } finally {
    spool.close();
  }

  async function one({ text, name, fault }: ImageTarget, at: number): Promise<DoneTarget<Facts>> {
    const messages: string[] = [];
    const failures: unknown[] = [];
    const collecting = {
      ...terminal,
      err: (line: string) => messages.push(line),
      note: (line: string) => notes[at]!.push(line),
      progress: () => {},
    };
    try {
      if (fault) throw fault;
      const keep = (result: TargetResult<Found>) => kept(result, { target: text, name, at, messages });
      return await run.judge(text, collecting, keep, name);
    } catch (error) {
      if (isOfOutput(error)) throw error;
      const outcome = { target: text, name, exitCode: exitCodeOf(error), error: errorOf(error) };
      return { outcome, parts: [], messages, failures: [error] };
    }

    async function kept(
      result: TargetResult<Found>,
      { target, name, at, messages }: { target: string; name: string; at: number; messages: string[] },
    ): Promise<DoneTarget<Facts>> {
      const { found } = result;
      const parts = merged.map(({ choice, format }) => {
        const place = { target, name, at, count: targets.length, view: viewOf(terminal, choice) };
        return spool.keep(format.part(found, place));
      });
      if (own.length > 0)
        await writeOutputs(collecting, forOneTarget(own, name), writersOf(reports.formats, found));
      const facts = await summary.facts(found, at);
      return { outcome: { target, name, exitCode: endOf(result), facts }, parts, messages, failures };
    }

    /** Reports are already written: the error that would end a run for this image alone must not suppress them. */
    function endOf({ end }: TargetResult<Found>): ExitCode {
      try {
        return end(collecting) as ExitCode;
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
  messages: readonly string[];
  failures: readonly unknown[];
}

/**
 * The formats of one report about all images. Those about one image have no form for several: a reader would take their packages
 * for those of one system.
 */
async function mergedFormats<
  Format extends string,
  Found extends { name: string },
  Facts,
  Many extends ManyResults<Facts>,
>(
  { command, outputs, reports }: TargetRun<Format, Found, Facts, Many>,
  targets: readonly ImageTarget[],
): Promise<{ choice: OutputChoice<Format>; format: MergedFormat<Found, Many> }[]> {
  const each = outputs.filter(isForEach);
  const whole = outputs.filter((choice) => !isForEach(choice));
  const loads = whole.map((choice) => {
    const { format, made } = choice;
    const { several } = reports.formats[format];
    if (several === undefined) {
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
    return async () => ({ choice, format: await several(made) });
  });
  const files = [...whole, ...targets.flatMap(({ name }) => forOneTarget(each, name))].flatMap(({ file }) =>
    file === undefined ? [] : [resolve(file)],
  );
  const twice = files.find((file, at) => files.indexOf(file) !== at);
  if (twice !== undefined)
    throw usage(command, `two reports go to ${twice}`, 'give each -o a file of its own');
  return Promise.all(loads.map((load) => load()));
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
