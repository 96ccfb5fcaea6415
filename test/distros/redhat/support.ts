import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { majorsOf, redHatDefinition } from '../../../src/distros/redhat/definition.ts';
import { readDocument } from '../../../src/distros/redhat/document.ts';
import type { RedHatContext } from '../../../src/distros/redhat/image.ts';
import type { DocumentRecord, Tree } from '../../../src/distros/redhat/record.ts';
import { Assembly } from '../../../src/distros/redhat/settle/assembly.ts';
import { Collector, compile, writeCompiled } from '../../../src/feed/compile/index.ts';
import { makeManifest } from '../../../src/model/feed/make-manifest.ts';
import type { InstalledPackage, Inventory } from '../../../src/model/inventory/index.ts';
import type { Verdict } from '../../../src/model/verdict/index.ts';
import { type Feed, type MatchOptions, matchInventory, openFeed, ruleOf } from '../../../src/runtime/node.ts';
import { expectRules } from '../../support/expect-rule.ts';
import { temporaryFolder } from '../../support/temporary.ts';

/** Products of one platform in one status, with what the document's other lists say of them. */
export interface Said {
  /** Id of the platform product; its CPE comes from `cpeOf`. */
  on: string;
  /** `gnutls-0:3.7.6-23.el9_3.4` for each arch, `vim` without a version, or a purl. */
  packages: string[];
  /** Default: x86_64 and src for versions, none for bare names. `''`: a purl without arch. */
  arch?: string[];
  /** `rpmmod` of the purls; with `nested`, a module product that the relationship goes through. */
  module?: string;
  nested?: boolean;
  /** RHSA of a fix. */
  advisory?: string;
  /** Details of the remediation of something unfixed: `Will not fix`. */
  state?: string;
  /** Label of a flag. */
  flag?: string;
  /** Impact of these products. */
  impact?: string;
  /** Leave the purl out. */
  withoutPurl?: boolean;
}

export interface Saying {
  fixed?: Said[];
  known_affected?: Said[];
  known_not_affected?: Said[];
  under_investigation?: Said[];
  severity?: string;
  updated?: string;
  kev?: boolean;
}

/** A document of the legacy VEX tree: platforms by variant, one component an architecture. */
export function legacyVex(cve: string, saying: Saying): object {
  return csaf(cve, 'Red Hat SDEngine', [{ cve, saying }]);
}

/** A document of the vex-feed: flat branches, platforms by minor stream. */
export function feedVex(cve: string, saying: Saying): object {
  return csaf(cve, 'CSAF Generator', [{ cve, saying }]);
}

/** An advisory: what it fixes of one or more vulnerabilities. */
export function erratum(id: string, sayings: Record<string, Saying>): object {
  const parts = Object.entries(sayings).map(([cve, saying]) => ({ cve, saying }));
  return csaf(id, 'Red Hat SDEngine', parts);
}

function csaf(id: string, engine: string, parts: { cve: string; saying: Saying }[]): object {
  const tree = new TreeBuilder();
  const vulnerabilities = parts.map(({ cve, saying }) => vulnerability(cve, saying, tree));
  return {
    document: {
      aggregate_severity: { text: parts[0]?.saying.severity ?? 'Moderate' },
      category: id.startsWith('CVE') ? 'csaf_vex' : 'csaf_security_advisory',
      title: `title of ${id}`,
      tracking: {
        id,
        current_release_date: parts[0]?.saying.updated ?? '2026-05-01T00:00:00+00:00',
        initial_release_date: '2024-01-01T00:00:00+00:00',
        generator: { engine: { name: engine, version: '4.6.8' } },
        status: 'final',
      },
    },
    product_tree: tree.json(),
    vulnerabilities,
  };
}

const keys = ['fixed', 'known_affected', 'known_not_affected', 'under_investigation'] as const;

function vulnerability(cve: string, saying: Saying, tree: TreeBuilder): object {
  const product_status: Record<string, string[]> = {};
  const remediations: object[] = [];
  const threats: object[] = [];
  const flags: object[] = [];
  for (const key of keys) {
    for (const said of saying[key] ?? []) {
      const product_ids = tree.products(said);
      product_status[key] = [...(product_status[key] ?? []), ...product_ids];
      if (said.advisory) {
        const url = `https://access.redhat.com/errata/${said.advisory}`;
        remediations.push({
          category: 'vendor_fix',
          date: '2024-05-01T00:00:00Z',
          details: 'update',
          product_ids,
          url,
        });
      }
      if (said.state)
        remediations.push({ category: categoryOf(said.state), details: said.state, product_ids });
      if (said.flag) flags.push({ label: said.flag, product_ids });
      if (said.impact) threats.push({ category: 'impact', details: said.impact, product_ids });
    }
  }
  if (saying.kev)
    threats.push({ category: 'exploit_status', details: 'CISA: https://www.cisa.gov/known-exploited' });
  return { cve, product_status, remediations, threats, flags, notes: [] };
}

function categoryOf(state: string): string {
  return /will not|out of/i.test(state) ? 'no_fix_planned' : 'none_available';
}

class TreeBuilder {
  readonly #platforms = new Map<string, object>();
  readonly #components = new Map<string, object>();
  readonly #relationships = new Map<string, object>();

  products(said: Said): string[] {
    if (said.on === 'red_hat_products') {
      this.#platforms.set(said.on, platformNode(said.on, 'cpe:/a:redhat'));
      return [said.on];
    }
    this.#platforms.set(said.on, platformNode(said.on, cpeOf(said.on)));
    return said.packages.flatMap((name) =>
      archesOf(name, said).map((arch) => this.#product(name, arch, said)),
    );
  }

  json(): object {
    const branches = [...this.#platforms.values(), ...this.#components.values()];
    return {
      branches: [{ category: 'vendor', name: 'Red Hat', branches }],
      relationships: [...this.#relationships.values()],
    };
  }

  #product(name: string, arch: string, said: Said): string {
    const purl = purlOf(name, arch, said);
    const suffix = arch === '' || said.withoutPurl ? '' : `.${arch}`;
    const prefix = said.module && !said.nested && !isVersioned(name) ? `${said.module}/` : '';
    const component = name.startsWith('pkg:') ? name : `${prefix}${name}${suffix}`;
    const node = said.withoutPurl ? undefined : { purl };
    this.#components.set(component, componentNode(component, node));
    const on = said.nested ? this.#module(said) : said.on;
    return this.#relate(component, on);
  }

  /** The old form: the module is a product, and packages are components of "module on platform". */
  #module({ on, module }: Said): string {
    const [name, stream] = module!.split(':');
    const product = `${module}:8080020230810042341:63b34585`;
    const purl = `pkg:rpmmod/redhat/${name}@${stream}:8080020230810042341:63b34585`;
    this.#components.set(product, componentNode(product, { purl }));
    return this.#relate(product, on);
  }

  #relate(component: string, on: string): string {
    const product_id = `${on}:${component}`;
    this.#relationships.set(product_id, {
      category: 'default_component_of',
      full_product_name: { name: product_id, product_id },
      product_reference: component,
      relates_to_product_reference: on,
    });
    return product_id;
  }
}

function archesOf(name: string, { arch }: Said): string[] {
  if (arch) return arch;
  return isVersioned(name) ? ['x86_64', 'src'] : [''];
}

function isVersioned(name: string): boolean {
  return /-\d+:/.test(name);
}

function purlOf(name: string, arch: string, { module }: Said): string {
  if (name.startsWith('pkg:')) return name;
  const nevr = /^(.+)-(\d+):(.+)$/.exec(name);
  const version = nevr ? `@${nevr[3]!.replaceAll('+', '%2B')}` : '';
  const qualifiers = [
    ...(arch ? [`arch=${arch}`] : []),
    ...(nevr && nevr[2] !== '0' ? [`epoch=${nevr[2]}`] : []),
    ...(module ? [`rpmmod=${module}:8080020230810042341:63b34585`] : []),
  ];
  return `pkg:rpm/redhat/${nevr ? nevr[1] : name}${version}${qualifiers.length > 0 ? `?${qualifiers.join('&')}` : ''}`;
}

function platformNode(product_id: string, cpe: string): object {
  const product = { name: product_id, product_id, product_identification_helper: { cpe } };
  return { category: 'product_name', name: product_id, product };
}

function componentNode(product_id: string, helper: object | undefined): object {
  const product = {
    name: product_id,
    product_id,
    ...(helper ? { product_identification_helper: helper } : {}),
  };
  return { category: 'product_version', name: product_id, product };
}

/** The CPEs that Red Hat gives the platform ids of these tests. */
export function cpeOf(id: string): string {
  const known = cpes[id];
  if (known === undefined) throw new Error(`no CPE for ${id} in the test's table`);
  return known;
}

const cpes: Record<string, string> = {
  red_hat_hardened_images_1: 'cpe:/a:redhat:hummingbird:1',
  red_hat_enterprise_linux_5: 'cpe:/o:redhat:enterprise_linux:5',
  red_hat_enterprise_linux_6: 'cpe:/o:redhat:enterprise_linux:6',
  red_hat_enterprise_linux_7: 'cpe:/o:redhat:enterprise_linux:7',
  red_hat_enterprise_linux_8: 'cpe:/o:redhat:enterprise_linux:8',
  red_hat_enterprise_linux_9: 'cpe:/o:redhat:enterprise_linux:9',
  red_hat_enterprise_linux_10: 'cpe:/o:redhat:enterprise_linux:10',
  'BaseOS-9.2.0.Z.MAIN.EUS': 'cpe:/o:redhat:enterprise_linux:9::baseos',
  'BaseOS-9.3.0.Z.MAIN': 'cpe:/o:redhat:enterprise_linux:9::baseos',
  'BaseOS-9.4.0.Z.MAIN.EUS': 'cpe:/o:redhat:enterprise_linux:9::baseos',
  'BaseOS-9.5.0.Z.MAIN': 'cpe:/o:redhat:enterprise_linux:9::baseos',
  'BaseOS-9.2.0.Z.EUS': 'cpe:/o:redhat:rhel_eus:9.2::baseos',
  'AppStream-9.4.0.GA': 'cpe:/a:redhat:enterprise_linux:9::appstream',
  'AppStream-9.4.0.Z.MAIN.EUS': 'cpe:/a:redhat:enterprise_linux:9::appstream',
  'CRB-9.4.0.Z.MAIN.EUS': 'cpe:/a:redhat:enterprise_linux:9::crb',
  'AppStream-9.2.0.Z.MAIN.EUS': 'cpe:/a:redhat:enterprise_linux:9::appstream',
  'AppStream-8.8.0.Z.MAIN.EUS': 'cpe:/a:redhat:enterprise_linux:8::appstream',
  'AppStream-8.10.0.Z.MAIN.EUS': 'cpe:/a:redhat:enterprise_linux:8::appstream',
  'BaseOS-8.10.0.Z.MAIN.EUS': 'cpe:/o:redhat:enterprise_linux:8::baseos',
  'AppStream-8.4.0.Z.AUS': 'cpe:/a:redhat:rhel_aus:8.4::appstream',
  '7Server-7.9.Z': 'cpe:/o:redhat:enterprise_linux:7::server',
  '7Server-ELS': 'cpe:/o:redhat:rhel_els:7',
  'RHEL-10.0.Z': 'cpe:/o:redhat:enterprise_linux:10.0',
  '9Base-RHOSE-4.16': 'cpe:/a:redhat:openshift:4.16::el9',
  '8Base-RHOSE-4.13': 'cpe:/a:redhat:openshift:4.13::el8',
  red_hat_openshift_container_platform_4: 'cpe:/a:redhat:openshift:4',
  'rhel-7-els.els': 'cpe:/o:redhat:rhel_els:7',
  'rhel-8.10.z': 'cpe:/a:redhat:enterprise_linux:8',
  'rhel-8.10.z::appstream': 'cpe:/a:redhat:enterprise_linux:8::appstream',
  'rhel-8.4.0.z.e4s::appstream': 'cpe:/a:redhat:rhel_e4s:8.4::appstream',
  'rhel-9.4.0::baseos': 'cpe:/o:redhat:enterprise_linux:9::baseos',
  'rhel-br-9.4.0::baseos': 'cpe:/o:redhat:enterprise_linux:9::baseos',
  'rhel-9.4.z.eus': 'cpe:/a:redhat:rhel_eus:9.4',
  'rhel-9.2.0.z.eus': 'cpe:/a:redhat:rhel_eus:9.2',
  'rhel-9.7': 'cpe:/a:redhat:enterprise_linux:9',
  'rhel-10.0.z.eus': 'cpe:/o:redhat:enterprise_linux_eus:10.0',
  'rhel-10.1.z': 'cpe:/o:redhat:enterprise_linux:10.1',
};

/** Reads documents as a build would: legacy VEX, vex-feed and advisories are told apart by what they say they are. */
export function recordOf(document: object): DocumentRecord {
  const { tracking } = (
    document as { document: { tracking: { id: string; generator: { engine: { name: string } } } } }
  ).document;
  const tree: Tree = tracking.id.startsWith('RH')
    ? 'redhat-advisories'
    : tracking.generator.engine.name === 'CSAF Generator'
      ? 'redhat-vex-feed'
      : 'redhat-vex';
  const year = /\d{4}/.exec(tracking.id)![0];
  const path = `${year}/${tracking.id.toLowerCase().replace(':', '_')}.json`;
  return readDocument(Buffer.from(JSON.stringify(document)), tree, path, majorsOf(redHatDefinition));
}

export function collect(...documents: object[]): Collector {
  const collector = new Collector('redhat');
  const assembly = new Assembly(collector, redHatDefinition);
  for (const document of documents) assembly.add(recordOf(document));
  assembly.finish();
  return collector;
}

/** The documents as a feed on disk, opened. */
export function feedOf(...documents: object[]): Feed {
  return writeFeed(collect(...documents));
}

export function writeFeed(collector: Collector): Feed {
  const directory = temporaryFolder('redhat');
  const written = writeCompiled(directory, compile([collector], []));
  const created = '2026-05-01T00:00:00Z';
  const manifest = makeManifest({ toolVersion: '0.0.0', created, inputs: [], sources: [], ...written });
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify(manifest));
  return openFeed(directory);
}

export const redHatKey = '199e2f91fd431d51';

/** An installed rpm from `name-[epoch:]version-release[.arch]`: `rpm('gnutls-3.7.6-23.el9')`. */
export function rpm(
  nevra: string,
  more: Partial<InstalledPackage> & { from?: string } = {},
): InstalledPackage {
  const parts =
    /^(?<name>.+)-(?<evr>(?:\d+:)?[^-:]+-[^-]+?)(?:\.(?<arch>x86_64|i686|noarch|ppc64le|aarch64))?$/.exec(
      nevra,
    )!;
  const { name, evr, arch } = parts.groups as { name: string; evr: string; arch?: string };
  const { from, ...rest } = more;
  const source = /^(.+)-([^-]+-[^-]+)$/.exec(from ?? `${name}-${evr.replace(/^\d+:/, '')}`)!;
  return {
    type: 'rpm',
    name,
    version: evr,
    arch: arch ?? 'x86_64',
    source: { name: source[1]!, version: source[2]! },
    vendor: 'Red Hat, Inc.',
    keyId: redHatKey,
    database: '/var/lib/rpm/rpmdb.sqlite',
    ...rest,
  };
}

export interface ImageFacts
  extends Partial<Omit<Inventory, 'context'>>,
    Pick<MatchOptions, 'mapped'>,
    RedHatContext {
  stream?: string;
  /** `9.4` */
  version: string;
}

/** Verdicts on an image's containers, and why there are none, in the same form. */
export function judgeContainer(feed: Feed, image: ImageFacts): string[] {
  const { version, stream: _, mapped: __, contentSets, cpes, ...inventory } = image;
  const os = { id: 'rhel', versionId: version, found: '/etc/os-release' };
  const shard = feed.shard(`rhel-${version.split('.')[0]}`)!;
  const { verdicts, uncovered, notes } = matchInventory(
    feed,
    shard,
    { os, ...inventory, packages: [], context: { rhel: { contentSets, cpes } } },
    { all: true },
  );
  return [
    ...verdicts.map(verdictText),
    ...uncovered.map(({ reason, detail }) => `${reason}: ${detail}`),
    ...notes.map(({ code }) => code),
  ].sort();
}

/** Verdicts on one package of a RHEL image as `CVE status[ fixState][ version][ channel][ marks]`, sorted. */
export function judge(feed: Feed, image: ImageFacts, installed: InstalledPackage): string[] | string {
  const { version, stream, mapped, contentSets, cpes, ...inventory } = image;
  const shard = feed.shard(`rhel-${version.split('.')[0]}`);
  if (!shard) return ['no shard'];
  const os = { id: 'rhel', versionId: version, found: '/etc/os-release' };
  const options: MatchOptions = {
    all: true,
    ...(stream ? { stream } : {}),
    ...(mapped ? { mapped } : {}),
  };
  const asked = { os, ...inventory, packages: [installed], context: { rhel: { contentSets, cpes } } };
  const matched = matchInventory(feed, shard, asked, options);
  expectRules(matched, ruleOf(feed, shard, asked, options));
  const { verdicts, uncovered } = matched;
  if (uncovered[0]) return uncovered[0].reason;
  return verdicts.map(verdictText).sort();
}

export function verdictText(verdict: Verdict): string {
  const { vulnerability, status, fixState, fixedVersion, channel, marks } = verdict;
  return [vulnerability, status, fixState, fixedVersion, channel, ...marks]
    .filter((part) => part !== undefined)
    .join(' ');
}
