import { known } from '../io/json-parts.ts';
import type { FeedOrigin } from '../model/verdict/index.ts';
import { listContent, listHeader } from '../report/formats/html.ts';
import { sarifLog } from '../report/formats/sarif.ts';
import { unlistedFlaws } from '../report/scan/counts.ts';
import { csafVex } from '../report/scan/csaf.ts';
import { scanCsv } from '../report/scan/csv.ts';
import type { Flaw } from '../report/scan/flaws.ts';
import { type ReaderWords, scanPage } from '../report/scan/html.ts';
import { flawBody, foldedFlaw } from '../report/scan/html-flaw.ts';
import { scanJson } from '../report/scan/json.ts';
import { openVex } from '../report/scan/openvex.ts';
import type { ScanReport } from '../report/scan/report.ts';
import { scanSubject } from '../report/scan/subject.ts';
import { stableImageName } from '../report/scan/words.ts';
import { requirePackages } from '../runtime/index.ts';
import type { WebFeed } from '../runtime/web/index.ts';
import { readSbom } from '../sbom/index.ts';
import { usualMaxAge } from '../tasks/feed-options.ts';
import { flagNames } from '../tasks/outcome.ts';
import { reportOver } from '../tasks/scan/report.ts';
import { scanImage, scanSettings } from '../tasks/scan/run.ts';

/** A document of packages that a person gave to the page. */
export interface GivenDocument {
  bytes: Uint8Array;
  /** The name of its file. */
  name: string;
  /** The platform that its packages are of, if the document does not state it. */
  platform?: string;
  /** Data of any age is accepted. Default: of as many days as the command accepts. */
  anyAge?: true;
  /** Flaws that the usual list leaves out are listed too. */
  all?: true;
}

/** For the button of the page that lists what is left out. */
export const listsAll = 'List what is left out';

const words: ReaderWords = { unlisted: `“${listsAll}” lists them`, given: 'as you chose it' };

/** Totals, report and each file that is saved are of one document, which is read once. */
const documents = new WeakMap<Uint8Array, ReturnType<typeof readSbom>>();

function readDocument(bytes: Uint8Array, name: string): ReturnType<typeof readSbom> {
  const read = documents.get(bytes) ?? readSbom(Buffer.from(bytes), name);
  requirePackages(read.inventory, read.image.reference);
  documents.set(bytes, read);
  return read;
}

/** Scans a document as the command scans `sbom:FILE`, and returns what `write` makes of the report. */
export function judgeDocument<T>(
  feed: WebFeed,
  { bytes, name, platform, anyAge, all }: GivenDocument,
  now: Date,
  write: (report: ScanReport) => T,
): Promise<T> {
  const { image, inventory } = readDocument(bytes, name);
  const { manifest, url } = feed;
  // As the command names it.
  const directory = url.replace(/\/$/, '');
  const origin: FeedOrigin = { directory, created: manifest.created, chosen: 'option', signed: true };
  const subject = { image, name: stableImageName(image.reference), inventory, signed: undefined };
  return feed.complete(async (view) => {
    const how = {
      now,
      maxAge: anyAge ? 0 : usualMaxAge,
      map: new Map<string, string>(),
      ...known({ platform }),
    };
    const settings = scanSettings({ feed: { ...view, origin }, how, names: flagNames }, known({ all }));
    const { report } = await scanImage(subject, settings);
    return write(report);
  });
}

/** A report as the page shows it. */
export interface ShownReport {
  head: string;
  body: string;
  /** Whether it leaves flaws out that `all` lists. */
  leaves: boolean;
  /** HTML of an expanded flaw, by its index in the list. Absent: only its verdict is known yet. */
  bodyOf?(at: number): string;
}

/** The verdicts, for which no descriptions are fetched. */
export function verdictsHtml(report: ScanReport): ShownReport {
  // Whether the vendor knows of exploitation is in the descriptions.
  return shownReport({ ...report, facts: { ...report.facts, vulnerability: () => undefined } });
}

/** The same with all that the feed knows of the flaws. Texts of flaws are made when they are asked for: most are not opened. */
export async function describedHtml(feed: WebFeed, report: ScanReport): Promise<ShownReport> {
  const ids = new Set(report.shown.map(({ vulnerability }) => vulnerability));
  const advisories = new Set(report.shown.flatMap((verdict) => verdict.advisories));
  const described = await feed.complete((view) => {
    const over = reportOver(report, view);
    for (const id of ids) {
      over.facts.vulnerability(id);
      over.facts.assessment(id);
    }
    for (const id of advisories) over.facts.advisory(id);
    return over;
  });
  const flaws: Flaw[] = [];
  const shown = shownReport(described, flaws);
  return { ...shown, bodyOf: (at) => flawBody(flaws[at]!, described) };
}

/** `flaws` takes the flaws in the order of the list. */
function shownReport(report: ScanReport, flaws: Flaw[] = []): ShownReport {
  const page = scanPage(report, words, (flaw, of, id) => {
    flaws.push(flaw);
    return foldedFlaw(flaw, of, id, '');
  });
  const leaves = Object.keys(unlistedFlaws(report)).length > 0;
  return { head: listHeader(page), body: [...listContent(page)].join(''), leaves };
}

/** A form of the report to save. */
export interface ExportFormat {
  /** Ending of the file's name. */
  ending: string;
  /** For its button. */
  title: string;
  write(report: ScanReport): Iterable<string>;
}

/** Forms of the report, byte for byte those of the command. */
export const exportFormats: readonly ExportFormat[] = [
  { ending: 'json', title: 'JSON', write: scanJson },
  { ending: 'csv', title: 'CSV', write: scanCsv },
  { ending: 'sarif', title: 'SARIF', write: (report) => sarifLog(scanSubject({ report })) },
  { ending: 'openvex.json', title: 'OpenVEX', write: openVex },
  { ending: 'csaf.json', title: 'CSAF VEX', write: csafVex },
];
