import type { CountedFacts, ManyCounted } from '../report/many/counted.ts';
import type { Action, ManyResults, MergedFormat, Summary } from '../report/many/results.ts';
import type { ReportSubject, TestSuite } from '../report/subject.ts';
import type { ReportText, ReportView, Writers } from '../report/writers.ts';

/** A report format of a task. */
export interface TaskFormat<Found, Many> {
  /** Writes the report about one image. */
  one(found: Found, view: ReportView): ReportText | Promise<ReportText>;
  /** Loads what makes one report of several images. Absent: the format describes one image. `made`: the input of the format. */
  several?(made?: string): Promise<MergedFormat<Found, Many>>;
}

/** The report formats of a task, and its totals over several images. */
export interface TaskReports<Format extends string, Found, Facts, Many extends ManyResults<Facts>> {
  formats: Readonly<Record<Format, TaskFormat<Found, Many>>>;
  /** Loads what sums up the results of one run on several images. */
  summary(): Promise<Summary<Found, Facts, Many>>;
}

/** Reports of a task whose results are summed up by counts. */
export type CountedReports<Format extends string, Found> = TaskReports<
  Format,
  Found,
  CountedFacts,
  ManyCounted
>;

/** The table of an image, or those of several with their counts. `ofMany`: without what is stated once for all. */
export function countedTable<Found>(
  tableOf: (found: Found, view: ReportView) => string,
  ofMany: (found: Found, view: ReportView) => string = tableOf,
): TaskFormat<Found, ManyCounted> {
  return {
    one: tableOf,
    several: async () => (await import('../report/many/counted.ts')).countedTable(ofMany),
  };
}

/** The JSON of an image, or those of several with their counts. */
export function countedJson<Found>(jsonOf: (found: Found) => ReportText): TaskFormat<Found, ManyCounted> {
  return {
    one: jsonOf,
    several: async () => (await import('../report/many/counted.ts')).countedJson(jsonOf),
  };
}

/** Loads what maps a result of a task to the terms of formats that tasks share. */
type SubjectLoader<Found> = () => Promise<(found: Found) => ReportSubject>;

/** SARIF with a run for each image. `factsOf`: what a report about several states about all of them. */
export function sarifFormat<Found, Many extends ManyResults<unknown>>(
  action: Action,
  load: SubjectLoader<Found>,
  factsOf: (many: Many) => Readonly<Record<string, unknown>>,
): TaskFormat<Found, Many> {
  return {
    one: async (found) => {
      const { sarifLog } = await import('../report/formats/sarif.ts');
      return sarifLog((await load())(found));
    },
    several: async () => {
      const { mergedSarif } = await import('../report/many/results-sarif.ts');
      return mergedSarif(action, await load(), factsOf);
    },
  };
}

/** JUnit with a suite for each image. */
export function junitFormat<Found>(
  action: Action,
  load: () => Promise<(found: Found) => TestSuite>,
): TaskFormat<Found, ManyResults<unknown>> {
  return {
    one: async (found) => {
      const { junitReport } = await import('../report/formats/junit.ts');
      return junitReport((await load())(found));
    },
    several: async () => {
      const { mergedJunit } = await import('../report/formats/junit.ts');
      return mergedJunit(action, await load());
    },
  };
}

/** SARIF and JUnit of `comply`, `eval` and `verify`, which report counts for several images. */
export function countedSharedFormats<Found>(
  action: Action,
  load: () => Promise<{ subject: (found: Found) => ReportSubject; suite: (found: Found) => TestSuite }>,
): Record<'sarif' | 'junit', TaskFormat<Found, ManyCounted>> {
  return {
    sarif: sarifFormat(
      action,
      async () => (await load()).subject,
      ({ totals }) => ({ totals }),
    ),
    junit: junitFormat(action, async () => (await load()).suite),
  };
}

/** The writers of each format about one image. */
export function writersOf<Format extends string, Found>(
  formats: Readonly<Record<Format, Pick<TaskFormat<Found, never>, 'one'>>>,
  found: Found,
): Writers<Format> {
  const writers = Object.entries<Pick<TaskFormat<Found, never>, 'one'>>(formats).map(([format, { one }]) => [
    format,
    (view: ReportView) => one(found, view),
  ]);
  return Object.fromEntries(writers) as Writers<Format>;
}
