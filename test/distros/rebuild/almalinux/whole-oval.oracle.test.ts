import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openFeed } from '../../../../src/feed/read/open-feed.ts';
import { shardLines } from '../../../../src/feed/read/whole-file.ts';
import { compareRpmEvr } from '../../../../src/packaging/index.ts';
import { rpmDatabaseMaker } from '../../../prove/compare.ts';
import { oscapVerdicts } from '../../../prove/oscap.ts';
import { Random } from '../../../prove/random.ts';
import { project, scapfeed } from '../../../support/cli.ts';
import { hasData } from '../../../support/data.ts';
import { hasOracle } from '../../../support/oracles.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { share } from '../../../support/trials.ts';
import { almaRoot, keys, realPackages, rpm } from './system.ts';
import { type Criteria, type OvalParts, ovalOf, wholeMirror, wholeOval } from './whole-data.ts';

// The whole errata and the whole OVAL of AlmaLinux 8: what docs/almalinux.md says of the two holds for all of their data.

/** A test of a package below a build, where its definition has it. */
interface Wanted {
  definition: string;
  advisory: string;
  cves: readonly string[];
  name: string;
  evr: string;
  /** Undefined: any. */
  arch: readonly string[] | undefined;
  module: string | undefined;
}

function wantedIn({ definitions, tests, objects, states }: OvalParts): Wanted[] {
  const byId = new Map([...tests, ...objects, ...states].map((part) => [part.id, part]));
  const of = (name: string, part: unknown) => (part as Record<string, { text?: string }>)[name]?.text;
  return definitions.flatMap(({ id: definition, metadata: { reference }, criteria }) => {
    const advisory = reference.find(({ source }) => /^AL[A-Z]A$/.test(source))!.ref_id;
    const cves = [
      ...new Set(reference.flatMap(({ source, ref_id: ref }) => (source === 'CVE' ? [ref] : []))),
    ];
    const wanted: Wanted[] = [];
    const walk = ({ criterions = [], criterias = [] }: Criteria, outer?: string) => {
      const named = criterions.flatMap(
        ({ comment = '' }) => /^Module (\S+) is enabled/.exec(comment)?.[1] ?? [],
      );
      const module = named[0] ?? outer;
      for (const { test_ref: ref } of criterions) {
        const test = byId.get(ref)!;
        const state = byId.get(test.state!.state_ref!);
        const evr = of('evr', state);
        if (test.kind !== 'rpminfo_test' || evr === undefined) continue;
        const name = byId.get(test.object!.object_ref)!['Name'] as string;
        const arch = of('arch', state)?.split('|');
        wanted.push({ definition, advisory, cves, name, evr, arch, module });
      }
      for (const each of criterias) walk(each, module);
    };
    walk(criteria);
    return wanted;
  });
}

/** The errata's rows for each package. */
function erratumRows(mirror: string): Omit<Wanted, 'definition'>[] {
  const { data } = JSON.parse(
    readFileSync(join(mirror, 'errata.almalinux.org/8/errata.full.json'), 'utf8'),
  ) as {
    data: {
      id: string;
      references: { id: string; type: string }[];
      packages: Record<'name' | 'epoch' | 'version' | 'release' | 'arch' | 'module', string>[];
    }[];
  };
  return data.flatMap(({ id: advisory, references, packages }) => {
    const cves = references.flatMap(({ id }) => (id.startsWith('CVE-') ? [id] : []));
    return packages.map(({ name, epoch, version, release, arch, module }) => ({
      ...{ advisory, cves, name, evr: `${epoch}:${version}-${release}`, arch: [arch] },
      module: module ? module.split(':').slice(0, 2).join(':') : undefined,
    }));
  });
}

const able =
  existsSync(rpmDatabaseMaker) &&
  hasOracle('oscap', 'python3', 'rpm') &&
  hasData('real', 'alma-oval-8.tar.zst');

describe.skipIf(!able)("the whole of AlmaLinux 8's errata and OVAL", () => {
  const folder = temporaryFolder('whole');
  const out = join(folder, 'out');
  const file = join(folder, 'org.almalinux.alsa-8.xml');
  let wanted: Wanted[];
  let mirror: string;
  /** `package vulnerability` of every statement. */
  const pairs = new Set<string>();
  /** `advisory package build module` of every statement about x86_64. */
  const builds = new Set<string>();

  beforeAll(() => {
    const parts = wholeOval();
    wanted = wantedIn(parts);
    const oval = ovalOf(parts);
    writeFileSync(file, oval);
    mirror = wholeMirror(oval);
    build(mirror, out);
    const feed = openFeed(out);
    for (const { package: name, claims } of shardLines(feed, 'almalinux-8'))
      for (const { ids, advisories = [], fixed, module, arch } of claims) {
        for (const id of ids) pairs.add(`${name} ${id}`);
        if (arch && !arch.includes('x86_64')) continue;
        for (const id of advisories) builds.add(`${id} ${name} ${fixed} ${module}`);
      }
    feed.close();
  }, 300_000);

  it('every package and CVE of the OVAL is in the index, and the errata alone lack what the page says', () => {
    const told = new Set(wanted.flatMap(({ name, cves }) => cves.map((cve) => `${name} ${cve}`)));
    expect([...told].filter((pair) => !pairs.has(pair))).toEqual([]);

    const alone = join(folder, 'errata-alone');
    build(wholeMirror(), alone);
    const errata = new Set<string>();
    const feed = openFeed(alone);
    for (const { package: name, claims } of shardLines(feed, 'almalinux-8'))
      for (const { ids } of claims) for (const id of ids) errata.add(`${name} ${id}`);
    feed.close();
    const lost = [...told].filter((pair) => !errata.has(pair)).length;
    expect([lost, told.size]).toEqual([23_867, 100_275]);
    const said = `the errata alone lack ${lost.toLocaleString('en')} of the ${told.size.toLocaleString('en')} (package, CVE) pairs`;
    expect(readFileSync(join(project, 'docs/almalinux.md'), 'utf8').replaceAll(/\s+/g, ' ')).toContain(said);
  }, 300_000);

  function build(mirror: string, to: string): void {
    const built = scapfeed([
      ...['build', '--source', 'almalinux', '--mirror', mirror, '--unsigned-mirror', '--no-oval'],
      ...['--snapshots', `${to}-snapshots`, '--out', to],
    ]);
    expect(built, built.err).toMatchObject({ code: 0 });
  }

  it.each(share([1, 2, 3], 1))(
    'every definition that oscap finds true is a verdict: inventory %s',
    (seed) => {
      const random = new Random(seed);
      const rows = wanted.filter(({ arch }) => arch === undefined || arch.includes('x86_64'));
      const enabled = new Map<string, string>();
      for (const { module } of rows) {
        const [name = '', stream = ''] = module?.split(':') ?? [];
        if (module !== undefined && (!enabled.has(name) || random.chance(10))) enabled.set(name, stream);
      }
      const isEnabled = (module: string | undefined) => {
        const [name = '', stream = ''] = module?.split(':') ?? [];
        return module === undefined || enabled.get(name) === stream;
      };
      const byName = Map.groupBy(
        rows.filter(({ module }) => isEnabled(module)),
        ({ name }) => name,
      );
      const packages = [...byName].map(([name, own]) => {
        const { evr, module, arch } = random.pick(own);
        return rpm(
          `${name}-${evr}${random.pick(['~', '', '.1'])}.${arch === undefined ? 'noarch' : 'x86_64'}`,
          {
            keyid: keys.alma8,
            ...(module === undefined ? {} : { modularitylabel: `${module}:1:c` }),
          },
        );
      });
      const records = [...enabled].map(([name, stream]): [string, string] => [
        `etc/dnf/modules.d/${name}.module`,
        `[${name}]\nname=${name}\nprofiles=\nstate=enabled\nstream=${stream}\n`,
      ]);
      const root = almaRoot('8.10', packages, Object.fromEntries(records));
      const results = oscapVerdicts(file, { root });
      const scanned = scapfeed([
        ...['scan', `dir:${root}`, '--feed', out, '-o', 'json', '--all'],
        ...['--max-age', '0'],
      ]);
      const { verdicts } = JSON.parse(scanned.out) as {
        verdicts: { package: { name: string }; status: string; advisories: string[] }[];
      };
      const inIndex = new Set(
        verdicts.filter(({ status }) => status === 'affected').flatMap(({ advisories }) => advisories),
      );
      const inOval = new Set(
        wanted.flatMap(({ definition, advisory }) => (results.get(definition) === 'true' ? [advisory] : [])),
      );
      const isBelow = ({ name, evr, module }: Wanted) => {
        const pkg = packages.find((each) => each.name === name);
        if (!pkg || pkg.modularitylabel !== (module && `${module}:1:c`)) return false;
        return compareRpmEvr(`${pkg.epoch ?? 0}:${pkg.version}-${pkg.release}`, evr) === -1;
      };
      // Where one side alone has an advisory, the two have no build in common that an installed one of its stream is below.
      const unexplained = [...inOval]
        .filter((id) => !inIndex.has(id))
        .concat([...inIndex].filter((id) => !inOval.has(id)))
        .flatMap((id) => {
          const both = rows.filter(
            ({ advisory, name, evr, module }) =>
              advisory === id && builds.has(`${id} ${name} ${evr} ${module}`),
          );
          return both.filter(isBelow).map(({ name, evr }) => `${id} ${name} ${evr}`);
        });
      expect(unexplained).toEqual([]);
      expect([...inOval].filter((id) => inIndex.has(id)).length).toBeGreaterThan(0.98 * inOval.size);
      expect(inOval.size).toBeGreaterThan(800);
    },
    300_000,
  );

  it('a noarch build on a real list has the flaws whose fixes are built for architectures', () => {
    const packages = realPackages('CentOS8Modularitylabel', keys.alma8);
    const { arch, modularitylabel, version, release } = packages.find(({ name }) => name === 'toolbox')!;
    expect([arch, modularitylabel]).toEqual(['noarch', expect.stringMatching(/^container-tools:rhel8:/)]);
    const scanned = scapfeed([
      ...['scan', `dir:${almaRoot('8.10', packages)}`, '--feed', out, '-o', 'json', '--max-age', '0'],
    ]);
    const { verdicts } = JSON.parse(scanned.out) as {
      verdicts: { package: { name: string }; vulnerability: string; marks: string[] }[];
    };
    const told = verdicts.filter(({ package: { name } }) => name === 'toolbox');
    expect(told.flatMap(({ marks }) => marks)).toEqual([]);

    // Of some advisories the OVAL has packages without their module, and the errata have it.
    const rows = [...wanted, ...erratumRows(mirror)].filter(
      ({ name, evr, module }) =>
        name === 'toolbox' &&
        module === 'container-tools:rhel8' &&
        compareRpmEvr(`0:${version}-${release}`, evr) === -1,
    );
    const flaws = (some: readonly { cves: readonly string[] }[]) =>
      [...new Set(some.flatMap(({ cves }) => cves))].sort();
    expect(told.map(({ vulnerability }) => vulnerability).sort()).toEqual(flaws(rows));
    const forNone = rows.filter(({ arch }) => arch === undefined || arch.includes('noarch'));
    expect([flaws(rows).length, flaws(forNone).length]).toEqual([74, 7]);
  });
});
