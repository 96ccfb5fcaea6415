import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { schemaErrors } from '../../src/validate/json-schema.ts';
import { deb, temporaryFolder } from '../support/small-feed.ts';
import { bundleCli, runCli } from './support/cli.ts';
import { writeNight } from './support/publisher.ts';

let cli: string;
const home = temporaryFolder();
const env = { XDG_CONFIG_HOME: join(home, 'config'), XDG_DATA_HOME: join(home, 'data'), SCAPFEED_FEED: '' };
const at = (name: string) => join(home, name);
const scapfeed = (...args: string[]) => runCli(cli, args, { env });

beforeAll(async () => {
  cli = await bundleCli();
});

describe('from a feed to another machine and back to a diff', () => {
  const old = writeNight(300);
  const now = writeNight(300, { 'package-0007': '2.0-1' });

  it('keys, publish, pull, a second night, a bundle', async () => {
    expect((await scapfeed('keys', 'make')).out).toMatch(/root 1 is signed/);
    expect(await scapfeed('publish', '--feed', old, '--to', at('public'))).toMatchObject({
      code: 0,
      err: '',
    });
    const root = at('public/metadata/1.root.json');
    expect((await scapfeed('pull', '--from', at('public'), '--trust-root', root)).out).toMatch(
      /debian-12 .*whole/,
    );
    expect((await scapfeed('publish', '--feed', now, '--to', at('public'))).out).toMatch(
      /debian-12 .*1 now fixed/,
    );
    expect((await scapfeed('pull', '--from', at('public'))).out).toMatch(/debian-12 .*delta/);
    expect((await scapfeed('bundle', '--from', at('public'), '--out', at('feed.bundle'))).code).toBe(0);
    expect(
      (await scapfeed('pull', '--from', at('feed.bundle'), '--trust-root', root, '--out', at('gap/feed')))
        .code,
    ).toBe(0);
  });

  it('pull.json in place of options', async () => {
    const root = at('public/metadata/1.root.json');
    writeFileSync(
      at('config/scapfeed/pull.json'),
      JSON.stringify({ from: [at('public')], trustRoot: root, platforms: ['debian-13'] }),
    );
    expect((await scapfeed('pull', '--out', at('other/feed'))).out).toMatch(/debian-13/);
    writeFileSync(at('config/scapfeed/pull.json'), '{"form": []}');
    expect(await scapfeed('pull')).toMatchObject({ code: 3, err: expect.stringContaining('pull.json') });
    rmSync(at('config/scapfeed/pull.json'));
  });

  it('an untrusted feed leads to exit 3, code, place and remedy', async () => {
    cpSync(at('public'), at('hostile'), { recursive: true });
    const file = at('hostile/metadata/timestamp.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"version":2', '"version":7'));
    const run = await scapfeed('pull', '--from', at('hostile'), '--out', at('gap/feed'));
    expect(run.code).toBe(3);
    expect(run.err).toMatch(/\[TRUST_SIGNATURE_WRONG\]\n {2}at: .*timestamp\.json\n {2}next: /);
  });

  it('diff of two feeds keeps its schema; with an inventory it tells what flips', async () => {
    const { out } = await scapfeed('diff', old, now, '-o', 'json');
    expect(schemaErrors('changes', JSON.parse(out))).toEqual([]);
    expect((await scapfeed('diff', old, now)).out).toMatch(/now fixed +CVE-2026-1007 +package-0007/);
    const inventory = {
      os: { id: 'debian', versionId: '12', found: '/etc/os-release' },
      databases: [{ kind: 'dpkg', path: '/var/lib/dpkg/status', packages: 1 }],
      packages: [deb('package-0007', '1.0-1')],
      notes: [],
    };
    mkdirSync(at('inventory'));
    writeFileSync(at('inventory/i.json'), JSON.stringify(inventory));
    const flips = await scapfeed('diff', old, now, '--inventory', at('inventory/i.json'));
    expect(flips.out).toMatch(/CVE-2026-1007 .*affected, none yet +affected, available: 2\.0-1/);
  });
});
