import type { Ledger } from '../../model/feed/index.ts';
import type { SourceSink } from '../contract.ts';
import { type Erratum, type ErratumPlace, severityOf } from './erratum.ts';
import { fixesOf } from './fixes.ts';

/** Of the errata of a release. All of AlmaLinux 8 have some 100,000. */
const mostPairs = 1_000_000;

/** Each row of an erratum is used or dropped; an erratum without rows counts as one. Returns how many are used. */
export function addErratum(
  erratum: Erratum,
  { input, place, platform, channelOf, pointer = '{advisory}' }: ErratumPlace,
  out: SourceSink,
): number {
  const { ledger } = out;
  dropFaults(erratum, { input, platform }, ledger);
  if (erratum.packages.length === 0 && erratum.faults.length === 0) {
    ledger.drop('no_packages', place, erratum.id);
    return 0;
  }
  const ids = vulnerabilitiesOf(erratum, { place, platform }, out);
  if (ids.length === 0) {
    ledger.drop('no_vulnerability', place, `${erratum.id}, ${erratum.type}`, erratum.packages.length);
    return 0;
  }
  const severity = severityOf(erratum.severity);
  if (severity === undefined) ledger.doubt('unknown_severity', place, erratum.severity.slice(0, 80));
  const { fixes, used } = fixesOf(erratum, { input, place, platform }, ledger);
  if (!ledger.hasRoom(platform, fixes.length, ids.length, mostPairs)) {
    const record = { reason: 'too_many_flaws', where: place, detail: `${ids.length} flaws` };
    ledger.drop(record.reason, place, record.detail, used);
    for (const name of new Set(fixes.map((fix) => fix.package)))
      ledger.unread({ platforms: [platform], package: name }, record);
    return 0;
  }
  ledger.use(used);
  const titles = titlesIn(erratum.description);
  for (const id of ids) {
    const title = titles.get(id);
    out.vulnerability({ id, ...(title === undefined ? {} : { title }) });
  }
  const { id, issued, title, page } = erratum;
  if (id !== '')
    out.advisory({
      id,
      ...(issued === undefined ? {} : { date: new Date(issued * 1000).toISOString().slice(0, 10) }),
      ...(title === '' ? {} : { title }),
      ...(severity === undefined || severity === 'unknown' ? {} : { severity }),
      ...(page === undefined ? {} : { url: page }),
    });
  const [first, ...others] = ids;
  for (const fix of fixes) {
    const channel = channelOf?.(fix.package);
    out.statement(
      {
        vulnerability: first!,
        platform,
        package: fix.package,
        status: 'fixed',
        fixed: fix.fixed,
        severity: severity ?? 'unknown',
        ...(id === '' ? {} : { advisories: [id] }),
        subject: 'binary',
        ...(fix.module === undefined ? {} : { module: fix.module }),
        ...(fix.arch === undefined ? {} : { arch: fix.arch }),
        ...(channel === undefined ? {} : { channel }),
        evidence: `${input}#${pointer}`,
      },
      others,
    );
  }
  return used;
}

/** Drops the rows of an erratum that do not have their form. */
export function dropFaults(
  { id, faults }: Pick<Erratum, 'id' | 'faults'>,
  { input, platform }: Pick<ErratumPlace, 'input' | 'platform'>,
  ledger: Ledger,
): void {
  for (const { pointer, message, package: name } of faults) {
    const about = {
      platforms: [platform],
      ...(name === undefined ? {} : { package: name }),
      record: { where: `${input}#${id}` },
    };
    ledger.drop('wrong_type', `${input}#${pointer}`, message, 1, about);
  }
}

export const cveId = /^CVE-\d{4}-\d{4,15}$/;

/**
 * Bug fixes may name CVEs too. A security erratum without any, and one that names a CVE in another form (`CVE-PENDING`), is a flaw under
 * its own id: the builds without that flaw are known. If it has no id either, its packages are unread.
 */
function vulnerabilitiesOf(
  { id, security, cves, packages }: Erratum,
  { place, platform }: Pick<ErratumPlace, 'place' | 'platform'>,
  { ledger }: SourceSink,
): string[] {
  const ids = cves.filter((each) => cveId.test(each));
  const others = cves.filter((each) => !cveId.test(each));
  for (const each of others) ledger.doubt('unknown_vulnerability_id', place, each.slice(0, 80));
  if (others.length === 0 && (ids.length > 0 || !security || id === '')) return ids;
  if (id === '') {
    const record = { reason: 'unknown_vulnerability_id', where: place, detail: others[0]!.slice(0, 80) };
    for (const name of new Set(packages.map((row) => row.name)))
      ledger.unread({ platforms: [platform], package: name }, record);
    return ids;
  }
  if (security && ids.length === 0) ledger.doubt('security_erratum_without_cve', place, id);
  return [...ids, id];
}

/** A longer line is no title of a flaw. */
const mostTitle = 300;

/** `* kernel: use after free in nvmet (CVE-2023-5178)`, by the last id in brackets. */
function titlesIn(description: string): ReadonlyMap<string, string> {
  const titles = new Map<string, string>();
  for (const line of description.split('\n')) {
    if (!line.startsWith('*')) continue;
    const trimmed = line.trimEnd();
    const open = trimmed.lastIndexOf('(');
    const title = trimmed.slice(1, open).trim();
    const id = trimmed.slice(open + 1, -1);
    if (open > 0 && trimmed.endsWith(')') && cveId.test(id) && title !== '' && title.length <= mostTitle)
      titles.set(id, title);
  }
  return titles;
}
