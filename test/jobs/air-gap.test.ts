import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type RegistryServer, startRegistry } from '../image/support/servers.ts';
import { hasData } from '../support/data.ts';
import { debianRoot } from '../support/debian-images.ts';
import { hasOracle, hasSecurityGuide, isRoot, securityGuide } from '../support/oracles.ts';
import { type Machine, newMachine } from './support/machine.ts';
import { realNight } from './support/real-night.ts';
import { variants } from './support/share.ts';

const passphrase = { SCAPFEED_PASSPHRASE: 'a long enough passphrase for a test' };
const canRun =
  hasData('mirror') &&
  isRoot() &&
  hasOracle('mmdebstrap', 'docker-registry', 'tar', 'python3') &&
  hasSecurityGuide();

/**
 * A feed of every platform goes from the machine that builds it to one without a network, used by somebody else, and
 * answers there what it answered at home.
 */
describe.skipIf(!canRun)('a feed carried over an air gap', () => {
  let publisher: Machine;
  let registry: RegistryServer;
  let inside: Machine;
  let root: string;
  let feed: string;
  let answers: string;

  beforeAll(async () => {
    publisher = newMachine();
    inside = newMachine({ user: 4711, network: false });
    registry = await startRegistry();
    // A copy that another user may read: a real root file system has folders of root's alone.
    root = join(publisher.home, 'root');
    publisher.does(`chmod 755 . && cp -a ${debianRoot('bookworm', 'release')} root && chmod -R a+rX root`);
    feed = realNight().feed;
    publisher.does('scapfeed keys make', passphrase);
    publisher.does(`scapfeed publish --feed ${feed} --to public`, passphrase);
    // The folder has the OVAL, which takes most of a publication's time.
    const toRegistry = `scapfeed publish --no-oval --feed ${feed} --to oci://${registry.host}/feeds/all`;
    publisher.does(toRegistry, passphrase);
    // Any age: the documents at hand are of one day.
    answers = publisher.does(
      `scapfeed scan dir:${root} --feed ${feed} --max-age 0 --allow-uncovered -o json`,
    );
    return () => registry.stop();
  });

  const verdicts = (json: string) => JSON.parse(json).verdicts as unknown[];
  const carry = (file: string) => publisher.does(`install -o 4711 -g 4711 ${file} ${inside.home}/`);

  it('as one bundle of everything: pulled, scanned and checked without a network by another user', () => {
    publisher.does('scapfeed bundle --from public --out all.bundle');
    publisher.does('tar -tf all.bundle >/dev/null');
    publisher.does(`python3 -c 'import tarfile; tarfile.open("all.bundle").getmembers()'`);
    carry('all.bundle');
    carry('public/metadata/1.root.json');
    inside.does('scapfeed pull --from all.bundle --trust-root 1.root.json --oval');
    const scanned = inside.does(`scapfeed scan dir:${root} --max-age 0 --allow-uncovered -o json`);
    expect(verdicts(scanned)).toEqual(verdicts(answers));
    expect(verdicts(scanned).length).toBeGreaterThan(100);
    inside.does(`scapfeed verify dir:${root}`);
    const stream = join(securityGuide, 'ssg-debian12-ds.xml');
    const { code, out } = inside.run(`scapfeed comply dir:${root} --content ${stream} --profile standard`);
    expect(code).toBe(0);
    expect(out).toMatch(/^score \(default\): /m);
  });

  it('as a bundle of each platform that the feed has, from the folder', () => {
    const manifest = JSON.parse(publisher.does(`cat ${feed}/manifest.json`));
    const ids: string[] = manifest.platforms.map(({ id }: { id: string }) => id);
    expect(ids.length).toBeGreaterThan(50);
    for (const id of variants(ids, 5)) {
      publisher.does(`scapfeed bundle --from public --platform ${id} --out one.bundle`);
      publisher.does('tar -tf one.bundle >/dev/null');
      const machine = newMachine({ network: false });
      machine.does(
        `scapfeed pull --from ${publisher.home}/one.bundle --trust-root ${publisher.home}/public/metadata/1.root.json --oval`,
      );
      expect(machine.does('scapfeed feeds')).toContain(id);
    }
  });

  it('as a bundle made from the registry, of all platforms of RHEL', () => {
    publisher.does(
      `scapfeed bundle --from oci://${registry.host}/feeds/all --platform 'rhel-*' --out rhel.bundle`,
    );
    carry('rhel.bundle');
    inside.does('scapfeed pull --from rhel.bundle --trust-root 1.root.json --out rhel');
    expect(inside.does('scapfeed feeds --feed rhel')).toMatch(/^rhel-9 /m);
    expect(existsSync(join(inside.home, 'rhel/index/debian-12.jsonl'))).toBe(false);
  });

  it('is refused once its signatures have expired, and taken with --max-age', () => {
    const publish = `scapfeed publish --feed ${feed} --to late --date 2026-01-01`;
    publisher.does(`cp -r public late && ${publish}`, passphrase);
    publisher.does('scapfeed bundle --from late --platform debian-12 --out late.bundle');
    carry('late.bundle');
    const refused = inside.run('scapfeed pull --from late.bundle --trust-root 1.root.json --out late');
    expect(refused.code).toBe(3);
    expect(refused.err).toContain('--max-age');
  });
});
