import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { builds, sourceOf, sources } from '../../src/distros/builds.ts';
import { bulletins } from '../../src/distros/bulletins.ts';
import { judges } from '../../src/distros/judges.ts';
import { ovals } from '../../src/distros/ovals.ts';
import { rebuilds } from '../../src/distros/rebuilds.ts';
import { rollingVendors } from '../../src/distros/rolling.ts';

const root = resolve(import.meta.dirname, '../..');
const folders = readdirSync(join(root, 'src/distros'), { withFileTypes: true })
  .filter(
    (entry) => entry.isDirectory() && !['bulletin', 'shared', 'rebuild', 'rolling'].includes(entry.name),
  )
  .map(({ name }) => name);
/** Each is a record in src/distros/rebuilds.ts. */
const records = rebuilds.map(({ id }) => id);
/** Each is a record in src/distros/rolling.ts. */
const rolling = rollingVendors.map(({ id }) => id);
/** Each is a record in src/distros/bulletins.ts. */
const documents = bulletins.map(({ id }) => id);
const distributions = [...folders, ...records, ...rolling, ...documents].sort();
const json = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8')) as object;

/** Both of Azure Linux, by its two names; both of Chainguard. */
const pages: Readonly<Record<string, string>> = { mariner: 'azurelinux', chainguard: 'wolfi' };
const pageOf = (id: string) => pages[id] ?? id;
/** Vendors of whom there is OVAL alone have the same definition, as have those of lists of updates. */
const schemaOf = (id: string) =>
  rolling.includes(id)
    ? 'secdb' in json(`feeds/${id}.json`)
      ? 'secdb'
      : 'records'
    : documents.includes(id)
      ? 'bulletin'
      : records.includes(id)
        ? (['oval', 'updates', 'documents'].find((kind) => isOnly(kind, id)) ?? id)
        : id;
const isOnly = (kind: string, id: string) => {
  const definition = json(`feeds/${id}.json`);
  return kind in definition && !('errata' in definition);
};

/** Packages that OVAL has no test for: those of pacman and portage. */
const untested: readonly string[] = ['alpm', 'ebuild'];

/** An image of any other release could pass as supported for ever. */
const withoutEnd: Readonly<Record<string, readonly string[]>> = {
  alpine: ['edge'],
  arch: ['rolling'],
  bottlerocket: ['1'],
  ...Object.fromEntries(rolling.filter((id) => id !== 'minimos').map((id) => [id, ['rolling']])),
  debian: ['forky', 'sid'],
  // Each image has an end of its own.
  dhi: ['13', '3.22', '3.23', '3.24'],
  echo: ['rolling'],
  gentoo: ['rolling'],
  suse: ['opensuse-tumbleweed'],
};

describe('the registries of distributions', () => {
  it('have one line for every folder and every record, in code-unit order', () => {
    expect(builds.map(({ source }) => source.id)).toEqual(distributions);
    expect(sources().map(({ id }) => id)).toEqual([...distributions, 'osv'].sort());
    // One folder judges several systems: SUSE's documents are about SLES, Leap and others.
    expect(judges.length).toBeGreaterThanOrEqual(distributions.length);
    // Nor has it one for whose build a package of a hardened image is.
    const tested = judges.filter(
      ({ databases, id }) => id !== 'dhi' && databases.some((each) => !untested.includes(each)),
    );
    expect(ovals.map(({ id }) => id).sort()).toEqual(tested.map(({ id }) => id).sort());
    for (const list of [builds.map(({ source }) => source.id), judges.map(({ id }) => id)])
      expect(new Set(list).size).toBe(list.length);
  });
});

describe.each(distributions)('%s', (id) => {
  it('has a page in docs and a folder of tests', () => {
    expect(existsSync(join(root, 'docs', `${pageOf(id)}.md`))).toBe(true);
    const tests = records.includes(id) ? `rebuild/${pageOf(id)}` : rolling.includes(id) ? 'rolling' : id;
    expect(existsSync(join(root, 'test/distros', tests))).toBe(true);
  });

  it('has a definition that keeps its schema', () => {
    const validate = new Ajv2020({ strict: true }).compile(
      json(`schemas/${schemaOf(id)}-definition.schema.json`),
    );

    expect(validate(json(`feeds/${id}.json`)), JSON.stringify(validate.errors)).toBe(true);
  });

  it('says until when each release is supported, unless it is rolling or not released', () => {
    const { releases } = json(`feeds/${id}.json`) as {
      releases: (Record<string, unknown> & { life?: object; until?: string })[];
    };
    const endless = releases.filter(({ life, until }) => Object.keys(life ?? {}).length === 0 && !until);
    const names = endless.map(({ codename, branch, system, major }) => codename ?? branch ?? system ?? major);
    expect(names).toEqual(withoutEnd[id] ?? []);
  });

  it('has a source that says whose data it is', () => {
    expect(sourceOf(id)).toMatchObject({
      id,
      name: expect.stringMatching(/\S/),
      licence: expect.stringMatching(/\S/),
      attribution: expect.stringMatching(/\S/),
    });
  });
});

describe.each(folders)('the folder of %s', (id) => {
  it('has source, rule and, for the packages that OVAL has tests for, OVAL', () => {
    const judge = judges.find((each) => each.id === id);
    const hasOval = id !== 'dhi' && judge?.databases.some((each) => untested.includes(each)) !== true;
    for (const file of ['source.ts', 'rule.ts', ...(hasOval ? ['oval.ts'] : [])])
      expect(existsSync(join(root, 'src/distros', id, file)), file).toBe(true);
  });

  it('has the keys that may sign its data', () => {
    const keys = `feeds/${id}-keys.json`;
    // Some sign their packages, and not their security data.
    const reads = readFileSync(join(root, 'src/distros', id, 'definition.ts'), 'utf8').includes(keys);
    expect(existsSync(join(root, keys))).toBe(reads);
    if (!reads) return;
    expect(json(`feeds/${id}-keys.json`)).toMatchObject({
      from: expect.stringMatching(/\S/),
      fingerprints: expect.arrayContaining([expect.stringMatching(/^[0-9A-F]{40}$/)]),
      armored: expect.arrayContaining(['-----BEGIN PGP PUBLIC KEY BLOCK-----']),
    });
  });

  it('has a source of the one shape', async () => {
    const data = await import(`../../src/distros/${id}/source.ts`);
    expect(Object.keys(data).sort()).toEqual(['createSource', 'definition', 'source']);

    const own = data.createSource(data.definition);
    for (const { name, schema } of own.tables ?? []) {
      expect(name.startsWith(`${id}-`)).toBe(true);
      expect(schema).toEqual(json(`schemas/${name}.schema.json`));
    }
  });
});

describe('what a distribution costs outside its folder', () => {
  const lists = ['builds', 'exports', 'images', 'judges', 'ovals'].map((name) => `distros/${name}.ts`);
  /** Names of systems in other scanners' documents, signing keys of packages and records of rebuilds. */
  const lines = [
    ...['distros/purl.ts', 'distros/shared/rule/signers.ts', 'distros/bulletins.ts', 'distros/rebuilds.ts'],
    'distros/rolling.ts',
  ];
  /** Debian's and Red Hat's names are words of OVAL, CPE and examples besides. */
  const costs: Record<string, { words: readonly string[]; files: Readonly<Record<string, string>> }> = {
    alpine: {
      words: ['alpine'],
      files: {
        'sources/secdb/fixes.ts': 'ids of its own flaws',
        'distros/dhi/vocabulary.ts': 'the base in the name of an ecosystem',
      },
    },
    bottlerocket: {
      words: ['bottlerocket'],
      files: { 'packaging/rpm/application-inventory.ts': 'the paths of its list of packages' },
    },
    arch: { words: ['archlinux', 'arch linux'], files: {} },
    gentoo: {
      words: ['gentoo'],
      files: { 'inventory/release-files.ts': 'the file of its release, in images without os-release' },
    },
    anolis: { words: ['anolis'], files: {} },
    openeuler: { words: ['openeuler'], files: {} },
    chainguard: { words: ['chainguard'], files: {} },
    dhi: { words: ['docker hardened', 'dhi.chain-id'], files: {} },
    cleanstart: { words: ['cleanstart', 'clnstrt'], files: {} },
    secureos: { words: ['secureos'], files: {} },
    minimos: { words: ['minimos'], files: {} },
    wolfi: { words: ['wolfi'], files: {} },
    echo: { words: ['echohq', 'echo linux'], files: {} },
    almalinux: {
      words: ['almalinux'],
      files: {},
    },
    azurelinux: { words: ['azurelinux', 'azure linux'], files: {} },
    fedora: {
      words: ['fedora'],
      files: { 'distros/redhat/image-release.ts': 'release files of all systems of rpm packages' },
    },
    mariner: { words: ['mariner'], files: {} },
    // "oracle" is also what tests and comments call a judge.
    oracle: { words: ['oraclelinux', 'com.oracle'], files: {} },
    photon: { words: ['photon'], files: {} },
    rocky: {
      words: ['rocky'],
      files: {},
    },
    suse: { words: ['suse', 'sles', 'sle-micro', 'sl-micro'], files: {} },
    ubuntu: {
      words: ['ubuntu'],
      files: {
        'distros/debian/rule.ts': 'builds that are not of Debian',
        'distros/shared/foreign-build.ts': 'how Docker marks its builds',
      },
    },
  };

  it.each(Object.entries(costs))(
    '%s: a line in each list, and what is named here',
    (id, { words, files }) => {
      const src = join(root, 'src');
      const naming = readdirSync(src, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
        .map((entry) => relative(src, join(entry.parentPath, entry.name)))
        .filter((path) => !path.startsWith(`distros/${id}/`) && path !== `distros/bulletin/${id}.ts`)
        .filter((path) => {
          const code = withoutComments(readFileSync(join(src, path), 'utf8')).toLowerCase();
          return words.some((word) => code.includes(word));
        });
      const allowed = new Set([...lists, ...lines, ...Object.keys(files)]);
      expect(naming.filter((path) => !allowed.has(path))).toEqual([]);
      for (const path of Object.keys(files)) expect(naming, files[path]).toContain(path);
    },
  );

  function withoutComments(code: string): string {
    return code.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(?:^|\s)\/\/.*$/gm, '');
  }
});
