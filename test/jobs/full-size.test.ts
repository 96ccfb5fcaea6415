import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateDebian, generateDpkgStatus } from '../../bench/generate-debian.mjs';
import { changeRedHat, generateRedHat } from '../../bench/generate-redhat.mjs';
import { generateSuse } from '../../bench/generate-suse.mjs';
import { generateUbuntu } from '../../bench/generate-ubuntu.mjs';
import type { Manifest } from '../../src/model/feed/index.ts';
import { debianRelease } from '../support/cli.ts';
import { hasOracle, isRoot } from '../support/oracles.ts';
import { type Machine, newMachine } from './support/machine.ts';
import { isShare } from './support/share.ts';
import { nginx } from './support/web-servers.ts';

const passphrase = { SCAPFEED_PASSPHRASE: 'a long enough passphrase for a test' };

/** CI takes a quarter of Debian, and a fortieth of Red Hat, SUSE and Ubuntu; air-gap.test.ts has all of the real documents. */
const sizes = isShare
  ? {
      debian: { sources: 1000, cves: 10_000, roster: 7500 },
      cves: 1500,
      documents: 1000,
      bytes: 7.5e7,
      suse: 250,
    }
  : { debian: {}, cves: 55_000, documents: 40_000, bytes: 3e9, suse: 10_000 };

/** Longer than other jobs, also on a machine with more to do. */
const timeout = 7_200_000;

/** Data made up with the size and shape of the vendors': two nights from a server to a machine without a network. */
describe.skipIf(!(isRoot() && hasOracle('nginx', 'zstd', 'xz', 'tar')))('feeds of full size', () => {
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-full-size-'));
  const mirror = join(folder, 'mirror');
  let redHat: Awaited<ReturnType<typeof generateRedHat>>;
  let url: string;
  let publisher: Machine;
  let inside: Machine;

  beforeAll(async () => {
    generateDebian(mirror, sizes.debian);
    await generateUbuntu(mirror, sizes.cves);
    redHat = await generateRedHat(mirror, { documents: sizes.documents, bytes: sizes.bytes });
    await generateSuse(mirror, sizes.suse, { others: true });
    url = await nginx(mirror, 'keepalive_timeout 0;');
    publisher = newMachine();
    inside = newMachine({ user: 4711, network: false });
    publisher.does('chmod 755 .');
    publisher.does('scapfeed keys make', passphrase);
    const root = join(inside.home, 'root');
    mkdirSync(join(root, 'etc'), { recursive: true });
    mkdirSync(join(root, 'var/lib/dpkg'), { recursive: true });
    writeFileSync(join(root, 'etc/os-release'), debianRelease('12', 'bookworm'));
    writeFileSync(join(root, 'var/lib/dpkg/status'), generateDpkgStatus({ packages: 250, ...sizes.debian }));
  }, timeout);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** One night: build, publish, and a bundle of everything that is carried inside. */
  function night(): unknown[] {
    publisher.does(
      `scapfeed build --source debian,redhat,suse,ubuntu --no-ratings --unsigned-mirror --mirror ${url} --snapshots snapshots --out feed`,
    );
    // By the limits as they are: what is left out on purpose is no reason to hold a first publication back.
    publisher.does('scapfeed publish --feed feed --to public', passphrase);
    publisher.does('scapfeed bundle --from public --out all.bundle');
    inside.does(
      `scapfeed pull --from ${publisher.home}/all.bundle --trust-root ${publisher.home}/public/metadata/1.root.json --oval`,
    );
    const scan = 'scapfeed scan dir:root --max-age 0 --allow-uncovered -o json';
    const { verdicts } = JSON.parse(inside.does(scan)) as { verdicts: unknown[] };
    const atHome = JSON.parse(publisher.does(`cd ${inside.home} && ${scan} --feed ${publisher.home}/feed`));
    expect(verdicts).toEqual(atHome.verdicts);
    return verdicts;
  }

  it('come over an air gap whole, and answer there as at home', { timeout }, () => {
    expect(night().length).toBeGreaterThan(100);
    const { sources } = JSON.parse(publisher.does('cat feed/manifest.json')) as Manifest;
    const { records, dropped } = sources.find(({ id }) => id === 'suse')!;
    expect(dropped / records).toBeGreaterThan(0.4);
    expect(inside.does('scapfeed feeds')).toMatch(
      /^rhel-9 .*\n(?:.*\n)*sles-15\.5 .*\n(?:.*\n)*ubuntu-22\.04 /m,
    );
  });

  it('and so does the second night, in which 300 documents changed', { timeout }, () => {
    changeRedHat(redHat, 300);
    expect(night().length).toBeGreaterThan(100);
    inside.does('scapfeed validate .local/share/scapfeed/feed');
  });
});
