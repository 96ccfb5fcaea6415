import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { countUnjudged } from '../../src/inventory/unjudged.ts';
import { BuilderSearch } from '../../src/model/index.ts';
import {
  dockerArchive,
  imageLayout,
  layoutFiles,
  makeImage,
  writeFiles,
} from '../image/support/make-image.ts';
import { file } from '../image/support/make-tar.ts';
import { debianRelease, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { elf } from '../support/elf.ts';
import { memoryView } from '../support/memory-view.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

const base = {
  'etc/os-release': debianRelease('12', 'bookworm'),
  'var/lib/dpkg/status': stanza('bash', '5.2.15-2'),
};
const own = {
  'app/package.json': '{}',
  'app/node_modules/lodash/package.json': '{"version":"4.17.0"}',
  'app/node_modules/@types/node/package.json': '{}',
  'app/node_modules/lodash/node_modules/inner/package.json': '{}',
  'app/node_modules/.bin/tool': '',
  'app/node_modules/no-module/readme': '',
  'usr/local/lib/python3.11/site-packages/requests-2.31.0.dist-info/METADATA': '',
  'usr/local/lib/python3.11/site-packages/old.egg-info': '',
  'usr/local/lib/ruby/gems/3.2.0/specifications/rake-13.gemspec': '',
  'opt/tool/lib/log4j-core-2.14.1.jar': 'PK',
};
/** What distributions' packages bring. */
const packaged = {
  'usr/lib/python3/dist-packages/apt.egg-info': '',
  'usr/share/nodejs/node_modules/npm/package.json': '{}',
  'usr/share/java/junit.jar': 'PK',
};
const feed = writeSmallFeed([
  {
    platform: bookworm,
    data: { roster: new Map([['bash', { version: '1', binaries: [] }]]) },
    statements: [],
  },
]);
const scan = (reference: string, ...args: string[]) =>
  scapfeed(['scan', reference, '--feed', feed, '--max-age', '0', ...args]);

describe('packages that no feed judges', () => {
  it('are counted by ecosystem in table and JSON, and fail when asked to', () => {
    const root = `dir:${rootWith({ ...base, ...own })}`;
    const { out, code } = scan(root);

    expect(code).toBe(0);
    expect(out).toContain(
      '1 package judged, 0 not covered\n7 packages that no feed judges: gem 1, maven 1, npm 3, pypi 2\n',
    );
    const document = JSON.parse(scan(root, '-o', 'json').out);
    expect(document.unjudged).toEqual([
      {
        ecosystem: 'gem',
        packages: 1,
        places: ['/usr/local/lib/ruby/gems/3.2.0/specifications/rake-13.gemspec'],
      },
      { ecosystem: 'maven', packages: 1, places: ['/opt/tool/lib/log4j-core-2.14.1.jar'] },
      {
        ecosystem: 'npm',
        packages: 3,
        places: [
          '/app/node_modules/lodash',
          '/app/node_modules/@types/node',
          '/app/node_modules/lodash/node_modules/inner',
        ],
      },
      {
        ecosystem: 'pypi',
        packages: 2,
        places: [
          '/usr/local/lib/python3.11/site-packages/old.egg-info',
          '/usr/local/lib/python3.11/site-packages/requests-2.31.0.dist-info',
        ],
      },
    ]);
    expect(document.policy).toMatchObject({ unjudged: 7, failOnUnjudged: false, exitCode: 0 });
    const failing = scan(root, '--fail-on', 'unjudged');
    expect(failing.code).toBe(1);
    expect(failing.err).toContain('policy: 7 packages that no feed judges (--fail-on unjudged)');
  });

  it('are not those of the distribution', () => {
    const root = `dir:${rootWith({ ...base, ...packaged })}`;

    expect(scan(root, '--fail-on', 'unjudged')).toMatchObject({ code: 0 });
    expect(scan(root).out).not.toContain('no feed judges');
  });

  it('are told with their layers', () => {
    const files = (all: Record<string, string>) =>
      Object.entries(all).map(([path, text]) => file(path, text));
    const image = makeImage({
      layers: [
        files(base),
        files({ 'app/node_modules/lodash/package.json': '{}' }),
        files({ 'opt/a.jar': 'PK' }),
      ],
    });
    const layout = writeFiles(
      temporaryFolder(),
      layoutFiles(
        [image.manifest, image.config, ...image.layers],
        [
          {
            mediaType: 'application/vnd.oci.image.manifest.v1+json',
            digest: image.manifest.digest,
            size: image.manifest.bytes.length,
          },
        ],
      ),
    );
    const { out } = scan(`oci:${layout}`);

    expect(out).toContain('2 packages that no feed judges: maven 1 (layer 3), npm 1 (layer 2)');
  });

  it('a gate on flaws does not count them, a policy file can', () => {
    const root = `dir:${rootWith({ ...base, ...own })}`;
    const policy = join(temporaryFolder(), 'policy.yaml');
    writeFileSync(policy, 'scan:\n  fail-on: unjudged\n');

    expect(scan(root, '--fail-on', 'any').code).toBe(0);
    expect(scan(root, '--policy', policy).code).toBe(1);
  });

  it('loops of links and deep folders end; a search that is cut says so', () => {
    const root = rootWith({ ...base, ...own });
    symlinkSync('/app', join(root, 'app/node_modules/self'));
    mkdirSync(join(root, 'srv', ...Array.from({ length: 60 }, (_, at) => `d${at}`)), { recursive: true });
    const { out } = scan(`dir:${root}`);

    expect(out).toContain('note: unjudged search cut at');
  });
});

it('a folder that this user may not read is told: what is in it is not counted', () => {
  const files = memoryView({ '/srv/app/node_modules/a/package.json': '{}', '/root/x': '' });
  const closed = {
    ...files,
    list(path: string) {
      if (path === '/root') throw new Error('EACCES');
      return files.list(path);
    },
  };
  expect(countUnjudged(closed, new Set())).toMatchObject({
    unjudged: [{ ecosystem: 'npm', packages: 1 }],
    notes: [
      {
        code: 'unjudged_search_incomplete',
        where: '/root',
        detail: expect.stringMatching(/not looked for: 1$/),
      },
    ],
  });
});

describe('programs of Go and Rust', () => {
  const marks = { golang: '\xff Go buildinf:', cargo: '\0.dep-v0\0', nobody: 'nothing' };
  const program = (builder: keyof typeof marks, head = elf('executable')) =>
    Buffer.concat([head, Buffer.alloc(1 << 20), Buffer.from(marks[builder], 'latin1'), Buffer.alloc(99)]);
  const run = (name: string, bytes: Buffer) => ({ ...file(name, bytes), mode: 0o755 });
  const counted = (reference: string) =>
    (
      JSON.parse(scan(reference, '-o', 'json').out) as {
        unjudged: { ecosystem: string; packages: number; layers?: number[]; places: string[] }[];
      }
    ).unjudged;

  it('are found wherever the bytes are cut into pieces, and in ELF files only', () => {
    for (const [builder, found] of [
      ['golang', 'go'],
      ['cargo', 'cargo'],
      ['nobody', undefined],
    ] as const) {
      const bytes = Buffer.concat([elf('pie'), Buffer.from(marks[builder], 'latin1'), Buffer.from('end')]);
      for (let size = 1; size <= bytes.length; size++) {
        const search = new BuilderSearch();
        for (let at = 0; at < bytes.length; at += size) search.push(bytes.subarray(at, at + size));
        expect(search.found).toBe(found);
      }
    }
    const script = new BuilderSearch();
    script.push(Buffer.from(`#!/bin/sh\n${marks.golang}`, 'latin1'));
    expect(script).toMatchObject({ found: undefined, isOver: true });
  });

  it('are counted in a file system at rest, where they can be run', () => {
    const root = rootWith({
      ...base,
      'usr/local/bin/server': program('golang'),
      'opt/app/tool': program('cargo'),
      'opt/app/plain': program('nobody'),
      'opt/app/data': program('golang'),
      'opt/app/script': program('golang', Buffer.from('#!/bin/sh\n')),
      'usr/bin/packaged': program('golang'),
    });
    for (const name of [
      'usr/local/bin/server',
      'usr/bin/packaged',
      'opt/app/tool',
      'opt/app/plain',
      'opt/app/script',
    ])
      chmodSync(join(root, name), 0o755);
    expect(counted(`dir:${root}`)).toEqual([
      { ecosystem: 'cargo', packages: 1, places: ['/opt/app/tool'] },
      { ecosystem: 'golang', packages: 1, places: ['/usr/local/bin/server'] },
    ]);
    expect(scan(`dir:${root}`, '--fail-on', 'unjudged').code).toBe(1);
  });

  const layers = [
    [
      ...Object.entries(base).map(([name, text]) => file(name, text)),
      run('usr/bin/packaged', program('golang')),
    ],
    [run('usr/bin/server', program('golang')), run('usr/local/bin/tool', program('cargo'))],
    [run('app/gone', program('golang'))],
    [file('app/.wh.gone', '')],
  ];
  const inLayers = [
    { ecosystem: 'cargo', packages: 1, layers: [1], places: ['/usr/local/bin/tool'] },
    { ecosystem: 'golang', packages: 1, layers: [1], places: ['/usr/bin/server'] },
  ];

  it.each(['gzip', 'none'] as const)(
    'are counted in layers (%s); in folders of the system only those of layers without packages',
    (compress) => {
      const layout = writeFiles(temporaryFolder(), imageLayout({ layers, compress }));
      expect(counted(`oci:${layout}`)).toEqual(inLayers);
      // From the cache of inventories, too.
      expect(counted(`oci:${layout}`)).toEqual(inLayers);
    },
  );

  it.each(['docker 24', 'docker 25', 'skopeo'] as const)(
    'are counted in an archive of %s that is read as a stream',
    (shape) => {
      const { out } = scapfeed(
        ['scan', '-', '--feed', feed, '--max-age', '0', '-o', 'json'],
        {},
        undefined,
        dockerArchive({ layers }, shape),
      );
      expect((JSON.parse(out) as { unjudged: unknown }).unjudged).toEqual(inLayers);
    },
  );
});
