import type { PolicyUse } from '../../model/verdict/index.ts';
import type { FilterBox } from '../formats/html.ts';
import { resultsJson } from '../formats/json.ts';
import { policyLines } from '../policy-text.ts';
import { line } from '../printable.ts';
import { plural, textTable } from '../text-table.ts';
import type { ReportText, ReportView } from '../writers.ts';
import {
  type Action,
  type DoneTarget,
  type ManyResults,
  type MergedFormat,
  passedWord,
  type Summary,
  sharedPolicy,
} from './results.ts';
import { resultsTable, shortTarget } from './results-table.ts';

/** The kept facts of an image, for commands whose results are summed up by counts: all but `scan`. */
export interface CountedFacts {
  /** By the keys of the command's headings. */
  counts: Readonly<Record<string, number>>;
  /** The entries that a page lists. */
  boxes?: readonly FilterBox[];
}

/** The input of these commands' reports about several images. */
export interface ManyCounted extends ManyResults<CountedFacts> {
  action: Action;
  /** Headings of the counted results. */
  headings: Readonly<Record<string, string>>;
  totals: CountedTotals;
  /** Over all images. */
  policy?: PolicyUse;
}

export type CountedTarget = DoneTarget<CountedFacts>;

/** A command's way to sum up its results by counts. */
export interface Counting<One> extends Pick<ManyCounted, 'action' | 'headings'> {
  facts(one: One): CountedFacts | Promise<CountedFacts>;
  policy?(one: One): PolicyUse | undefined;
}

/** The totals of one run, and the effect of its policy over all images. */
export function countedSummary<One>({
  action,
  headings,
  facts,
  policy,
}: Counting<One>): Summary<One, CountedFacts, ManyCounted> {
  const policies = new Map<number, PolicyUse>();
  return {
    facts: (one, at) => {
      const use = policy?.(one);
      if (use) policies.set(at, use);
      return facts(one);
    },
    whole: (results) => {
      const shared = sharedPolicy([...policies].sort(([a], [b]) => a - b).map(([, use]) => use));
      return {
        ...results,
        action,
        headings,
        totals: countedTotals(results.targets, Object.keys(headings)),
        ...(shared && { policy: shared }),
      };
    },
  };
}

/** Images by what a run on each alone ends with, and sums over all of them. */
export interface CountedTotals {
  targets: number;
  passed: number;
  failed: number;
  notCovered: number;
  /** Nothing is known of these. */
  notJudged: number;
  counts: Readonly<Record<string, number>>;
}

function countedTotals(targets: readonly CountedTarget[], keys: readonly string[]): CountedTotals {
  const count = (is: (target: CountedTarget) => boolean) => targets.filter(is).length;
  const sum = (key: string) => targets.reduce((total, { facts }) => total + (facts?.counts[key] ?? 0), 0);
  return {
    targets: targets.length,
    passed: count(({ exitCode, error }) => exitCode === 0 && !error),
    failed: count(({ exitCode, error }) => exitCode === 1 && !error),
    notCovered: count(({ exitCode, error }) => exitCode > 1 && !error),
    notJudged: count(({ error }) => error !== undefined),
    counts: Object.fromEntries(keys.map((key) => [key, sum(key)])),
  };
}

/** In a word or two, how it stands with an image. */
export function countedStanding(
  { exitCode, error }: CountedTarget,
  many: Pick<ManyCounted, 'action' | 'isGated'>,
): string {
  if (error) return `not ${many.action.done}`;
  if (exitCode === 0) return passedWord(many, many.action);
  return exitCode === 1 ? 'failed' : 'not covered';
}

/** Version of the JSON form; schemas/results.schema.json describes it. */
const format = 'scapfeed/results/1';

/** Rises with every field that is added. */
const version = '1.0';

/** The results of all images, each as the JSON of a run on it alone. */
export function countedJson<One>(jsonOf: (one: One) => ReportText): MergedFormat<One, ManyCounted> {
  return {
    part: (one) => {
      const text = jsonOf(one);
      return typeof text === 'string' ? [text] : text;
    },
    whole: wholeJson,
  };
}

function wholeJson(many: ManyCounted): Iterable<string> {
  const { tool, action, exitCode, totals, policy, repeated, targets } = many;
  const head = { format, version, tool, command: action.command, exitCode, totals, policy, repeated };
  return resultsJson(head, targets);
}

/** The table of each image under its name, and at the end all of them with their totals. */
export function countedTable<One>(
  tableOf: (one: One, view: ReportView) => string,
): MergedFormat<One, ManyCounted> {
  return {
    part: (one, { view }) => [tableOf(one, view)],
    whole: (many) => resultsTable(many.targets, many.action, overview(many)),
  };
}

function overview(many: ManyCounted): string {
  const { targets, headings, totals, action, policy, repeated } = many;
  const keys = Object.keys(headings);
  const rows = targets.map((target) => [
    shortTarget(target.target),
    ...keys.map((key) => String(target.facts?.counts[key] ?? '-')),
    countedStanding(target, many),
  ]);
  const sums = [`all ${targets.length}`, ...keys.map((key) => String(totals.counts[key])), ''];
  const lines = [
    totalsText(many),
    ...policyLines(policy),
    ...repeated.map((target) => `given more than once, and ${action.done} once: ${target}`),
  ];
  const table = textTable(['IMAGE', ...Object.values(headings), 'RESULT'], [...rows, sums]);
  return `${table}\n${lines.map(line).join('')}`;
}

function totalsText(many: ManyCounted): string {
  return `${plural(many.totals.targets, 'image')}: ${endsText(many)}`;
}

/** Images by what they ended with. */
export function endsText(many: ManyCounted): string {
  const { passed, failed, notCovered, notJudged } = many.totals;
  return `${passed} ${passedWord(many, many.action)}, ${failed} failed, ${notCovered} not covered, ${notJudged} not ${many.action.done}`;
}
