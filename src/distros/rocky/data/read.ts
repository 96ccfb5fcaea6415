import { fixesOnly, type Ledger, type RecordSubject, ScapfeedError } from '../../../model/index.ts';
import type { SourceSink } from '../../../sources/contract.ts';
import type { Erratum } from '../../../sources/errata/erratum.ts';
import { requireShare } from '../../../sources/errata/malformed-share.ts';
import { compareOsv, KnownErrata } from '../../../sources/errata/osv.ts';
import { tellErratum } from '../../../sources/errata/statements.ts';
import { readRecord } from '../../../sources/record-door.ts';
import { readRepositories } from '../../../sources/repodata/roster.ts';
import type { SnapshotStore, SourceInput } from '../../../sources/snapshots.ts';
import { type Advisory, type AdvisoryPackage, parseAdvisory, subjectsOf } from './advisory.ts';
import { platformOf, type RockyDefinition } from './definition.ts';
import { advisoriesId, osvInput, repositoryInputs } from './inputs.ts';
import { readPage } from './page.ts';

/** Reads the pages of advisories and the rosters in the snapshots, and compares advisories with the OSV records. */
export async function readRocky(
  snapshots: readonly SourceInput[],
  store: SnapshotStore,
  out: SourceSink,
  definition: RockyDefinition,
): Promise<void> {
  const known = new KnownErrata('Rocky Linux');
  const input = snapshots.find(({ id }) => id === advisoriesId);
  const told = input ? await readAdvisories({ input, store, out, known, definition }) : new Set();
  for (const release of definition.releases) {
    const place = `feeds/rocky.json#${release.major}`;
    if (!input || !told.has(release.major)) {
      // A release of feeds/ without a statement is no platform: its images would look clean.
      out.ledger.doubt('release_absent', place);
      continue;
    }
    const repositories = repositoryInputs(release, definition);
    const { inputs, marks, ...roster } = await readRepositories(
      repositories,
      snapshots,
      store,
      out.ledger,
      place,
    );
    out.platform(platformOf(release), {
      inputs: [input.id, ...inputs],
      ...roster,
      marks: [fixesOnly, ...marks],
      severalErrata: true,
    });
  }
  const osv = snapshots.find(({ id }) => id === osvInput(definition).id);
  if (osv) await compareOsv(osv, store, known, out.ledger);
}

interface Reading {
  input: SourceInput;
  store: SnapshotStore;
  out: SourceSink;
  known: KnownErrata;
  definition: RockyDefinition;
}

/** The majors that something was told of. */
async function readAdvisories(reading: Reading): Promise<Set<string>> {
  const { input, store, out, definition } = reading;
  const { ledger } = out;
  const told = new Set<string>();
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
          : readRecord(pointer, () => parseAdvisory(read.item, pointer));
      if (advisory instanceof ScapfeedError) {
        faults += 1;
        const record = {
          reason: 'wrong_type',
          where: `${input.id}#${advisory.where ?? pointer}`,
          detail: advisory.message,
        };
        ledger.drop(record.reason, record.where, record.detail);
        for (const about of aboutOf('item' in read ? read.item : undefined, definition))
          ledger.unread(about, record);
      } else if (names.has(advisory.name)) {
        ledger.drop('repeated', place, advisory.name, rowsOf(advisory));
      } else {
        names.add(advisory.name);
        newest = Math.max(newest, advisory.published ?? 0, advisory.updated ?? 0);
        for (const major of tellAdvisory(advisory, place, reading)) told.add(major);
      }
    }
  }
  requireShare(faults, count, definition, store.path(input));
  if (newest > 0) out.dated(input.id, new Date(newest * 1000).toISOString());
  return told;
}

function rowsOf({ packages, faults }: Advisory): number {
  return Math.max(1, packages.length + faults.length);
}

/** Each row of an advisory is used or dropped; one without rows counts as one. Returns the majors that it has fixes for. */
function tellAdvisory(advisory: Advisory, place: string, reading: Reading): string[] {
  const { input, out, known, definition } = reading;
  const { ledger } = out;
  for (const { pointer, message, package: name, product } of advisory.faults) {
    const about = {
      platforms: platformsOf(product, definition),
      ...(name === undefined ? {} : { package: name }),
      record: { where: `${input.id}#${advisory.name}` },
    };
    ledger.drop('wrong_type', `${input.id}#${pointer}`, message, 1, about);
  }
  if (advisory.packages.length === 0) {
    if (advisory.faults.length === 0) ledger.drop('no_packages', place, advisory.name);
    return [];
  }
  const byMajor = rowsByMajor(advisory, place, definition, ledger);
  if (byMajor.size === 0) known.passOver(advisory.name);
  return [...byMajor].flatMap(([major, rows]) => {
    const erratum = erratumOf(advisory, rows);
    known.add(major, erratum);
    const packages = installable(erratum, place, ledger);
    if (packages.length === 0) return [];
    const platform = platformId(major);
    const used = tellErratum({ ...erratum, packages }, { input: input.id, place, platform }, out);
    return used > 0 ? [major] : [];
  });
}

/** `Rocky Linux 9 x86_64`; before 2023 with each minor besides: `Rocky Linux 8.4 aarch64 (Legacy)`. */
const ofRelease = /^Rocky Linux (\d+)(?:\.\d+)?(?: [a-z0-9_]+)?(?: \(Legacy\))?$/i;

/** The platform of a product; of a row that names none, every one. */
function platformsOf(product: string | undefined, { releases }: RockyDefinition): string[] {
  const majors = releases.map(({ major }) => major);
  const named = product === undefined ? undefined : ofRelease.exec(product)?.[1];
  return (product === undefined ? majors : majors.filter((major) => major === named)).map(platformId);
}

/** Packages of an advisory that cannot be read, each once a platform. */
function aboutOf(json: string | undefined, definition: RockyDefinition): RecordSubject[] {
  const all = subjectsOf(json).flatMap(({ product, ...about }) =>
    platformsOf(product, definition).map((platform) => ({ platforms: [platform], ...about })),
  );
  return [...new Map(all.map((about) => [JSON.stringify(about), about])).values()];
}

function platformId(major: string): string {
  return `rocky-${major}`;
}

/** Products of special interest groups have builds of their own (`.el8_7.cloud`), which the release's are not to be measured by. */
function rowsByMajor(
  { name, packages }: Advisory,
  place: string,
  { releases }: RockyDefinition,
  ledger: Ledger,
): Map<string, AdvisoryPackage[]> {
  const byMajor = new Map<string, AdvisoryPackage[]>();
  const others = new Map<string, number>();
  for (const row of packages) {
    const major = name.startsWith('RX') ? undefined : ofRelease.exec(row.product)?.[1];
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

const debugName = /-(?:debuginfo|debugsource)(?:-common(?:-.+)?)?$/;

/** Without rows of source packages, which no system has installed, and of debug symbols, which do not run. */
function installable({ id, packages }: Erratum, place: string, ledger: Ledger): Erratum['packages'] {
  const binaries = packages.filter(({ arch }) => arch !== 'src' && arch !== 'nosrc');
  const left = binaries.filter(({ name }) => !debugName.test(name));
  ledger.drop('source_package', place, id, packages.length - binaries.length);
  ledger.drop('debug_package', place, id, binaries.length - left.length);
  return left;
}
