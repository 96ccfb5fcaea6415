import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { countUnjudged } from '../../src/inventory/unjudged.ts';
import { layoutFiles, makeImage, writeFiles } from '../image/support/make-image.ts';
import { file } from '../image/support/make-tar.ts';
import { debianRelease, rootWith, scapfeed, stanza } from '../support/cli.ts';
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
    const failing = scan(root, '--fail-on-unjudged');
    expect(failing.code).toBe(1);
    expect(failing.err).toContain('policy: 7 packages that no feed judges (--fail-on-unjudged)');
  });

  it('are not those of the distribution', () => {
    const root = `dir:${rootWith({ ...base, ...packaged })}`;

    expect(scan(root, '--fail-on-unjudged')).toMatchObject({ code: 0 });
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
    writeFileSync(policy, 'scan:\n  fail-on-unjudged: true\n');

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
  expect(countUnjudged(closed)).toMatchObject({
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
