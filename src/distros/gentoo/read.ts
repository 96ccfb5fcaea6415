import { ebuildRangeText } from '../../packaging/index.ts';
import type { SourceSink } from '../../sources/contract.ts';
import type { SnapshotStore, SourceInput } from '../../sources/snapshots.ts';
import { readGlsas } from './archive.ts';
import { archiveInput, type GentooDefinition, gentooPlatform } from './definition.ts';
import {
  affectedPackages,
  flawsOf,
  type Glsa,
  type GlsaFault,
  type GlsaPackage,
  noAffected,
  severityOf,
} from './glsa.ts';

/** Reads the advisories: each is about every CVE and every package that it names. */
export async function readGentoo(
  snapshots: readonly SourceInput[],
  store: SnapshotStore,
  out: SourceSink,
  definition: GentooDefinition,
): Promise<void> {
  const { id } = archiveInput(definition);
  const input = snapshots.find((each) => each.id === id);
  if (input === undefined) return;
  const known = new Map<string, string>();
  let affects = false;
  for await (const { name, read } of readGlsas(store.open(input), store.path(input))) {
    const place = `${id}#${name}`;
    if ('message' in read) dropFault('wrong_type', read, place, out);
    else if (known.has(read.id)) dropRepeated(read, known.get(read.id)!, place, out);
    else {
      known.set(read.id, JSON.stringify(read));
      affects ||= affectedPackages(read).length > 0;
      if (read.announced !== undefined) out.dated(id, read.announced);
      useGlsa(read, place, out);
    }
  }
  // Without a statement every image would look clean.
  if (!affects) throw noAffected(known.size, store.path(input));
  out.platform(gentooPlatform, { inputs: [id], marks: ['fixes_only', 'no_package_list'] });
}

/** One with other words leaves its packages unread: it is not known which of the two holds. */
function dropRepeated(glsa: Glsa, first: string, where: string, out: SourceSink): void {
  if (JSON.stringify(glsa) === first) {
    out.ledger.drop('duplicate_record', where, glsa.id);
    return;
  }
  const message = `a second advisory ${glsa.id}, which says something else`;
  dropFault('wrong_type', { message, packages: namesOf(affectedPackages(glsa)) }, where, out);
}

function namesOf(packages: readonly GlsaPackage[]): string[] {
  return [...new Set(packages.map(({ name }) => name))];
}

function dropFault(
  reason: string,
  { message, packages }: GlsaFault,
  where: string,
  { ledger }: SourceSink,
): void {
  const platforms = [gentooPlatform.id];
  const [first, ...others] = packages;
  ledger.drop(reason, where, message, 1, { platforms, ...(first !== undefined && { package: first }) });
  for (const name of others) ledger.unread({ platforms, package: name }, { reason, where, detail: message });
}

function pageOf(id: string): string {
  return `https://security.gentoo.org/glsa/${id.slice('GLSA-'.length)}`;
}

function useGlsa(glsa: Glsa, place: string, out: SourceSink): void {
  const { id, title, announced, product, packages } = glsa;
  const { ledger } = out;
  const affected = affectedPackages(glsa);
  if (affected.length === 0) {
    const isOther = product !== 'ebuild' || packages.length === 0;
    ledger.drop(isOther ? 'no_packages' : 'no_affected_entry', place);
    return;
  }
  const flaws = flawsOf(glsa);
  if (!ledger.hasRoom(gentooPlatform.id, affected.length, flaws.length)) {
    dropFault(
      'too_many_flaws',
      { message: `${flaws.length} flaws`, packages: namesOf(affected) },
      place,
      out,
    );
    return;
  }
  ledger.use();
  const severity = severityOf(glsa);
  if (severity === undefined) ledger.doubt('unknown_severity', place, glsa.impact.slice(0, 80));
  for (const text of glsa.unreadReferences) ledger.doubt('unread_reference', place, text);
  for (const { name } of packages.filter((each) => !affected.includes(each)))
    ledger.doubt('no_vulnerable_version', place, name);
  out.advisory({
    id,
    ...(announced !== undefined && { date: announced }),
    ...(title !== '' && { title }),
    url: pageOf(id),
  });
  for (const flaw of flaws) out.vulnerability({ id: flaw });
  const [vulnerability, ...others] = flaws;
  for (const { name, arch, range } of affected)
    out.statement(
      {
        ...{ vulnerability: vulnerability!, platform: gentooPlatform.id, package: name, subject: 'binary' },
        // The fix, if there is one, is among the unaffected versions of the range.
        ...{ status: 'affected', fixState: 'none_yet', range: ebuildRangeText(range) },
        ...(arch && { arch }),
        ...{ severity: severity ?? 'unknown', advisories: [id] },
        evidence: 'gentoo-glsa#{advisory}',
      },
      others,
    );
}
