import { hash } from 'node:crypto';
import { requireDate } from '../../model/data-date.ts';
import type { Severity } from '../../model/feed/index.ts';
import { jsonParts } from '../formats/json.ts';
import type { ManyScan, MergedScan } from '../many/scan.ts';
import { signatureFault } from '../signed-verdict.ts';
import { unjudgedText } from '../unjudged-text.ts';
import { basesText, baseText } from './base-text.ts';
import { exceptionLines } from './exceptions-text.ts';
import { fixDate } from './fix-date.ts';
import { advisoryUrl, flawFacts } from './flaw-facts.ts';
import type { Flaw } from './flaws.ts';
import { fileOf } from './places.ts';
import type { ScanReport } from './report.ts';
import { unseenText } from './unseen-text.ts';
import { remedyText, stableImageName } from './words.ts';

/** GitLab refuses reports of versions that it does not know; every supported release knows this one. */
const reportVersion = '15.0.7';

/** GitLab's limit for the name of a finding. */
const longestName = 255;

/** Formats a scan as GitLab's container scanning report. Its times have no zone and mean UTC. */
export function gitlabReport(report: ScanReport): Iterable<string> {
  return gitlabDocument(report, 'success', messagesOf(report), vulnerabilitiesOf(report));
}

/** A message of a scan: `fatal` is what kept it from being complete. */
interface GitlabMessage {
  level: 'info' | 'warn' | 'fatal';
  value: string;
}

function gitlabDocument(
  { date, toolVersion }: Pick<ScanReport, 'date' | 'toolVersion'>,
  status: 'success' | 'failure',
  messages: readonly GitlabMessage[],
  vulnerabilities: Iterable<object>,
): Iterable<string> {
  const time = requireDate(date, "GitLab's report").slice(0, 19);
  const program = {
    id: 'scapfeed',
    name: 'scapfeed',
    vendor: { name: 'scapfeed' },
    version: toolVersion,
  };
  return jsonParts({
    version: reportVersion,
    scan: {
      analyzer: program,
      scanner: program,
      start_time: time,
      end_time: time,
      status,
      type: 'container_scanning',
      messages,
    },
    vulnerabilities,
    remediations: [],
  });
}

function messagesOf(report: ScanReport): GitlabMessage[] {
  const { result } = report;
  const unseen = unseenText(report);
  const unjudged = unjudgedText(result.unjudged);
  const fault = signatureFault(result);
  return [
    ...(fault ? [{ level: 'warn', value: `signatures: ${fault.text}` } as const] : []),
    ...result.gaps.map(
      ({ code, where, detail }): GitlabMessage => ({
        level: 'warn',
        value: `${code}: ${where === undefined ? '' : `${where}: `}${detail}`,
      }),
    ),
    ...(unseen === undefined ? [] : [{ level: 'warn', value: unseen } as const]),
    ...(unjudged === undefined ? [] : [{ level: 'info', value: unjudged } as const]),
    ...basesText(result).map((value): GitlabMessage => ({ level: 'info', value })),
    ...exceptionLines(result, true).map((value): GitlabMessage => ({ level: 'info', value })),
  ];
}

/** GitLab identifies a finding by image, system, package and identifier: one for each installed package. */
function* vulnerabilitiesOf(report: ScanReport): Iterable<object> {
  const image = imageName(report);
  const system = systemName(report);
  const ids = new Set<string>();
  for (const flaw of report.lines()) {
    const facts = flawFacts(report, flaw);
    for (const { package: pkg, vulnerability, severity } of flaw.verdicts) {
      const file = fileOf(pkg, report.result);
      yield {
        id: uuidOf(
          [vulnerability, pkg.name, pkg.arch, report.name, ...(file === undefined ? [] : [file])],
          ids,
        ),
        name: (facts.known?.title ?? `${vulnerability} in ${pkg.name}`).slice(0, longestName),
        description: facts.known?.description ?? facts.known?.title ?? `${vulnerability} in ${pkg.name}`,
        severity: severities[severity],
        solution: remedyText(flaw),
        location: {
          dependency: { package: { name: pkg.name }, version: pkg.version },
          operating_system: system,
          image,
        },
        identifiers: identifiersOf(flaw, report, facts.page),
        links: facts.links.map((url) => ({ url })),
        ...detailsOf(file, baseText(flaw), fixDate(flaw.verdict, report.facts.advisory)),
      };
    }
  }
}

function detailsOf(file: string | undefined, origin: string | undefined, fixed: string | undefined): object {
  const text = (name: string, value: string) => ({ type: 'text', name, value });
  const details = {
    ...(file !== undefined && { file: text('File', file) }),
    ...(origin !== undefined && { origin: text('Origin', origin) }),
    ...(fixed !== undefined && { fixed: text('Fixed since', fixed) }),
  };
  return Object.keys(details).length === 0 ? {} : { details };
}

const severities: Record<Severity, string> = {
  critical: 'Critical',
  high: 'High',
  medium: 'Medium',
  low: 'Low',
  negligible: 'Info',
  unknown: 'Unknown',
};

function identifiersOf(
  { verdict: { vulnerability, advisories } }: Flaw,
  report: ScanReport,
  page: string | undefined,
): object[] {
  const type = vulnerability.startsWith('CVE-') ? 'cve' : 'scapfeed';
  return [
    { type, name: vulnerability, value: vulnerability, ...(page === undefined ? {} : { url: page }) },
    ...advisories.map((id) => {
      const url = advisoryUrl(report, id);
      const kind = id.slice(0, Math.max(0, id.indexOf('-'))).toLowerCase() || 'advisory';
      return { type: kind, name: id, value: id, ...(url === undefined ? {} : { url }) };
    }),
  ];
}

/** GitLab wants a tag or a digest in the name. */
function imageName({ result: { image } }: ScanReport): string {
  const name = stableImageName(image.reference);
  if (image.digest !== undefined) return `${name}@${image.digest}`;
  const tag = /:([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})$/.exec(image.reference)?.[1];
  return `${name}:${tag ?? 'latest'}`;
}

function systemName({ result: { inventory } }: ScanReport): string {
  const { os } = inventory;
  if (!os) return 'unknown';
  return [os.id, os.pointRelease ?? os.versionId ?? os.codename]
    .filter((part) => part !== undefined)
    .join(' ');
}

/** A UUID of version 8 from the identity: the same one on every run, and none twice in a report. */
function uuidOf(identity: readonly string[], taken: Set<string>): string {
  for (let nth = 0; ; nth++) {
    const hex = hash('sha256', JSON.stringify([...identity, nth]));
    const variant = '89ab'[Number.parseInt(hex[16]!, 16) % 4];
    const id = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
    if (taken.has(id)) continue;
    taken.add(id);
    return id;
  }
}

/** The findings of all images, each with its image, in one report. A line for the messages, then one for each finding. */
export const mergedGitlab: MergedScan = {
  *part(report, { target }) {
    const messages = messagesOf(report).map(({ level, value }) => ({ level, value: `${target}: ${value}` }));
    yield `${JSON.stringify(messages)}\n`;
    for (const finding of vulnerabilitiesOf(report)) yield `${JSON.stringify(finding)}\n`;
  },
  whole,
};

function whole(scan: ManyScan): Iterable<string> {
  const messages = scan.targets.flatMap(({ target, error, facts, part }): GitlabMessage[] => {
    if (error)
      return [{ level: 'fatal', value: `${target} was not scanned: ${error.message} [${error.code}]` }];
    if (!facts) return [];
    // The first line that `part` wrote.
    for (const line of linesOf(part())) return JSON.parse(line) as GitlabMessage[];
    return [];
  });
  const status = scan.totals.notScanned > 0 ? 'failure' : 'success';
  return gitlabDocument(scan, status, messages, findings(scan));
}

function* findings({ targets }: ManyScan): Iterable<object> {
  for (const { part } of targets) {
    let isFirst = true;
    for (const line of linesOf(part())) {
      if (!isFirst) yield JSON.parse(line) as object;
      isFirst = false;
    }
  }
}

function* linesOf(parts: Iterable<string>): Iterable<string> {
  let rest = '';
  for (const part of parts) {
    const lines = `${rest}${part}`.split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== '') yield rest;
}
