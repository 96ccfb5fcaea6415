import type { ErrorDetails } from '../../model/error.ts';
import type { PolicyUse } from '../../model/verdict/index.ts';
import type { ReportView } from '../writers.ts';

/** Results of several images, of any command that takes several. */
export interface ManyResults<Facts> {
  tool: string;
  toolVersion: string;
  /** In the order in which they were given. */
  targets: readonly DoneTarget<Facts>[];
  /** Images that were given more than once, each once. */
  repeated: readonly string[];
  exitCode: ExitCode;
  /** Without a gate, an image with exit code 0 has passed nothing. */
  isGated: boolean;
}

/** The command's verb in messages: `scan`, `scanned`. */
export interface Action {
  command: string;
  verb: string;
  done: string;
}

/** The word for images with exit code 0. */
export function passedWord({ isGated }: Pick<ManyResults<unknown>, 'isGated'>, { done }: Action): string {
  return isGated ? 'passed' : done;
}

export type ExitCode = 0 | 1 | 2 | 3 | 4;

/** The outcome for one of the images. */
export interface TargetOutcome<Facts> {
  /** As it was given. */
  target: string;
  /** The name by which CI systems identify it; no two of a run have the same. */
  name: string;
  exitCode: ExitCode;
  /** Why it was not judged; such an image is never clean. */
  error?: TargetError;
  /** Absent: it was not judged. */
  facts?: Facts;
}

export type TargetError = Pick<ErrorDetails, 'code' | 'message' | 'where' | 'remedy'>;

/** An image with its part of a format; nothing, if it was not judged. */
export interface DoneTarget<Facts> extends TargetOutcome<Facts> {
  part(): Iterable<string>;
}

/** An image among others of a run. */
export interface TargetPlace {
  /** As it was given. */
  target: string;
  name: string;
  at: number;
  /** Number of images. */
  count: number;
  view: ReportView;
}

/** A format of one report about several images. */
export interface MergedFormat<One, Many> {
  /** The part of the report about one image. */
  part(one: One, of: TargetPlace): Iterable<string>;
  whole(many: Many): Iterable<string>;
}

/** Sums up the results of several images of one run. */
export interface Summary<One, Facts, Many> {
  /** The facts of an image that are kept until the end. It is called as images are done, in any order. */
  facts(one: One, at: number): Facts | Promise<Facts>;
  whole(results: ManyResults<Facts>): Many;
}

/** When several codes apply, the first of these is used: what could not be judged comes before what was. */
const order: readonly ExitCode[] = [2, 3, 4, 1, 0];

export function worstCode(codes: Iterable<ExitCode>): ExitCode {
  const all = new Set(codes);
  return order.find((code) => all.has(code)) ?? 0;
}

/** A policy over all images: an entry is unused if no image used it. */
export function sharedPolicy(uses: readonly PolicyUse[]): PolicyUse | undefined {
  const [first] = uses;
  if (!first) return undefined;
  const entries = first.entries.map((entry, nth) => {
    const all = uses.map(({ entries: own }) => own[nth]!);
    const used = all.find(({ state }) => state === 'used');
    const verdicts = all.reduce((sum, one) => sum + one.verdicts, 0);
    return { ...entry, state: used?.state ?? entry.state, verdicts };
  });
  return { ...first, entries };
}
