import {
  type Assessment,
  type AssessmentPart,
  type AssessmentSink,
  type Exploited,
  joinExploited,
  Ledger,
  sortRatings,
  type Vulnerability,
} from '../../model/feed/index.ts';
import type { Assessments } from './assessment-lines.ts';
import { mergeDetails } from './collector.ts';
import type { Details } from './details.ts';
import { InputNotes } from './input-notes.ts';

/** Collects one source's assessments of the vulnerabilities that the feed has statements about. */
export class AssessmentCollector implements AssessmentSink {
  readonly ledger: Ledger;
  readonly notes = new InputNotes();
  readonly parts = new Map<string, AssessmentPart>();
  readonly texts = new Map<string, Vulnerability>();
  least: readonly number[] = [];
  readonly #details: Details;

  constructor(source: string, details: Details) {
    this.ledger = new Ledger(source);
    this.#details = details;
  }

  dated(input: string, date: string): void {
    this.notes.dated(input, date);
  }

  versioned(input: string, version: string): void {
    this.notes.versioned(input, version);
  }

  isSpokenOf(id: string): boolean {
    return this.#details.ids.has(id);
  }

  details(id: string): Vulnerability | undefined {
    return this.#details.vulnerabilities.get(id);
  }

  assess(part: AssessmentPart): void {
    this.parts.set(part.id, part);
  }

  vulnerability(vulnerability: Vulnerability): void {
    const known = this.texts.get(vulnerability.id);
    this.texts.set(vulnerability.id, known ? mergeDetails(known, vulnerability) : vulnerability);
  }

  percentiles(least: readonly number[]): void {
    this.least = least;
  }
}

/** Joins the sources' parts, in the order of the sources' ids: of two that know a record's state, the first one counts. */
export function joinAssessments(collectors: readonly AssessmentCollector[]): Assessments {
  const byId = new Map<string, Assessment>();
  const ids = new Set(collectors.flatMap(({ parts }) => [...parts.keys()]));
  for (const id of ids) {
    byId.set(
      id,
      joinParts(
        id,
        collectors.flatMap(({ parts }) => parts.get(id) ?? []),
      ),
    );
  }
  const percentiles = collectors.find(({ least }) => least.length > 0)?.least ?? [];
  return { byId, percentiles };
}

function joinParts(id: string, parts: readonly AssessmentPart[]): Assessment {
  const state = parts.find((part) => part.state !== undefined)?.state;
  // A withdrawn record has no severity.
  if (state === 'rejected') return { id, rejected: true, ratings: [] };
  const assessment: Assessment = { id, ratings: sortRatings(parts.flatMap(({ ratings }) => ratings)) };
  const cwe = new Set(parts.flatMap((part) => part.cwe ?? []));
  if (cwe.size > 0) assessment.cwe = [...cwe];
  if (parts.some((part) => part.deferred)) assessment.deferred = true;
  let cisa: Exploited | undefined;
  let eu: Exploited | undefined;
  for (const { ssvc, exploited, epss } of parts) {
    if (ssvc) assessment.ssvc = ssvc;
    if (exploited?.eu) eu = exploited;
    // The catalog itself has more than what CISA repeats of it in CVE records.
    else if (exploited && (exploited.due !== undefined || !cisa)) cisa = exploited;
    if (epss) assessment.epss = epss;
  }
  const exploited = joinExploited(cisa, eu);
  if (exploited) assessment.exploited = exploited;
  return assessment;
}

/** Fills texts of CVE records in where the distributions have none. */
export function withTexts(details: Details, collectors: readonly AssessmentCollector[]): Details {
  if (collectors.every(({ texts }) => texts.size === 0)) return details;
  const vulnerabilities = new Map(details.vulnerabilities);
  for (const { texts } of collectors) {
    for (const [id, text] of texts) vulnerabilities.set(id, { ...text, ...vulnerabilities.get(id) });
  }
  return { ...details, vulnerabilities };
}
