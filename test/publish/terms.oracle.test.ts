import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { writeAlpineMirror } from '../distros/alpine/world.ts';
import { writeAlmaMirror } from '../distros/rebuild/almalinux/world.ts';
import { writeRollingMirror } from '../distros/rolling/world.ts';
import { scapfeed } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';

const home = temporaryFolder('terms');
const at = (name: string) => join(home, name);
const env = {
  XDG_CONFIG_HOME: at('config'),
  XDG_DATA_HOME: at('data'),
  SCAPFEED_PASSPHRASE: 'a passphrase of tests',
};
const run = (...args: string[]) => scapfeed(args, env);

beforeAll(() => {
  const build = (source: string, mirror: string) =>
    run(
      'build',
      '--source',
      source,
      '--mirror',
      mirror,
      '--snapshots',
      at(`${source}-s`),
      '--out',
      at(source),
    );
  const secfixes = { openssl: { '3.3.1-r1': ['CVE-2024-5535'] } };
  const alpine = writeAlpineMirror({
    'v3.20/main': { secfixes, ships: ['openssl 3.3.1-r1'] },
    'v3.20/community': { secfixes: {}, ships: [] },
  });
  const erratum = {
    id: 'ALSA-2024:1',
    cves: ['CVE-2024-5535'],
    packages: ['openssl-1:3.0.7-25.el9_3.x86_64'],
  };
  expect(build('alpine', alpine).code).toBe(0);
  expect(build('wolfi', writeRollingMirror('wolfi', secfixes)).code).toBe(0);
  expect(build('almalinux', writeAlmaMirror({ errata: { 9: [erratum] } })).code).toBe(0);
  expect(run('keys', 'make').code).toBe(0);
});

// The mirror's errata are of 2024, and AlmaLinux usually has newer ones within its usual days.
const old = ['--accept', 'frozen', '--reason', 'a mirror of 2024'];
const both = ['--feed', at('alpine'), '--feed', at('almalinux'), ...old];
const pulled = (site: string) => {
  const root = join(site, 'metadata/1.root.json');
  const { code, out, err } = run('pull', '--from', site, '--trust-root', root, '--out', `${site}-pulled`);
  expect(code, err).toBe(0);
  return out;
};

it('the manifest says whose terms are unclear', () => {
  const sources = (feed: string) => JSON.parse(readFileSync(join(at(feed), 'manifest.json'), 'utf8')).sources;
  expect(sources('alpine')).toMatchObject([{ id: 'alpine', terms: 'unclear' }]);
  expect(sources('almalinux')[0]).not.toHaveProperty('terms');
});

it('a source without clear terms is left out, and that is told', () => {
  const { code, out, err } = run('publish', ...both, '--to', at('public'));
  expect(code, err).toBe(0);
  expect(out).toContain(
    'not published: alpine-3.20, because the terms of Alpine Linux security database are unclear',
  );
  expect(out).toContain('--accept-terms alpine publishes them');
  expect(pulled(at('public'))).not.toContain('alpine');
});

it('it is published when its terms are accepted by name; without that later it stays as it was, and is held back', () => {
  const { code, out, err } = run('publish', ...both, '--to', at('accepted'), '--accept-terms', 'alpine');
  expect([code, err], out).toEqual([0, '']);
  expect(out).not.toContain('not published');
  expect(pulled(at('accepted'))).toContain('alpine-3.20');

  const later = run('publish', ...both, '--to', at('accepted'));
  expect(later.code).toBe(3);
  expect(later.out).toContain('it was published before, and the terms of alpine are not accepted now');
});

it.each([
  ['alpine', 'the terms of Alpine Linux security database are unclear'],
  ['wolfi', 'the licence of Wolfi security database does not allow it (CC-BY-NC-ND-4.0)'],
])('%s alone is refused, and nothing is written', (source, reason) => {
  const { code, err } = run('publish', '--feed', at(source), '--to', at('alone'));
  expect([code, err]).toEqual([3, expect.stringContaining('TERMS_NOT_ACCEPTED')]);
  expect(err).toContain(`but ${reason}`);
  expect(err).toContain(`--accept-terms ${source}`);
  expect(run('pull', '--from', at('alone')).code).not.toBe(0);
});

it('a source that the feed does not have is wrong use', () => {
  const { code, err } = run('publish', ...both, '--to', at('wrong'), '--accept-terms', 'alpin');
  expect([code, err]).toEqual([
    2,
    expect.stringContaining('--accept-terms alpin: the feed has no such source'),
  ]);
});
