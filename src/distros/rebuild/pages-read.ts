import { ScapfeedError } from '../../model/error.ts';
import type { RecordSubject } from '../../model/feed/index.ts';
import type { EvidenceDocument } from '../../sources/contract.ts';
import { installable } from '../../sources/errata/build.ts';
import { type Erratum, rowsOf } from '../../sources/errata/erratum.ts';
import { requireShare } from '../../sources/errata/malformed-share.ts';
import { addErratum } from '../../sources/errata/statements.ts';
import { namesItself, readRecord } from '../../sources/foreign-record.ts';
import type { SnapshotStore, SourceInput } from '../../sources/snapshots.ts';
import { advisoryForm, type PagesDefinition, platformId } from './definition.ts';
import { advisoriesId, readPage } from './pages.ts';
import { type Advisory, type AdvisoryPackage, parseAdvisory, subjectsOf } from './pages-advisory.ts';
import { addRelease, type RebuildReading, reportAbsent } from './reading.ts';

/** Reads the pages of advisories and the rosters in the snapshots. */
export async function readPages(reading: RebuildReading<PagesDefinition>): Promise<void> {
  const { rebuild, definition, snapshots } = reading;
  const input = snapshots.find(({ id }) => id === advisoriesId(rebuild));
  // `Rocky Linux 9 x86_64`; before 2023 with each minor besides: `Rocky Linux 8.4 aarch64 (Legacy)`.
  const product = new RegExp(`^${rebuild.name} (\\d+)(?:\\.\\d+)?(?: [a-z0-9_]+)?(?: \\(Legacy\\))?$`, 'i');
  const withErrata = input ? await readAdvisories({ ...reading, input, product }) : new Set();
  for (const release of definition.releases) {
    if (input && withErrata.has(release.major)) await addRelease(release, [input.id], reading);
    else reportAbsent(release, reading);
  }
}

interface PagesReading extends RebuildReading<PagesDefinition> {
  input: SourceInput;
  /** The name of a release as a product, with its major in group 1. */
  product: RegExp;
}

/** The majors with at least one erratum. */
async function readAdvisories(reading: PagesReading): Promise<Set<string>> {
  const { rebuild, input, store, out, definition } = reading;
  const form = advisoryForm(rebuild);
  const { ledger } = out;
  const withErrata = new Set<string>();
  const names = new Set<string>();
  let [count, faults, newest] = [0, 0, 0];
  for (const document of await store.documents(input)) {
    for await (const read of readPage(store.open(document), store.path(document))) {
      if ('head' in read) continue;
      count += 1;
      const pointer = `${document.name}/advisories/${read.at}`;
      const place = `${input.id}#${pointer}`;
      const advisory =
        'fault' in read
          ? new ScapfeedError({ code: 'SOURCE_MALFORMED', message: read.fault, where: pointer })
          : readRecord(pointer, () => parseAdvisory(read.item, pointer, form.id));
      if (advisory instanceof ScapfeedError) {
        faults += 1;
        const record = {
          reason: 'wrong_type',
          where: `${input.id}#${advisory.where ?? pointer}`,
          detail: advisory.message,
        };
        ledger.drop(record.reason, record.where, record.detail);
        for (const about of aboutOf('item' in read ? read.item : undefined, reading))
          ledger.unread(about, record);
      } else if (names.has(advisory.name)) {
        ledger.drop('repeated', place, advisory.name, rowsOf(advisory));
      } else {
        names.add(advisory.name);
        newest = Math.max(newest, advisory.published ?? 0, advisory.updated ?? 0);
        for (const major of addAdvisory(advisory, place, reading)) withErrata.add(major);
      }
    }
  }
  requireShare(faults, count, definition, store.path(input));
  if (newest > 0) out.dated(input.id, new Date(newest * 1000).toISOString());
  return withErrata;
}

/** Each row of an advisory is used or dropped; one without rows counts as one. Returns the majors that it has fixes for. */
function addAdvisory(advisory: Advisory, place: string, reading: PagesReading): string[] {
  const { rebuild, input, out, known } = reading;
  const { ledger } = out;
  for (const { pointer, message, package: name, product } of advisory.faults) {
    const about = {
      platforms: platformsOf(product, reading),
      ...(name === undefined ? {} : { package: name }),
      record: { where: `${input.id}#${advisory.name}` },
    };
    ledger.drop('wrong_type', `${input.id}#${pointer}`, message, 1, about);
  }
  if (advisory.packages.length === 0) {
    if (advisory.faults.length === 0) ledger.drop('no_packages', place, advisory.name);
    return [];
  }
  const byMajor = rowsByMajor(advisory, place, reading);
  if (byMajor.size === 0) known.passOver(advisory.name);
  return [...byMajor].flatMap(([major, rows]) => {
    const erratum = erratumOf(advisory, rows);
    known.add(major, erratum);
    const packages = installable(erratum, place, ledger);
    if (packages.length === 0) return [];
    const platform = platformId(rebuild, { major });
    const used = addErratum({ ...erratum, packages }, { input: input.id, place, platform }, out);
    return used > 0 ? [major] : [];
  });
}

/** The platform of a product; of a row that names none, every one. */
function platformsOf(name: string | undefined, { rebuild, definition, product }: PagesReading): string[] {
  const majors = definition.releases.map(({ major }) => major);
  const named = name === undefined ? undefined : product.exec(name)?.[1];
  const own = name === undefined ? majors : majors.filter((major) => major === named);
  return own.map((major) => platformId(rebuild, { major }));
}

/** Packages of an advisory that cannot be read, each once a platform. */
function aboutOf(json: string | undefined, reading: PagesReading): RecordSubject[] {
  const all = subjectsOf(json).flatMap(({ product, ...about }) =>
    platformsOf(product, reading).map((platform) => ({ platforms: [platform], ...about })),
  );
  return [...new Map(all.map((about) => [JSON.stringify(about), about])).values()];
}

/**
 * Products of special interest groups have builds of their own (`.el8_7.cloud`), which the release's are not to be measured by; RXSA
 * is of an extra repository.
 */
function rowsByMajor(
  { name, packages }: Advisory,
  place: string,
  { definition: { releases }, product, out: { ledger } }: PagesReading,
): Map<string, AdvisoryPackage[]> {
  const byMajor = new Map<string, AdvisoryPackage[]>();
  const others = new Map<string, number>();
  for (const row of packages) {
    const major = name.startsWith('RX') ? undefined : product.exec(row.product)?.[1];
    if (major === undefined || !releases.some((release) => release.major === major))
      others.set(row.product, (others.get(row.product) ?? 0) + 1);
    else {
      const rows = byMajor.get(major);
      if (rows) rows.push(row);
      else byMajor.set(major, [row]);
    }
  }
  for (const [product, count] of others)
    ledger.drop('other_product', place, `${name} of ${product.slice(0, 80)}`, count);
  return byMajor;
}

function erratumOf(advisory: Advisory, packages: readonly AdvisoryPackage[]): Erratum {
  const modules = new Map<string, { module: string; arch: string }>();
  for (const { module, arch } of packages)
    if (module !== undefined) modules.set(`${module} ${arch}`, { module, arch });
  return {
    id: advisory.name,
    security: advisory.kind.toLowerCase() === 'security',
    type: advisory.kind,
    severity: advisory.severity,
    title: advisory.synopsis,
    description: advisory.description,
    issued: advisory.published,
    page: undefined,
    cves: advisory.cves,
    modules: [...modules.values()],
    packages,
    faults: [],
  };
}

/** An advisory by its name, on whichever page it is now. */
export async function pageEvidence(
  input: SourceInput,
  pointer: string,
  _: readonly SourceInput[],
  store: SnapshotStore,
): Promise<EvidenceDocument | undefined> {
  if (input.id !== advisoriesId({ id: input.source })) return undefined;
  for (const page of await store.documents(input)) {
    for await (const read of readPage(store.open(page), store.path(page))) {
      if (!('item' in read) || !namesItself(read.item, 'name', pointer)) continue;
      const place = `${input.url}#${page.name}/advisories/${read.at}`;
      return { place, bytes: Buffer.from(read.item), pointer: '' };
    }
  }
  return undefined;
}
