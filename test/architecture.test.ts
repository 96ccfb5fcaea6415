import { globSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { testsOfNode } from './support/tests-of-node.ts';

const src = resolve(import.meta.dirname, '../src');
const test = import.meta.dirname;

// Rooms of src that each may import, besides itself: a room is a folder, and so is each folder of comply. The folder of a
// distribution is flat: the first word of a file's name is its room (`rule.ts`, `rule-context.ts`), whichever distribution's;
// the files without such a word read the vendor's data. ARCHITECTURE.md shows the same table, which a test below compares.
const allowed: Record<string, readonly string[]> = {
  model: [],
  files: ['model', 'io'],
  io: ['model'],
  packaging: ['model', 'files'],
  sources: ['model', 'io', 'comply/xml'],
  'sources/errata': ['model', 'io', 'packaging', 'sources'],
  'sources/osv': ['model', 'io', 'packaging', 'sources'],
  'sources/oval': ['model', 'io', 'packaging', 'sources', 'comply/xml', 'comply/oval'],
  'sources/repodata': ['model', 'io', 'packaging', 'sources', 'comply/xml'],
  'sources/secdb': ['model', 'io', 'packaging', 'sources'],
  'sources/updateinfo': ['model', 'io', 'sources', 'sources/errata', 'sources/repodata'],
  enrichment: ['model', 'io', 'sources'],
  'feed/read': ['model', 'io'],
  published: ['model', 'io', 'feed/read'],
  ecosystems: ['model', 'packaging', 'feed/read', 'distros/contract'],
  'ecosystems/installed': ['model', 'io', 'files', 'ecosystems'],
  'ecosystems/osv': ['model', 'packaging', 'io', 'sources', 'sources/osv', 'ecosystems'],
  'distros/bulletins': ['model'],
  'distros/contract': ['model', 'packaging', 'feed/read', 'distros/shared'],
  'distros/rebuilds': [],
  'distros/rolling': [],
  'distros/shared': ['model', 'packaging', 'feed/read'],
  'distros/*/image': [
    ...['model', 'files', 'packaging', 'distros/contract', 'distros/rebuilds'],
    'distros/rolling',
  ],
  'distros/*/rule': [
    'model',
    'packaging',
    'feed/read',
    'distros/bulletins',
    'distros/contract',
    'distros/rebuilds',
    'distros/rolling',
    'distros/shared',
    'distros/*/image',
  ],
  'distros/*/oval': [
    ...['model', 'packaging', 'oval/document', 'oval/forms', 'distros/bulletins', 'distros/rebuilds'],
    ...['distros/rolling', 'distros/shared', 'distros/*/rule'],
  ],
  'distros/*/export': [
    ...['model', 'packaging', 'feed/read', 'export/rows', 'distros/bulletins', 'distros/rebuilds'],
    ...['distros/rolling', 'distros/shared', 'distros/*/rule'],
  ],
  'distros/*/data': [
    ...['model', 'packaging', 'io', 'sources', 'sources/errata', 'sources/osv', 'sources/oval'],
    ...['sources/repodata', 'sources/secdb', 'sources/updateinfo'],
    ...['distros/bulletins', 'distros/rebuilds', 'distros/rolling', 'distros/*/rule'],
  ],
  distros: [
    ...['model', 'sources', 'oval/forms', 'distros/bulletins', 'distros/contract', 'distros/rebuilds'],
    ...[
      'distros/rolling',
      'distros/*/data',
      'distros/*/rule',
      'distros/*/oval',
      'distros/*/image',
      'distros/*/export',
    ],
    ...['export/rows', 'ecosystems/osv'],
  ],
  'oval/document': ['model', 'io'],
  'oval/forms': ['model', 'oval/document'],
  xccdf: ['model', 'oval/document', 'oval/forms'],
  validate: ['model', 'io'],
  content: ['model', 'io', 'sources', 'validate', 'comply'],
  registry: ['model', 'io'],
  image: ['model', 'io', 'registry'],
  signatures: ['model', 'io', 'registry', 'image'],
  inventory: [
    'model',
    'files',
    'packaging',
    'distros',
    'distros/contract',
    'ecosystems',
    'ecosystems/installed',
  ],
  sbom: ['model', 'io', 'files', 'packaging', 'distros', 'ecosystems', 'comply/xml'],
  policy: ['model', 'io', 'validate'],
  vex: ['model', 'io', 'packaging', 'registry', 'distros', 'ecosystems', 'comply/xml'],
  'vex/repositories': ['model', 'io', 'sources', 'validate', 'vex'],
  runtime: ['model', 'packaging', 'feed/read', 'distros', 'distros/contract', 'distros/*/rule', 'ecosystems'],
  'runtime/web': ['model', 'io', 'feed/read', 'published', 'runtime'],
  'comply/xml': ['model'],
  'comply/xpath': ['comply/xml'],
  'comply/pcre': [],
  'comply/values': ['model', 'packaging', 'comply/pcre'],
  'comply/oval': ['model', 'comply/xml', 'comply/pcre', 'comply/values'],
  'comply/xccdf': ['model', 'io', 'comply/xml', 'comply/values', 'comply/oval'],
  'comply/files': ['model', 'comply/pcre', 'comply/values', 'comply/oval'],
  'comply/systemd': ['model', 'comply/files'],
  'comply/selinux': ['model', 'comply/oval', 'comply/files'],
  'comply/probes': [
    ...['model', 'packaging', 'comply/xpath', 'comply/pcre', 'comply/values', 'comply/oval', 'comply/files'],
    ...['comply/systemd', 'comply/selinux'],
  ],
  'comply/content': [
    ...['model', 'io', 'comply/xml', 'comply/oval', 'comply/xccdf', 'comply/files', 'comply/probes'],
  ],
  'comply/result': [
    ...['model', 'comply/pcre', 'comply/oval', 'comply/xccdf', 'comply/probes', 'comply/content'],
  ],
  'comply/eval': [
    ...['model', 'io', 'comply/xml', 'comply/values', 'comply/oval', 'comply/files', 'comply/probes'],
    ...['comply/content', 'comply/result'],
  ],
  'comply/results': [
    ...[
      'model',
      'io',
      'comply/xml',
      'comply/oval',
      'comply/xccdf',
      'comply/content',
      'comply/result',
      'comply/eval',
    ],
  ],
  comply: [
    'model',
    'io',
    'comply/results',
    'comply/oval',
    'comply/xccdf',
    'comply/eval',
    'comply/files',
    'comply/probes',
    'comply/content',
    'comply/result',
  ],
  verify: ['model', 'files', 'packaging', 'io', 'inventory', 'distros/shared'],
  html: ['model'],
  report: ['model', 'html', 'distros'],
  'feed/oval': ['model', 'io', 'distros', 'oval/document', 'oval/forms', 'xccdf'],
  feed: [
    ...['model', 'feed/read', 'feed/oval', 'packaging', 'io', 'sources', 'oval/document'],
    ...['xccdf', 'validate'],
  ],
  compare: ['model', 'io', 'ecosystems'],
  site: ['model', 'io', 'distros', 'report', 'runtime', 'runtime/web', 'sbom', 'tasks'],
  'export/rows': ['model', 'feed/read'],
  'export/bolt': [],
  export: ['model', 'packaging', 'io', 'feed/read', 'distros', 'ecosystems', 'export/rows', 'export/bolt'],
  publish: ['model', 'io', 'html', 'registry', 'feed', 'feed/read', 'published', 'distros'],
  fleet: ['model', 'io', 'feed/read', 'runtime'],
  'fleet/serve': ['model', 'io', 'feed/read', 'fleet', 'fleet/pages'],
  'fleet/pages': ['model', 'html', 'report', 'fleet'],
};

const server = ['fleet/pages', 'fleet/serve'];
allowed['tasks'] = allBut(...server);
allowed['library'] = allBut('fleet/pages');

function allBut(...rooms: readonly string[]): string[] {
  return Object.keys(allowed).filter((room) => !rooms.includes(room));
}

/** Files that name a distribution all the same, and why. */
const namesDistributions: Readonly<Record<string, string>> = {
  'cli/commands/build.ts': 'an example in its help',
  'cli/commands/bundle.ts': 'an example in its help',
  'cli/commands/compile.ts': 'an example in its help',
  'cli/commands/check.ts': 'an example in its help',
  'cli/commands/comply.ts': 'an example in its help',
  'cli/commands/explain.ts': 'an example in its help',
  'cli/commands/guide.ts': 'an example in its help',
  'cli/commands/info.ts': 'an example in its help',
  'cli/commands/fix.ts': 'an example in its help',
  'cli/commands/profiles.ts': 'an example in its help',
  'cli/commands/pull.ts': 'an example in its help',
  'cli/commands/tailor.ts': 'an example in its help',
  'cli/commands/validate.ts': 'an example in its help',
  'model/inventory/package-url.ts': 'a type of package URLs that older tools write',
  'publish/oci/repository.ts': 'an example in a remedy',
  'sbom/packages.ts': 'a word of trivy for its packages',
  'sources/secdb/fixes.ts': 'how ids of flaws begin',
  'site/uses.ts': 'an example in commands',
  'tasks/publish/options.ts': 'where Debian puts the official schemas',
  'tasks/publish/pull-options.ts': 'an example in its help',
  'tasks/validate/options.ts': 'where Debian puts the official schemas',
  'tasks/scan/options.ts': 'an example in its help',
};

/** Files and folders that parse JSON which scapfeed itself wrote, and checks by digest or keeps to itself; everything else is of foreign origin. */
const readOwnJson: readonly string[] = [
  ...[
    'tasks/explain/run.ts',
    'cli/options/inventory-cache.ts',
    'export/osv/language-records.ts',
    'export/spill-file.ts',
    'image/layers/kept-table.ts',
    'image/layers/layer-cache.ts',
    'io/embedded.ts',
    'io/lock.ts',
    'io/http/mirror.ts',
  ],
  ...[
    'comply/content/',
    'comply/eval/',
    'feed/compile/',
    'feed/read/',
    'feed/unchanged.ts',
    'fleet/packing.ts',
    'fleet/judge/feed-lines.ts',
    'policy/baseline.ts',
    'report/',
  ],
  ...['publish/changes/', 'publish/delta/', 'publish/feed/', 'publish/keys/key-store.ts', 'publish/site/'],
  ...[
    'sources/csaf-tree/',
    'sources/kept-facts.ts',
    'sources/kept-feeds.ts',
    'sources/snapshot-index.ts',
    'sources/snapshots.ts',
  ],
  ...[
    'distros/shared/export/',
    'distros/redhat/settle',
    'distros/redhat/export',
    'enrichment/cve-records/',
    'enrichment/nvd/',
  ],
];

/** External packages a room may import. */
const packages: Record<string, readonly string[]> = {
  io: ['p-limit', 'undici', 'xz-decompress', 'yauzl'],
  sources: ['openpgp'],
  'distros/*/data': ['openpgp'],
  validate: ['ajv', 'libxml2-wasm', 'saxes'],
  'comply/xml': ['saxes'],
  'comply/probes': ['yaml'],
  policy: ['yaml'],
  cli: ['yaml'],
  export: ['openpgp'],
  publish: ['tuf-js', '@tufjs/models'],
  fleet: ['@electric-sql/pglite', 'nodemailer', 'pg', 'pg-boss'],
  'fleet/pages': ['d3-scale', 'd3-shape'],
  'fleet/serve': ['fastify', '@fastify/cookie', '@fastify/rate-limit', '@fastify/swagger', 'openid-client'],
  report: ['@cyclonedx/cyclonedx-library', 'mustache'],
  site: ['@noble/curves'],
  signatures: [
    '@noble/ciphers',
    '@sigstore/bundle',
    '@sigstore/core',
    '@sigstore/protobuf-specs',
    '@sigstore/verify',
    'openpgp',
  ],
};

/** Exported type names that two files share, and why. A name that becomes unique leaves this list. */
const sharedTypeNames: Readonly<Record<string, string>> = {
  Advisory: "Rocky's own record, which becomes the model's",
  BuildKind: 'a pattern of a manifest line; the builds that a rule of Ubuntu distinguishes',
  Comparison: 'the order of versions, a public type; the comparison of a file with its package',
  CompiledContent: "a public type of the library; the model's, public as the runtime's",
  DocumentRecord: 'CSAF documents as each vendor keeps them',
  DocumentSummary: 'CSAF documents as each vendor keeps them',
  ImageFacts: 'facts that a distribution reads; facts that a comparison of files reads',
  JudgeOptions: 'public types, of the library and of the runtime',
  Limit: 'the limit of a version in a rule of rpm; the limit on tasks at once',
  Row: 'CSAF documents as each vendor keeps them',
  Signer: "keys of rpm packages; a public type, an image's signer",
  Stream: 'the stream of a statement; the systems of one stream in an export',
  TrackerRow: "rows of each vendor's tracker",
  Unread: "the counter of product ids; the model's public type, which it fills",
  VulnerabilityRecord: 'CSAF documents as each vendor keeps them',
};

const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .sort();

const imports = sources.flatMap((file) => importsOf(file).map((target) => ({ file, target })));

describe('the import table', () => {
  it('covers every room of src', () => {
    const known = new Set([...Object.keys(allowed), 'cli', '']);
    expect(sources.map(roomOf).filter((room) => !known.has(room))).toEqual([]);
  });

  it('is kept by every import of our own files', () => {
    const broken = imports.filter(({ file, target }) => {
      if (!target.startsWith('.')) return false;
      const from = roomOf(file);
      const to = roomOf(relative(src, resolve(src, dirname(file), target)));
      if (from === to || from === 'cli' || (from === '' && to === 'cli')) return false;
      if (from === '' && (to === 'model' || to === 'report')) return false;
      if (to === '..') return !/schemas|feeds|package\.json/.test(target);
      return !(allowed[from] ?? []).includes(to);
    });
    expect(broken).toEqual([]);
  });

  it('is the table of ARCHITECTURE.md', () => {
    const shown = documentedTable();
    expect([...shown.keys()].sort(), 'ARCHITECTURE.md: the rooms, one row each').toEqual(
      [...Object.keys(allowed), 'cli'].sort(),
    );
    const wrong = Object.entries(allowed)
      .filter(([room, rooms]) => !isDeepStrictEqual(shown.get(room), [...rooms].sort()))
      .map(
        ([room, rooms]) => `ARCHITECTURE.md: correct the row of \`${room}\`: it may import ${listed(rooms)}`,
      );
    expect(wrong).toEqual([]);
  });

  it('lets no vendor read another', () => {
    const crossed = imports.filter(({ file, target }) => {
      const own = vendorOf(file);
      const other = vendorOf(relative(src, resolve(src, dirname(file), target)));
      const apart = own !== undefined && other !== undefined && own !== other && other !== 'shared';
      return target.startsWith('.') && apart;
    });
    expect(crossed).toEqual([]);
  });

  it('has no circle, types included', () => {
    expect(circlesOf(sources)).toEqual([]);
  });

  it.each([
    ['scan', 8],
    ['comply', 10],
  ])('has the way of %s that ARCHITECTURE.md shows, at most %i files in one direction', (command, most) => {
    const way = documentedWay(command);
    const targetsOf = (file: string) =>
      importsOf(file)
        .filter((target) => target.startsWith('.'))
        .map((target) => relative(src, resolve(src, dirname(file), target)));
    const targets = new Map(sources.map((file) => [file, targetsOf(file)]));
    expect(way.slice(0, 2)).toEqual(['cli/main.ts', `cli/commands/${command}.ts`]);
    expect(way.length).toBeLessThanOrEqual(most);
    const uncalled = way.filter((file, at) => at > 1 && !called(file, way.slice(0, at), targets));
    expect(uncalled, 'imported by none above it').toEqual([]);
    // main.ts reaches all commands.
    const back = way.flatMap((file, at) =>
      way
        .slice(1, at)
        .flatMap((above) => (reachedFrom(file, targets).has(above) ? [`${file} ${above}`] : [])),
    );
    expect(back, 'imports of one above').toEqual([]);
    const left = way.flatMap((file) =>
      targets
        .get(file)!
        .filter(
          (target) => /^tasks\/\w+\/(?:run|judge|gate|report)\.ts$/.test(target) && !way.includes(target),
        ),
    );
    expect(left, 'a step that is not shown').toEqual([]);
  });

  it('lets no two rooms import each other', () => {
    const steps = imports.flatMap(({ file, target }) => {
      const [from, to] = [roomOf(file), roomOf(relative(src, resolve(src, dirname(file), target)))];
      return target.startsWith('.') && from !== to ? [`${from} ${to}`] : [];
    });
    const back = (step: string) => step.split(' ').reverse().join(' ');
    const both = [...new Set(steps)].filter((step) => step < back(step) && steps.includes(back(step)));
    expect(both).toEqual([]);
  });

  it('names a distribution in its own folder only', () => {
    const named = sources.flatMap((file) => {
      if (file.startsWith('distros/') || file in namesDistributions) return [];
      const code = readFileSync(join(src, file), 'utf8').replace(/^\s*(?:\/?\*|\/\/).*$|\s\/\/ .*$/gm, '');
      const words = code.match(
        /\balpine\b|\balma|\bsles\b|suse\b|debian(?!_evr_string)|ubuntu|rhel|red[-_ ]?hat|centos|\besm\b|\bfips\b/gi,
      );
      return words ? [`${file}: ${[...new Set(words)].join(', ')}`] : [];
    });
    expect(named).toEqual([]);
    expect(Object.keys(namesDistributions).filter((file) => !sources.includes(file))).toEqual([]);
  });

  it('keeps external packages where they belong', () => {
    const foreign = imports.filter(({ file, target }) => {
      if (target.startsWith('.') || target.startsWith('node:')) return false;
      const name = target
        .split('/')
        .slice(0, target.startsWith('@') ? 2 : 1)
        .join('/');
      return !(packages[roomOf(file)] ?? []).includes(name);
    });
    expect(foreign).toEqual([]);
  });
});

it('a type has a name of its own', () => {
  const files = new Map<string, string[]>();
  for (const file of sources) {
    const text = readFileSync(join(src, file), 'utf8');
    const declared = text.matchAll(
      /^export (?:declare )?(?:abstract )?(?:type|interface|class|enum) (\w+)/gm,
    );
    for (const [, name = ''] of declared) files.set(name, [...(files.get(name) ?? []), file]);
  }
  const shared = [...files].filter(([, places]) => places.length > 1);
  expect(
    shared.filter(([name]) => !(name in sharedTypeNames)),
    'rename one of each pair, or use one type for both',
  ).toEqual([]);
  expect(
    Object.keys(sharedTypeNames).filter((name) => (files.get(name)?.length ?? 0) < 2),
    'remove these from sharedTypeNames',
  ).toEqual([]);
});

// Words that are translations: a package is judged, matched or covered, an error is reported.
it('no export and no file is named with told, said, whose, speaks, door, deed or silence', () => {
  const wrong =
    /(?:^|[a-z])(?:[Tt]old|[Tt]ell(?:ing)?s?|[Ss]aid|[Ww]hose|[Ss]peaks|[Dd]oor|[Dd]eed|[Ss]ilence)(?=[A-Z]|$)/;
  const words = (file: string) =>
    file
      .replace(/\.ts$/, '')
      .split(/[/-]/)
      .concat(
        [
          ...readFileSync(join(src, file), 'utf8').matchAll(
            /^export (?:declare |abstract |async )*(?:function\*?|const|class|interface|type) (\w+)/gm,
          ),
        ].map(([, name = '']) => name),
      );
  const found = sources.flatMap((file) =>
    words(file).flatMap((word) => (wrong.test(word) ? [`${file} ${word}`] : [])),
  );
  // A document of Red Hat's tells of a vulnerability what others may outdate.
  const left = ['Telling', 'Tellings', 'tell'].map((word) => `distros/redhat/settle/settle.ts ${word}`);
  expect(found.filter((each) => !left.includes(each))).toEqual([]);
});

it('an option of a gate is declared in one file, for command and library', () => {
  const declared = sources.flatMap((file) =>
    [
      ...readFileSync(join(src, file), 'utf8').matchAll(
        /^\s+(?:'((?:fail-on|allow)[a-z-]*)': (?:flag|choice|repeatable|form)\(|((?:failOn|allow)[A-Z]?\w*)\?: )/gm,
      ),
    ].map(([, option, parameter]) => `${file} ${option ?? parameter}`),
  );
  const elsewhere = declared.filter((each) => !/^tasks\/\w+\/options\.ts /.test(each));
  expect(elsewhere.filter((each) => !/ allow-?(?:link-?local|private|ance)/i.test(each))).toEqual([]);
  expect(declared.length - elsewhere.length).toBeGreaterThan(20);
});

it('JSON of foreign origin is parsed within bounds', () => {
  const parsing = sources.filter((file) =>
    /\bJSON\.parse\(/.test(readFileSync(join(src, file), 'utf8').replace(/^\s*(?:\/?\*|\/\/).*$/gm, '')),
  );
  const unbounded = parsing.filter(
    (file) => file !== 'io/foreign-json.ts' && !readOwnJson.some((own) => file.startsWith(own)),
  );
  expect(unbounded, 'parse it by io/foreign-json.ts').toEqual([]);
  expect(readOwnJson.filter((own) => !parsing.some((file) => file.startsWith(own)))).toEqual([]);
});

it.each(['runtime/index.ts', 'runtime/web/index.ts'])(
  '%s needs no module of Node, and no package',
  (entry) => {
    const below = new Set([entry, ...reachedFrom(entry, targetsOf(sources))]);
    const foreign = imports.filter(({ file, target }) => below.has(file) && !target.startsWith('.'));
    expect(below.size).toBeGreaterThan(50);
    expect(foreign).toEqual([]);
  },
);

it("Node's own bindings, which are deprecated, are not used", () => {
  const using = sources.filter((file) =>
    /\bprocess\b[^;]*\.\s*_?(?:linkedB|b)inding\b/.test(readFileSync(join(src, file), 'utf8')),
  );
  expect(using).toEqual([]);
});

// node:tty is of the help's pager, which cli/terminal.test.ts starts.
it("the tests that CI runs under another Node load every module of Node's", () => {
  const files = globSync(testsOfNode, { cwd: dirname(test), exclude: ['**/*.oracle.test.ts'] }).map((file) =>
    relative(src, resolve(dirname(test), file)),
  );
  const targets = targetsOf([...sources, ...files]).set('', files);
  const loaded = reachedFrom('', targets);
  const ofNode = imports.filter(({ target }) => target.startsWith('node:') && target !== 'node:tty');
  const reached = new Set(ofNode.filter(({ file }) => loaded.has(file)).map(({ target }) => target));
  const missed = [...new Set(ofNode.map(({ target }) => target))].filter((name) => !reached.has(name));
  expect(missed, 'add a test to test/support/tests-of-node.ts').toEqual([]);
});

it('ARCHITECTURE.md can be read in ten minutes', () => {
  const text = readFileSync(resolve(src, '../ARCHITECTURE.md'), 'utf8');
  expect(text.split(/\s+/).length, 'move decisions to docs/decisions').toBeLessThanOrEqual(2500);
});

it('the table of dependencies gives once for each package why it is one', () => {
  const manifest: Record<string, Record<string, string>> = JSON.parse(
    readFileSync(resolve(src, '../package.json'), 'utf8'),
  );
  const needed = ['dependencies', 'optionalDependencies', 'devDependencies']
    .flatMap((kind) => Object.keys(manifest[kind] ?? {}))
    .filter((name) => !name.startsWith('@types/'));
  expect(documentedPackages().sort()).toEqual(needed.sort());
});

// src/publish/keys/root.ts is tested in test/publish/keys/ or in test/publish/keys.test.ts, a task by both of its faces.
it('the tests of a folder are found by its name', () => {
  const tests = readdirSync(test, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.test.ts'),
  );
  const untested = [...new Set(sources.map((file) => dirname(file)))].filter((folder) => {
    const place = folder.startsWith('tasks/') ? 'library' : folder;
    const places = [`${place}/`, `${place}.`, `${place}-`];
    return !tests.some((file) => places.some((place) => file.startsWith(place)));
  });
  expect(untested).toEqual([]);
});

// The library's judge() is of today where its caller names no day; the runtime imports nothing that reads or writes. The policy
// page dates the file that a person saves in a browser.
it('the clock is read in one place', () => {
  const reads = sources.filter((file) =>
    /new Date\(\)|Date\.now\(/.test(readFileSync(join(src, file), 'utf8')),
  );
  expect(reads).toEqual(['io/clock.ts', 'report/comply/policy-script.ts', 'runtime/judge.ts']);
});

/** The rooms that each room may import by the table of ARCHITECTURE.md, sorted; `comply/{xml,pcre}` is two. */
function documentedTable(): Map<string, string[]> {
  const text = readFileSync(resolve(src, '../ARCHITECTURE.md'), 'utf8');
  const from = text.indexOf('\n## Rooms');
  const section = text.slice(from, text.indexOf('\n## ', from + 1));
  return new Map(
    [...section.matchAll(/^\| `([^`]+)` *\| ([^|]+) \|/gm)].map(([, room = '', cell = '']) => [
      room,
      roomsIn(room, cell).sort(),
    ]),
  );
}

/** The files of a command's list in ARCHITECTURE.md, in its order. */
function documentedWay(command: string): string[] {
  const text = readFileSync(resolve(src, '../ARCHITECTURE.md'), 'utf8');
  const [list = ''] = text.split(`\`scapfeed ${command}\`:\n\n`)[1]?.split('\n\n') ?? [];
  return [...list.matchAll(/^\d+\. `([^`]+)`/gm)].map(([, file]) => file!);
}

/** Imported by one of the files, or by a room's entry that one of them imports. */
function called(
  file: string,
  by: readonly string[],
  targets: ReadonlyMap<string, readonly string[]>,
): boolean {
  const entry = join(dirname(file), 'index.ts');
  return by.some((each) => {
    const own = targets.get(each) ?? [];
    return own.includes(file) || (own.includes(entry) && targets.get(entry)!.includes(file));
  });
}

/** The packages that the table of dependencies names, without the words in parentheses. */
function documentedPackages(): string[] {
  const [, , ...rows] = readFileSync(resolve(src, '../docs/decisions/044-dependencies.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|'));
  return rows.flatMap((row) =>
    row
      .split('|')[1]!
      .replace(/\(.*\)/, '')
      .split(',')
      .map((name) => name.trim()),
  );
}

/** A cell names rooms, or those that a room must not import. */
function roomsIn(room: string, cell: string): string[] {
  const named = [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, name = '']) => expandBraces(name));
  return cell.startsWith('all but') ? allBut(room, ...named) : named;
}

function expandBraces(name: string): string[] {
  const [, before = '', inner] = /^([^{]*)\{([^}]*)\}$/.exec(name) ?? [];
  return inner === undefined ? [name] : inner.split(',').map((part) => before + part);
}

function listed(rooms: readonly string[]): string {
  return rooms.length === 0 ? 'nothing' : rooms.map((room) => `\`${room}\``).join(', ');
}

function importsOf(file: string): string[] {
  // Examples in comments import too.
  const text = readFileSync(join(src, file), 'utf8').replace(/\/\*\*[\s\S]*?\*\//g, '');
  const found = text.matchAll(
    /^(?:import|export)[^'"]*?from ['"]([^'"]+)['"]|^import ['"]([^'"]+)['"]|\bimport\(['"]([^'"]+)['"]\)/gm,
  );
  return [...found].map((match) => (match[1] ?? match[2] ?? match[3])!);
}

/** Files that import each other, by whatever way round; each circle once. */
function circlesOf(files: readonly string[]): string[][] {
  const targets = targetsOf(files);
  const reach = new Map(files.map((file) => [file, reachedFrom(file, targets)]));
  const circles = files.flatMap((file) => {
    const circle = files.filter((other) => reach.get(file)?.has(other) && reach.get(other)?.has(file));
    return circle[0] === file ? [circle] : [];
  });
  return circles;
}

/** Each file with those of `files` that it imports. */
function targetsOf(files: readonly string[]): Map<string, string[]> {
  const known = new Set(files);
  return new Map(
    files.map((file) => [
      file,
      importsOf(file)
        .filter((target) => target.startsWith('.'))
        .map((target) => relative(src, resolve(src, dirname(file), target)))
        .filter((target) => known.has(target)),
    ]),
  );
}

function reachedFrom(file: string, targets: ReadonlyMap<string, readonly string[]>): Set<string> {
  const reached = new Set<string>();
  const pending = [...(targets.get(file) ?? [])];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    pending.push(...(targets.get(next) ?? []));
  }
  return reached;
}

function roomOf(path: string): string {
  const parts = path.split('/').slice(0, -1);
  if (path === 'distros/contract.ts') return 'distros/contract';
  if (path === 'distros/rebuilds.ts') return 'distros/rebuilds';
  if (path === 'distros/bulletins.ts') return 'distros/bulletins';
  if (path === 'distros/rolling.ts') return 'distros/rolling';
  if (parts[0] === 'distros' && parts[1] === 'shared' && parts.length > 2) return `distros/*/${parts[2]}`;
  if (parts[0] === 'distros' && parts.length > 1 && parts[1] !== 'shared')
    return `distros/*/${/^(?:image|rule|oval|export)\b/.exec(basename(path))?.[0] ?? 'data'}`;
  const room = parts.slice(0, 2).join('/');
  return room in allowed ? room : (parts[0] ?? '');
}

function vendorOf(path: string): string | undefined {
  return /^distros\/([^/]+)\//.exec(path)?.[1];
}
