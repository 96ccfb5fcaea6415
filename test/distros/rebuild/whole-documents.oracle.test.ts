import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OvalEngine } from '../../../src/comply/oval/engine.ts';
import { lookupOf } from '../../../src/comply/oval/lookup.ts';
import type { OvalClass, OvalCriteria, OvalDocument } from '../../../src/comply/oval/model.ts';
import { readOval } from '../../../src/comply/oval/read-oval.ts';
import { imageCollector } from '../../../src/comply/probes/image-collector.ts';
import { readInventory } from '../../../src/inventory/index.ts';
import type { InstalledPackage, Inventory } from '../../../src/model/inventory/index.ts';
import { parseRpmEvr } from '../../../src/packaging/index.ts';
import { sourceOfRpm } from '../../../src/packaging/rpm/package.ts';
import { type Feed, matchInventory, openFeed } from '../../../src/runtime/node.ts';
import { readPatches } from '../../../src/sources/oval/read-patches.ts';
import { rpmDatabaseMaker } from '../../prove/compare.ts';
import { oscapVerdicts } from '../../prove/oscap.ts';
import { Random } from '../../prove/random.ts';
import type { RpmPackage } from '../../prove/trial.ts';
import { scapfeed } from '../../support/cli.ts';
import { dataPath, hasData } from '../../support/data.ts';
import { dirView } from '../../support/dir-view.ts';
import { memoryView } from '../../support/memory-view.ts';
import { hasOracle } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { turn } from '../../support/trials.ts';
import { rpmRoot } from '../shared/rpm-system.ts';
import * as anolis from './anolis/world.ts';
import * as azure from './azurelinux/world.ts';
import { keptElsaFolder, keptElsas } from './oracle/kept.ts';
import * as oracle from './oracle/world.ts';
import * as photon from './photon/world.ts';

// Vendors' own documents, as they are: on made inventories the index says what the document says when it is evaluated, by our engine
// and, on some of them, by oscap; or the difference is of a class below, each with its reason. AlmaLinux 8's whole OVAL, from which
// with the errata its index is made, has a test of its own (almalinux/whole-oval).

/** Why the index may differ from the document, by the side that says "affected". */
const classes = {
  // The document alone.
  foreign:
    'others built the package: their key is known, or the vendor is another; the document tests neither',
  notApplicable:
    'the vendor says of the flaw that it does not apply (patchable), and has a test all the same',
  otherSource: 'the package has the name of a source, and is built from another one',
  named: 'the bound begins with a part of the name, and is below or above all builds',
  flavourOfOthers: 'a build of a flavour is below a bound of plain builds, which are numbered otherwise',
  // The index alone.
  signature: 'the package is not signed, or by a key of the vendor for another release',
  source: 'statements are about sources: a package of another name is built from it',
  unfixed: 'there is no fix: every build has the flaw, also a newer one than the document knows',
  lower: 'a lower bound is not compared, and the verdict is marked',
  architecture:
    'rows for other architectures are used for a package without one, and where there are no others (marked)',
  several:
    'of several definitions of a flaw in a package the highest bound counts, and before all that there is no fix',
  // Neither: its package has statements that could not be read, and is not covered.
  noVersion:
    'the bound is no version with a release; where it is none at all, our engine says error, and oscap compares text',
  // Either.
  epoch: 'the name of a source rpm has no epoch, so none is compared',
} as const;

type Class = keyof typeof classes;

const byDocument: readonly Class[] = [
  'foreign',
  'notApplicable',
  'otherSource',
  'named',
  'flavourOfOthers',
  'epoch',
];
const byIndex: readonly Class[] = [
  'signature',
  'source',
  'unfixed',
  'lower',
  'several',
  'architecture',
  'named',
  'epoch',
];

interface VendorDocument {
  name: string;
  source: string;
  platform: string;
  ofClass: OvalClass;
  /** Rows name sources. */
  bySource?: true;
  text: string;
  mirror: string;
  rpm: (nevra: string, more?: Partial<RpmPackage>) => RpmPackage;
  files: Readonly<Record<string, string>>;
  release: string;
  /** It has packages of 32 bits beside. */
  of32Bits?: true;
}

const redHatKey = '199e2f91fd431d51';
const otherKeys: readonly string[] = [redHatKey, ...Object.values(oracle.keys)];

const raw = 'mirror/raw.githubusercontent.com/microsoft/AzureLinuxVulnerabilityData/main';
const vunnel = 'oval/azure/anchore+vunnel/tests/unit/providers/mariner/test-fixtures';
const paths = {
  azure: `${raw}/azurelinux-3.0-oval.xml`,
  mariner1: `${raw}/cbl-mariner-1.0-oval.xml`,
  mariner2: `${vunnel}/mariner-truncated-2.0-oval.xml`,
  photon: 'oval/photon/quay+claircore/photon/testdata/com.vmware.phsa-photon3.xml',
  anolis:
    'vendors2/anolis/MaineK00n+vuls-data-update/pkg/fetch/anolis/oval/testdata/fixtures/happy/anolis-23.oval.xml',
  oracle: keptElsaFolder,
} as const;

function microsoft(platform: string, path: string, id: string, version: string, tag: string): VendorDocument {
  const text = readFileSync(dataPath(path), 'utf8');
  const file = platform.replace('mariner', 'cbl-mariner');
  return {
    ...{ name: platform, source: id, platform, ofClass: 'vulnerability', bySource: true, text },
    mirror: azure.writeAzureMirror({ [file]: text }),
    rpm: azure.rpm,
    files: { 'etc/os-release': `NAME="${id}"\nID=${id}\nVERSION_ID="${version}"\n` },
    release: `${id}-release-${version}-1.${tag}.ARCH`,
  };
}

function oracleDocument(major: string): VendorDocument {
  const text = oracle.elsaOval(keptElsas(major));
  const keyid = major === '7' ? oracle.keys.ol7 : oracle.keys.ol8;
  return {
    ...{ name: `ol-${major}`, source: 'oracle', platform: `ol-${major}`, ofClass: 'patch', text },
    mirror: oracle.writeOracleMirror({ [major]: text }),
    rpm: (nevra, more) => oracle.rpm(nevra, { keyid, ...more }),
    files: { 'etc/os-release': `NAME="Oracle Linux Server"\nID="ol"\nVERSION_ID="${major}.9"\n` },
    release: `oraclelinux-release-8:${major}.9-1.0.1.el${major}.ARCH`,
    of32Bits: true,
  };
}

const documents: readonly [name: string, path: string, make: () => VendorDocument][] = [
  [
    'Azure Linux 3.0',
    paths.azure,
    () => microsoft('azurelinux-3.0', paths.azure, 'azurelinux', '3.0', 'azl3'),
  ],
  [
    'CBL-Mariner 1.0',
    paths.mariner1,
    () => microsoft('mariner-1.0', paths.mariner1, 'mariner', '1.0', 'cm1'),
  ],
  [
    'CBL-Mariner 2.0',
    paths.mariner2,
    () => microsoft('mariner-2.0', paths.mariner2, 'mariner', '2.0', 'cm2'),
  ],
  [
    'Photon OS 3.0',
    paths.photon,
    () => {
      const text = readFileSync(dataPath(paths.photon), 'utf8');
      return {
        ...{ name: 'photon-3.0', source: 'photon', platform: 'photon-3.0', ofClass: 'patch', text },
        mirror: photon.writePhotonMirror({ 3: text }),
        rpm: photon.rpm,
        files: { 'etc/os-release': 'NAME="VMware Photon OS"\nID=photon\nVERSION_ID=3.0\n' },
        release: 'photon-release-3.0-4.ph3.noarch',
      };
    },
  ],
  [
    'Anolis OS 23',
    paths.anolis,
    () => {
      const text = readFileSync(dataPath(paths.anolis), 'utf8');
      return {
        ...{ name: 'anolis-23', source: 'anolis', platform: 'anolis-23', ofClass: 'patch', text },
        mirror: anolis.writeAnolisMirror({ 23: text }),
        rpm: anolis.rpm,
        files: {
          'etc/os-release': 'NAME="Anolis OS"\nID="anolis"\nVERSION_ID="23.3"\n',
          'etc/anolis-release': 'Anolis OS release 23.3\n',
        },
        release: 'anolis-release-23.3-1.an23.ARCH',
      };
    },
  ],
  ['Oracle Linux 7', paths.oracle, () => oracleDocument('7')],
  ['Oracle Linux 8', paths.oracle, () => oracleDocument('8')],
];

/** A definition with the packages that its tests name, and their bounds. */
interface Definition {
  id: string;
  cves: readonly string[];
  notApplicable: boolean;
  bounds: readonly { name: string; operation: string; evr: string }[];
  names: ReadonlySet<string>;
}

/** Installed packages, and the system's architecture. */
interface Made {
  arch: string;
  packages: readonly RpmPackage[];
}

class Prover {
  readonly of: VendorDocument;
  readonly document: OvalDocument;
  readonly definitions: Definition[] = [];
  readonly byName = new Map<string, Definition[]>();
  readonly #lookup;
  readonly #feed: Feed;

  private constructor(of: VendorDocument, feed: Feed) {
    this.of = of;
    this.document = readOval(of.text, of.name);
    this.#lookup = lookupOf(this.document);
    this.#feed = feed;
  }

  static async of(of: VendorDocument): Promise<Prover> {
    const out = join(temporaryFolder('feed'), 'out');
    const built = scapfeed([
      ...['build', '--source', of.source, '--mirror', of.mirror, '--no-oval'],
      ...['--snapshots', join(out, '../snapshots'), '--out', out],
    ]);
    expect(built, built.err).toMatchObject({ code: 0 });
    const prover = new Prover(of, openFeed(out));
    for (const { id, cves, patchable } of await readPatches(pieces(of.text), of.name, of.ofClass)) {
      const { criteria } = prover.document.definitions[id]!;
      const bounds = criteria ? prover.#boundsIn(criteria) : [];
      const names = new Set(bounds.map(({ name }) => name));
      const definition = { id, cves, notApplicable: patchable === 'Not Applicable', bounds, names };
      if (bounds.length > 0) prover.definitions.push(definition);
      for (const name of names) prover.byName.set(name, [...(prover.byName.get(name) ?? []), definition]);
    }
    return prover;
  }

  #boundsIn(criteria: OvalCriteria): Definition['bounds'] {
    return criteria.children.flatMap(({ criteria: inner, test: id = '' }) => {
      if (inner) return this.#boundsIn(inner);
      const { object = '', states = [] } = this.document.tests[id]!;
      const [name] = this.document.objects[object]!.entities.flatMap((each) =>
        each.name === 'name' ? [each.value ?? ''] : [],
      );
      const evr = this.document.states[states[0] ?? '']?.entities.find((each) => each.name === 'evr');
      if (name === undefined || evr?.value === undefined) return [];
      return [{ name, operation: evr.operation ?? 'equals', evr: evr.value }];
    });
  }

  /** Packages around bounds of some definitions, two in three of them as the vendor builds them. */
  make(random: Random, definitions: readonly Definition[]): Made {
    const packages = new Map<string, RpmPackage>();
    const arch = random.pick(['x86_64', 'x86_64', 'aarch64']);
    for (const { bounds } of definitions)
      for (let count = 1 + random.below(Math.min(3, bounds.length)); count > 0; count--) {
        const of = random.pick([arch, arch, 'noarch', arch === 'x86_64' && this.of.of32Bits ? 'i686' : arch]);
        const pkg = this.#package(random, random.pick(bounds), of);
        packages.set(pkg.name, pkg);
      }
    return { arch, packages: [...packages.values()] };
  }

  #package(random: Random, { name, evr }: Definition['bounds'][number], arch: string): RpmPackage {
    const { of } = this;
    const odd = random.chance(30) ? random.below(6) : -1;
    const [, epoch = '0', whole = ''] = /^(?:(\d+):)?(.+)$/.exec(parseRpmEvr(evr) ? evr : '0:1-1') ?? [];
    const plain = whole.includes('-') ? whole : `${whole}-1`;
    // Anolis: `32:chroot-9.18.34-1.an23` of bind-chroot.
    const named = /^(.+?)-(?=[^-]+-[^-]+$)/.exec(plain)?.[1];
    const build = named !== undefined && name.endsWith(`-${named}`) ? plain.slice(named.length + 1) : plain;
    const [version = '', release = ''] = build.split('-');
    const other = random.pick([
      ...[`${version}-${release}~`, `${version}-${release}`, `${version}-${release}.1`],
      ...[`${version}~-${release}`, `${version}.1-${release}`, `0-${release}`, `99-${release}`],
      `${version}-1${release}`,
    ]);
    const own = odd === 0 ? random.pick(['0', '1', '40']) : epoch;
    const shown = own === '0' && random.chance(50) ? '' : `${own}:`;
    const flavoured = odd === 1 && of.source === 'oracle' ? other.replace(/\.el\d.*$/, '.ksplice1$&') : other;
    const installed = odd === 2 && of.bySource ? `${name}-libs` : name;
    const sourceName = odd === 3 ? 'another' : name;
    const keyid = odd === 4 ? random.pick([undefined, ...otherKeys]) : odd === 5 ? undefined : false;
    const made = of.rpm(`${installed}-${shown}${flavoured}.${arch}`, {
      sourcerpm: `${sourceName}-${flavoured}.src.rpm`,
      ...(keyid === false ? {} : { keyid: keyid as string }),
      ...(odd === 5 && random.chance(50) ? { vendor: 'Somebody' } : {}),
    });
    if (made.keyid === undefined) delete made.keyid;
    return made;
  }

  installed({ arch, packages }: Made): RpmPackage[] {
    return [this.of.rpm(this.of.release.replace('ARCH', arch)), ...packages];
  }

  /** The results of the definitions by our engine, on the document as it is. */
  direct(packages: readonly InstalledPackage[]): (id: string) => string {
    const files = memoryView(
      Object.fromEntries(Object.entries(this.of.files).map(([path, text]) => [`/${path}`, text])),
    );
    const collect = imageCollector({ files, env: [], packages: () => packages });
    const engine = new OvalEngine({ document: this.#lookup, collect });
    return (id) => engine.definition(id);
  }

  /** Findings of the index, and packages with statements that could not be read. */
  index(packages: readonly InstalledPackage[]): Index {
    const [, id = '', version = ''] = /ID="?([^"\n]+)"?\nVERSION_ID="?([^"\n]+)/.exec(
      this.of.files['etc/os-release']!,
    )!;
    const inventory = { packages, os: { id, versionId: version, like: [], found: 'etc/os-release' } };
    const { verdicts, uncovered } = matchInventory(
      this.#feed,
      this.#feed.shard(this.of.platform)!,
      inventory as unknown as Pick<Inventory, 'packages' | 'os'>,
    );
    const nameOf = ({ name, source }: InstalledPackage) => (this.of.bySource ? source.name : name);
    return {
      found: new Map(
        verdicts.flatMap(({ vulnerability, package: pkg, status, marks }) =>
          status === 'affected' ? [[`${vulnerability} ${nameOf(pkg)}`, marks] as const] : [],
        ),
      ),
      unread: new Set(uncovered.map(({ package: pkg }) => nameOf(pkg))),
    };
  }

  /** The marks of each verdict by which the index says that a definition is true: one of its packages has one of its flaws. */
  told({ cves, names }: Definition, { found }: Index): (readonly string[])[] {
    return cves.flatMap((cve) =>
      [...names].flatMap((name) =>
        [found.get(`${cve} ${name}`) ?? []].filter(() => found.has(`${cve} ${name}`)),
      ),
    );
  }

  /** The first class that a difference is of. */
  classOf(
    definition: Definition,
    direct: (id: string) => string,
    { packages }: Made,
    told: readonly (readonly string[])[],
  ): Class | undefined {
    const { of } = this;
    const { names, bounds, cves, notApplicable } = definition;
    const about = packages.filter(({ name, sourcerpm }) => names.has(name) || names.has(sourceOf(sourcerpm)));
    const plain = of.rpm('a-1-1.noarch');
    const is: Record<Class, boolean> = {
      foreign: about.some(
        ({ keyid, vendor }) =>
          keyid === redHatKey || vendor !== plain.vendor || (keyid !== undefined && keyid !== plain.keyid),
      ),
      notApplicable,
      otherSource: of.bySource === true && about.some(({ sourcerpm }) => !names.has(sourceOf(sourcerpm))),
      named: bounds.some(
        ({ name, evr }) =>
          /^(?:\d+:)?([a-z-]+)-[^-]+-[^-]+$/.test(evr) && about.some((pkg) => pkg.name === name),
      ),
      flavourOfOthers: about.some(({ release }) => release.includes('ksplice')),
      signature: of.text.includes('signature_keyid') && about.some(({ keyid }) => keyid !== plain.keyid),
      source: of.bySource === true && about.some(({ name }) => !names.has(name)),
      unfixed: isUnfixed(definition),
      lower: bounds.some(({ operation }) => operation === 'greater than'),
      several: [...names].some((name) =>
        this.byName
          .get(name)!
          .some(
            (each) =>
              each !== definition &&
              each.cves.some((cve) => cves.includes(cve)) &&
              (direct(each.id) === 'true' || isUnfixed(each)),
          ),
      ),
      noVersion: false,
      architecture:
        of.source === 'oracle' &&
        (about.some(({ arch }) => arch === 'noarch') ||
          told.every((marks) => marks.includes('other_architecture'))),
      epoch: of.bySource === true && about.some(({ epoch = 0 }) => epoch !== 0),
    };
    return (told.length > 0 ? byIndex : byDocument).find((each) => is[each]);
  }

  /** Compares the definitions about what is installed; `some`: which of those about one package. */
  compare(
    made: Made,
    direct: (id: string) => string,
    index: Index,
    counts: Counts,
    some = (definitions: readonly Definition[]) => definitions,
  ): void {
    const names = made.packages.flatMap(({ name, sourcerpm }) => [name, sourceOf(sourcerpm)]);
    for (const definition of new Set(names.flatMap((name) => some(this.byName.get(name) ?? [])))) {
      const result = direct(definition.id);
      const told = this.told(definition, index);
      counts.compared += 1;
      if (told.length > 0) counts.affected += 1;
      if (definition.bounds.some(isNoBuild)) {
        const installed = made.packages.map(({ name, sourcerpm }) =>
          this.of.bySource ? sourceOf(sourcerpm) : name,
        );
        const about = installed.filter((name) => definition.names.has(name));
        expect(told.length > 0 || about.every((name) => index.unread.has(name)), JSON.stringify(made)).toBe(
          true,
        );
        counts.classes.set('noVersion', (counts.classes.get('noVersion') ?? 0) + 1);
        continue;
      }
      expect(['true', 'false']).toContain(result);
      if ((result === 'true') === told.length > 0) continue;
      const kind = this.classOf(definition, direct, made, told);
      if (kind) counts.classes.set(kind, (counts.classes.get(kind) ?? 0) + 1);
      else counts.unexplained.push(`${this.of.name} ${definition.id} ${result} ${JSON.stringify(made)}`);
    }
  }
}

/** `0:29.3.azl3`, `0:1.17.13-2,1.18.8-2,1.21.6-1.azl3`; a lower bound may be without a release. */
const isNoBuild = ({ operation, evr }: Definition['bounds'][number]) =>
  operation !== 'greater than' && !/^(?:\d+:)?(?:[a-z-]+-)?[^:\s-]+-[^:,\s-]+$/.test(evr);

const isUnfixed = ({ bounds }: Definition) =>
  bounds.some(({ operation }) => operation === 'less than or equal');

interface Index {
  /** Marks of verdicts by `vulnerability package`. */
  found: ReadonlyMap<string, readonly string[]>;
  unread: ReadonlySet<string>;
}

interface Counts {
  compared: number;
  affected: number;
  classes: Map<Class, number>;
  unexplained: string[];
}

const none = (): Counts => ({ compared: 0, affected: 0, classes: new Map(), unexplained: [] });

const sourceOf = (sourcerpm: string) => sourceOfRpm(sourcerpm)!.name;

async function* pieces(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}

/** As the reader of rpm's database makes it, which the oscap part checks. */
function asInstalled({
  name,
  epoch,
  version,
  release,
  arch,
  vendor,
  keyid,
  sourcerpm,
}: RpmPackage): InstalledPackage {
  return {
    type: 'rpm',
    name,
    version: epoch === undefined ? `${version}-${release}` : `${epoch}:${version}-${release}`,
    arch,
    source: sourceOfRpm(sourcerpm)!,
    ...(vendor === undefined ? {} : { vendor }),
    ...(keyid === undefined ? {} : { keyId: keyid }),
    database: 'var/lib/rpm/rpmdb.sqlite',
  };
}

/** All inventories of a run; SCAPFEED_INVENTORIES is another number. */
const inventories = Number(process.env['SCAPFEED_INVENTORIES'] ?? 20_000);

const share = (path: string) =>
  path === paths.anolis || path === paths.mariner2 ? 1000 : (inventories - 2000) / 5;
const able = existsSync(rpmDatabaseMaker) && hasOracle('oscap', 'python3', 'rpm');

describe.each(documents.filter(([, path]) => hasData(path)))("%s's own document", (name, path, make) => {
  const prover = Prover.of(make());

  it('says of made inventories what the index that is made of it says', async () => {
    const own = await prover;
    const random = new Random(turn + name.length);
    const counts = none();
    for (let at = 0; at < share(path); at++) {
      const some = Array.from({ length: 1 + random.below(3) }, () => random.pick(own.definitions));
      const made = own.make(random, some);
      const packages = own.installed(made).map(asInstalled);
      const direct = own.direct(packages);
      own.compare(made, direct, own.index(packages), counts, (all) =>
        all.length <= 6 ? all : Array.from({ length: 6 }, () => random.pick(all)),
      );
      // Azure has bounds that are no versions, which are errors.
      expect(direct(random.pick(own.definitions).id)).toMatch(/^(?:true|false|error)$/);
    }
    expect(counts.unexplained.slice(0, 3)).toEqual([]);
    expect(counts.affected).toBeGreaterThan(counts.compared / 10);
  }, 300_000);

  it.skipIf(!able)(
    'and oscap says of an inventory of many packages what our engine says',
    async () => {
      const own = await prover;
      const random = new Random(turn + name.length + 1);
      const some = Array.from({ length: 150 }, () => random.pick(own.definitions));
      const made = own.make(random, some);
      const all = own.installed(made);
      const root = rpmRoot(own.of.files, all);
      const { packages } = readInventory(dirView(root));
      const byText = (list: readonly InstalledPackage[]) =>
        list.map(({ database: _, ...each }) => JSON.stringify(each, Object.keys(each).sort())).sort();
      expect(byText(packages)).toEqual(byText(all.map(asInstalled)));
      const file = join(temporaryFolder('oval'), 'document.xml');
      writeFileSync(file, own.of.text);
      const oscap = oscapVerdicts(file, { root });
      const direct = own.direct(all.map(asInstalled));
      const differ = own.definitions.filter(
        ({ id }) => oscap.get(id) !== direct(id) && direct(id) !== 'error',
      );
      expect(differ.map(({ id }) => id)).toEqual([]);
      const counts = none();
      own.compare(made, (id) => oscap.get(id)!, own.index(packages), counts);
      expect(counts.unexplained.slice(0, 3)).toEqual([]);
    },
    300_000,
  );
});
