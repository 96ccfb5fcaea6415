import * as Enums from '@cyclonedx/cyclonedx-library/Enums';
import * as Models from '@cyclonedx/cyclonedx-library/Models';
import { cvssSeverity, type Severity } from '../../model/feed/index.ts';
import { type InstalledPackage, isOfEcosystem } from '../../model/inventory/index.ts';
import type { ViewedVerdict } from '../../model/verdict/index.ts';
import { jsonParts } from '../formats/json.ts';
import { percentEncoded } from '../percent-encoded.ts';
import {
  bomOf,
  bomText,
  type CycloneDxVersion,
  metadataOf,
  normalized,
  properties,
} from '../sbom/cyclonedx.ts';
import { packageRefs, subjectUuid, uuidOf } from '../sbom/subject.ts';
import { ignoredText } from './exceptions-text.ts';
import { advisoryUrl, type FlawScore, flawFacts } from './flaw-facts.ts';
import { databaseOf, originsOf } from './origins.ts';
import type { ScanReport } from './report.ts';
import { type Justification, statementsOf, type VendorStatement, vexStatements } from './statements.ts';
import { blindnessText } from './unseen-text.ts';
import { fixVersion } from './words.ts';

/** Formats a scan as CycloneDX: the bill of materials with its vulnerabilities, each with the state of its analysis. */
export function scanCycloneDx(report: ScanReport, version: CycloneDxVersion): Iterable<string> {
  const subject = report.sbom();
  const bom = bomOf(subject, version);
  bom.model.metadata.properties = gateProperties(report);
  const models = modelsOf(statementsOf(report.asked), report, (pkg) => bom.refs.get(pkg)?.value);
  return bomText(bom, subject, models);
}

/**
 * Formats the vendor's statements about an image as CycloneDX VEX: no components, but links to those of the bill of materials
 * that `-o cyclonedx` writes, by its serial number.
 */
export function scanCycloneDxVex(report: ScanReport): Iterable<string> {
  const subject = report.sbom();
  const serial = subjectUuid(subject);
  const refs = packageRefs(subject.inventory.packages, subject.purl);
  const link = (pkg: InstalledPackage) => {
    const ref = refs.get(pkg);
    return ref === undefined ? undefined : `urn:cdx:${serial}/1#${percentEncoded(ref)}`;
  };
  return vexDocument(report, 'vex', {}, modelsOf(vexStatements(report), report, link));
}

/**
 * The same for Dependency-Track, which applies a state to a component of the document itself, by its package URL, and only of a
 * vulnerability whose source it knows; links to another document it takes for the whole project.
 */
export function dependencyTrackVex(report: ScanReport): Iterable<string> {
  const subject = report.sbom();
  const statements = vexStatements(report);
  const refs = packageRefs(subject.inventory.packages, subject.purl);
  const named = new Set(statements.flatMap(({ packages }) => packages));
  const components = [...named].flatMap((pkg) => {
    const ref = refs.get(pkg);
    if (ref === undefined) return [];
    const { name, version } = pkg;
    return [{ type: 'library', 'bom-ref': ref, name, version, purl: subject.purl(pkg) }];
  });
  const models = modelsOf(statements, report, (pkg) => refs.get(pkg), sourceOfDependencyTrack);
  return vexDocument(report, 'dependency-track', { components }, models);
}

function* vexDocument(
  report: ScanReport,
  kind: string,
  components: object,
  models: Iterable<Models.Vulnerability.Vulnerability>,
): Iterable<string> {
  const subject = report.sbom();
  const version = '1.6';
  const unseen = blindnessText(report);
  const identity = [
    kind,
    subjectUuid(subject),
    report.facts.digest(),
    ...(unseen === undefined ? [] : [unseen]),
  ];
  yield* jsonParts({
    $schema: `http://cyclonedx.org/schema/bom-${version}.schema.json`,
    bomFormat: 'CycloneDX',
    specVersion: version,
    serialNumber: `urn:uuid:${uuidOf(identity.join(' '))}`,
    version: 1,
    metadata: {
      component: { type: 'container', name: metadataOf(subject).component!.name },
      ...(unseen === undefined ? {} : { properties: [...gateProperties(report)] }),
    },
    ...components,
    vulnerabilities: normalized(models, version),
  });
}

/** Its name for the database of an id; it skips what has another. */
function sourceOfDependencyTrack(id: string): string {
  if (id.startsWith('CVE-')) return 'NVD';
  if (id.startsWith('GHSA-')) return 'GITHUB';
  return /^(?:GO|PYSEC|RUSTSEC|MAL)-/.test(id) ? 'OSV' : 'UNKNOWN';
}

/** An SBOM or VEX document has no place for the outcome of a gate, but for what the gate could not see. */
function gateProperties(report: ScanReport): Models.PropertyRepository {
  return properties([['gate:unseen', blindnessText(report)]]);
}

function* modelsOf(
  statements: readonly VendorStatement[],
  report: ScanReport,
  refOf: (pkg: InstalledPackage) => string | undefined,
  sourceOf?: (id: string) => string,
): Iterable<Models.Vulnerability.Vulnerability> {
  const counts = new Map<string, number>();
  for (const statement of statements) {
    const count = (counts.get(statement.vulnerability) ?? 0) + 1;
    counts.set(statement.vulnerability, count);
    yield modelOf(statement, `${statement.vulnerability}#${count}`, report, refOf, sourceOf);
  }
}

function modelOf(
  statement: VendorStatement,
  ref: string,
  report: ScanReport,
  refOf: (pkg: InstalledPackage) => string | undefined,
  sourceOf?: (id: string) => string,
): Models.Vulnerability.Vulnerability {
  const { vulnerability, verdict, packages, action } = statement;
  const { known, assessment, page, links } = flawFacts(report, { verdict, verdicts: [] });
  const published = dateOf(known?.published);
  const [record] = verdict.advisories;
  const ofRecord = isOfEcosystem(verdict.package) && record !== undefined;
  const url = ofRecord ? advisoryUrl(report, record) : page;
  const source = new Models.Vulnerability.Source({
    name: sourceOf?.(vulnerability) ?? originsOf(verdict, report).join(', '),
    ...(url ? { url } : {}),
  });
  return new Models.Vulnerability.Vulnerability({
    bomRef: ref,
    id: vulnerability,
    source,
    references: new Models.Vulnerability.ReferenceRepository(referencesOf(verdict, report)),
    ratings: new Models.Vulnerability.RatingRepository(
      ratingsOf(verdict, known?.cvss ?? [], assessment?.ratings ?? [], source),
    ),
    cwes: [...(known?.cwe ?? []), ...(assessment?.cwe ?? [])].flatMap(cweNumber) as never,
    description: known?.description ?? known?.title,
    detail: known?.severityReason,
    recommendation: action,
    advisories: new Models.Vulnerability.AdvisoryRepository(
      links.map((url) => new Models.Vulnerability.Advisory(url)),
    ),
    ...(published ? { published } : {}),
    analysis: analysisOf(statement),
    affects: new Models.Vulnerability.AffectRepository(
      packages.flatMap((pkg) => {
        const target = refOf(pkg);
        return target === undefined ? [] : [affectOf(pkg, target, statement)];
      }),
    ),
    properties: properties([
      ['verdict:status', verdict.status],
      ['verdict:fixState', verdict.fixState],
      ['verdict:fixedVersion', fixVersion(verdict)],
      ['verdict:reason', verdict.reason],
      ['verdict:advisories', verdict.advisories.length > 0 ? verdict.advisories.join(' ') : undefined],
      ['verdict:evidence', verdict.evidence],
      ['verdict:hidden', verdict.hidden],
      ['verdict:ignored', verdict.ignored && ignoredText(verdict.ignored)],
      ['verdict:notLifted', verdict.notLifted && `${verdict.notLifted.reason} (${verdict.notLifted.where})`],
    ]),
  });
}

/** The records about a package of a language, each with its publisher. */
function referencesOf(
  { package: pkg, vulnerability, advisories }: ViewedVerdict,
  report: ScanReport,
): Models.Vulnerability.Reference[] {
  const records = isOfEcosystem(pkg) ? advisories.filter((id) => id !== vulnerability) : [];
  return records.map((id) => {
    const url = advisoryUrl(report, id);
    const source = new Models.Vulnerability.Source({ name: databaseOf(id), ...(url ? { url } : {}) });
    return new Models.Vulnerability.Reference(id, source);
  });
}

function affectOf(
  pkg: InstalledPackage,
  target: string,
  { verdict }: VendorStatement,
): Models.Vulnerability.Affect {
  const status = {
    affected: Enums.Vulnerability.AffectStatus.Affected,
    fixed: Enums.Vulnerability.AffectStatus.Unaffected,
    not_affected: Enums.Vulnerability.AffectStatus.Unaffected,
    under_investigation: Enums.Vulnerability.AffectStatus.Unknown,
  }[verdict.status];
  const fix = fixVersion(verdict);
  return new Models.Vulnerability.Affect(new Models.BomRef(target), {
    versions: new Models.Vulnerability.AffectedVersionRepository([
      new Models.Vulnerability.AffectedSingleVersion(pkg.version, { status }),
      ...(fix === undefined
        ? []
        : [
            new Models.Vulnerability.AffectedSingleVersion(fix, {
              status: Enums.Vulnerability.AffectStatus.Unaffected,
            }),
          ]),
    ]),
  });
}

const severities: Record<Severity, Enums.Vulnerability.Severity> = {
  critical: Enums.Vulnerability.Severity.Critical,
  high: Enums.Vulnerability.Severity.High,
  medium: Enums.Vulnerability.Severity.Medium,
  low: Enums.Vulnerability.Severity.Low,
  negligible: Enums.Vulnerability.Severity.Info,
  unknown: Enums.Vulnerability.Severity.Unknown,
};

const methods: Readonly<Record<string, Enums.Vulnerability.RatingMethod>> = {
  '2.0': Enums.Vulnerability.RatingMethod.CVSSv2,
  '3.0': Enums.Vulnerability.RatingMethod.CVSSv3,
  '3.1': Enums.Vulnerability.RatingMethod.CVSSv31,
  '4.0': Enums.Vulnerability.RatingMethod.CVSSv4,
};

/**
 * The severity that was decided, then the scores. Each has a severity, because readers make one of their own otherwise. Some take the
 * last CVSS 3: the scores of the source that decided are at the end, and those of the vendor have the vendor's word.
 */
function ratingsOf(
  { severity, severitySource: decided = 'vendor', vendorSeverity }: ViewedVerdict,
  own: readonly FlawScore[],
  others: readonly (FlawScore & { source: string })[],
  vendor: Models.Vulnerability.Source,
): Models.Vulnerability.Rating[] {
  const owner = decided === 'ghsa' ? decided : 'vendor';
  const word = decided === owner ? severity : (vendorSeverity ?? 'unknown');
  const sourceOf = (name: string) =>
    name === 'vendor' ? vendor : new Models.Vulnerability.Source({ name: name.toUpperCase() });
  const scores = [...own.map((score) => ({ ...score, source: owner })), ...others];
  const ordered = [
    ...scores.filter(({ source }) => source !== decided),
    ...scores.filter(({ source }) => source === decided),
  ];
  return [
    new Models.Vulnerability.Rating({ source: sourceOf(decided), severity: severities[severity] }),
    ...ordered.map(({ source, version, score, vector }) => {
      const band = cvssSeverity({ version, score });
      return new Models.Vulnerability.Rating({
        source: sourceOf(source),
        score,
        vector,
        severity: severities[source === owner && word !== 'unknown' ? word : band],
        method: methods[version] ?? Enums.Vulnerability.RatingMethod.Other,
      });
    }),
  ];
}

function cweNumber(cwe: string): number[] {
  const number = /^CWE-(\d{1,6})$/i.exec(cwe)?.[1];
  return number === undefined || Number(number) === 0 ? [] : [Number(number)];
}

function dateOf(text: string | undefined): Date | undefined {
  const date = text === undefined ? undefined : new Date(text);
  return date && !Number.isNaN(date.getTime()) ? date : undefined;
}

const { AnalysisState, AnalysisResponse, AnalysisJustification } = Enums.Vulnerability;

const cycloneDxJustifications: Record<Justification, Enums.Vulnerability.AnalysisJustification> = {
  component_not_present: AnalysisJustification.CodeNotPresent,
  vulnerable_code_not_present: AnalysisJustification.CodeNotPresent,
  vulnerable_code_not_in_execute_path: AnalysisJustification.CodeNotReachable,
  vulnerable_code_cannot_be_controlled_by_adversary: AnalysisJustification.CodeNotReachable,
  inline_mitigations_already_exist: AnalysisJustification.ProtectedByMitigatingControl,
};

function analysisOf({ verdict, justification, action }: VendorStatement): Models.Vulnerability.Analysis {
  const { status, fixState } = verdict;
  if (status === 'not_affected') {
    return new Models.Vulnerability.Analysis({
      state: AnalysisState.NotAffected,
      ...(justification === undefined ? {} : { justification: cycloneDxJustifications[justification] }),
      detail: action,
    });
  }
  if (status === 'fixed')
    return new Models.Vulnerability.Analysis({ state: AnalysisState.Resolved, detail: action });
  if (status === 'under_investigation')
    return new Models.Vulnerability.Analysis({ state: AnalysisState.InTriage, detail: action });
  const responses = {
    available: [AnalysisResponse.Update],
    none_yet: [],
    fix_deferred: [],
    will_not_fix: [AnalysisResponse.WillNotFix],
    end_of_life: [AnalysisResponse.CanNotFix],
    other_channel: [AnalysisResponse.Update],
  }[fixState!];
  return new Models.Vulnerability.Analysis({
    state: AnalysisState.Exploitable,
    response: new Enums.Vulnerability.AnalysisResponseRepository(responses),
    detail: action,
  });
}
