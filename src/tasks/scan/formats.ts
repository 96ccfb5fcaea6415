import { documentDate, isoSeconds } from '../../model/data-date.ts';
import type { Exceptions, FeedOrigin, ScanResult } from '../../model/verdict/index.ts';
import { type ManyScan, type MergedScan, type ScanFacts, scanning } from '../../report/many/scan.ts';
import { fixDate } from '../../report/scan/fix-date.ts';
import { packageTable } from '../../report/scan/package-table.ts';
import type { ScanReport } from '../../report/scan/report.ts';
import { scanTable, type TableOptions } from '../../report/scan/table.ts';
import type { ReportView } from '../../report/writers.ts';
import { junitFormat, sarifFormat, type TaskFormat, type TaskReports } from '../formats.ts';
import { readTemplate } from './report.ts';

/** Output formats of a scan other than the table. */
export type LateScanFormat =
  | 'json'
  | 'sarif'
  | 'junit'
  | 'gitlab'
  | 'github'
  | 'markdown'
  | 'cyclonedx'
  | 'cyclonedx-1.7'
  | 'cyclonedx-vex'
  | 'spdx'
  | 'openvex'
  | 'csaf'
  | 'html'
  | 'copa'
  | 'dependency-track'
  | 'generic-findings'
  | 'template'
  | 'csv';

/** Contents of the table of a scan. */
export interface ScanListing extends Pick<TableOptions, 'all' | 'ignored' | 'filtered'> {
  /** Packages to upgrade, in place of flaws. */
  byPackage: boolean;
  /** Fixes have their dates. */
  isDated: boolean;
}

/** An image that was scanned. */
export interface ScannedImage {
  /** The name by which CI systems identify the image. */
  name: string;
  report: ScanReport;
  listing: ScanListing;
}

type ScanFormats<Format extends string> = Readonly<
  Record<Format, TaskFormat<Pick<ScannedImage, 'report'>, ManyScan>>
>;

/** Formats whose code a scan loads when they are asked for. */
export const lateScanFormats: ScanFormats<LateScanFormat> = {
  json: {
    one: async ({ report }) => (await import('../../report/scan/json.ts')).scanJson(report),
    // This and templates have the effect of exceptions for each image; others state it once for all.
    several: merged(async () => (await import('../../report/scan/json.ts')).mergedJson, asItIs),
  },
  sarif: sarifFormat(
    scanning,
    async () => (await import('../../report/scan/subject.ts')).scanSubject,
    ({ feed, totals }) => ({ feedDigest: feed.digest, totals }),
  ),
  junit: junitFormat(scanning, async () => (await import('../../report/scan/suite.ts')).scanSuite),
  gitlab: {
    one: async ({ report }) => (await import('../../report/scan/gitlab.ts')).gitlabReport(report),
    several: merged(async () => (await import('../../report/scan/gitlab.ts')).mergedGitlab),
  },
  github: {
    one: async ({ report }) => (await import('../../report/scan/github.ts')).githubAnnotations(report),
    several: merged(async () => (await import('../../report/scan/github.ts')).mergedGithub),
  },
  markdown: {
    one: async ({ report }) => (await import('../../report/scan/markdown.ts')).scanMarkdown(report),
    several: merged(async () => (await import('../../report/scan/markdown.ts')).mergedMarkdown),
  },
  cyclonedx: {
    one: async ({ report }) => (await import('../../report/scan/cyclonedx.ts')).scanCycloneDx(report, '1.6'),
  },
  'cyclonedx-1.7': {
    one: async ({ report }) => (await import('../../report/scan/cyclonedx.ts')).scanCycloneDx(report, '1.7'),
  },
  'cyclonedx-vex': {
    one: async ({ report }) => (await import('../../report/scan/cyclonedx.ts')).scanCycloneDxVex(report),
  },
  spdx: { one: async ({ report }) => (await import('../../report/scan/spdx.ts')).scanSpdx(report) },
  openvex: { one: async ({ report }) => (await import('../../report/scan/openvex.ts')).openVex(report) },
  csaf: { one: async ({ report }) => (await import('../../report/scan/csaf.ts')).csafVex(report) },
  html: {
    one: async ({ report }) => (await import('../../report/scan/html.ts')).scanHtml(report),
    several: merged(async () => (await import('../../report/many/html.ts')).mergedHtml),
  },
  copa: { one: async ({ report }) => (await import('../../report/scan/copa.ts')).copaManifest(report) },
  'dependency-track': {
    one: async ({ report }) => (await import('../../report/scan/cyclonedx.ts')).dependencyTrackVex(report),
  },
  'generic-findings': {
    one: async ({ report }) =>
      (await import('../../report/scan/generic-findings.ts')).genericFindings(report),
  },
  template: {
    one: async ({ report }, { made = '' }) =>
      (await import('../../report/scan/template.ts')).scanTemplate(report, readTemplate(made), made),
    several: merged(
      async (made) =>
        (await import('../../report/scan/template.ts')).mergedTemplate(readTemplate(made), made),
      asItIs,
    ),
  },
  csv: {
    one: async ({ report }) => (await import('../../report/scan/csv.ts')).scanCsv(report),
    several: merged(async () => (await import('../../report/scan/csv.ts')).mergedCsv),
  },
};

/** The feed of a scan, and the date that formats give instead of that of the vendor data. */
export interface ScanOrigin {
  feed: { readonly origin: FeedOrigin; digest(): string };
  date(): Date | undefined;
}

/** The reports of a scan by a feed. */
export function scanReports({
  feed,
  date,
}: ScanOrigin): TaskReports<LateScanFormat | 'table', ScannedImage, ScanFacts, ManyScan> {
  return {
    formats: {
      ...lateScanFormats,
      table: {
        one: tableOfScan,
        several: async () => ({
          part: ({ report, listing }, { view }) => [
            tableOfScan({ report: withoutShared(report), listing }, view),
          ],
          whole: (await import('../../report/many/table.ts')).wholeTable,
        }),
      },
    },
    summary: async () =>
      (await import('../../report/many/scan-summary.ts')).scanSummary({
        feed: () => ({ ...feed.origin, digest: feed.digest() }),
        dateOf: (newest = feed.origin.created) => {
          const chosen = date() ?? documentDate(newest, feed.origin.created);
          return chosen === undefined ? undefined : isoSeconds(new Date(chosen));
        },
      }),
  };
}

/** The table of a scan, for a screen of this width. */
export function tableOfScan(
  { report, listing }: Pick<ScannedImage, 'report' | 'listing'>,
  { color, links, columns }: ReportView,
): string {
  const { byPackage, isDated, ...lists } = listing;
  return scanTable(report.result, report.shown, {
    ...lists,
    color,
    ...(columns ? { columns } : {}),
    ...(isDated ? { fixDate: (verdict) => fixDate(verdict, report.facts.advisory) } : {}),
    ...(links ? { page: report.names.flawPage } : {}),
    ...(byPackage ? { byPackage: () => packageTable(report, columns) } : {}),
  });
}

/** A format for several images, made of parts; `shown` maps each report. */
function merged(
  load: (made: string) => Promise<MergedScan>,
  shown: (report: ScanReport) => ScanReport = withoutShared,
): NonNullable<TaskFormat<Pick<ScannedImage, 'report'>, ManyScan>['several']> {
  return async (made = '') => {
    const { part, whole } = await load(made);
    return { part: ({ report }, place) => part(shown(report), place), whole };
  };
}

function asItIs(report: ScanReport): ScanReport {
  return report;
}

/** Shared exceptions are reported once for all images: an entry that only one image needs is not unused. */
function withoutShared(report: ScanReport): ScanReport {
  const { exceptions } = report.result;
  if (!exceptions) return report;
  const own: Exceptions = exceptions.baseline ? { baseline: exceptions.baseline } : {};
  const result: ScanResult = { ...report.result, exceptions: own };
  return { ...report, result };
}
