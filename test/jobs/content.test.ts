import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ComplianceResult } from '../../src/model/compliance/index.ts';
import { hasData } from '../support/data.ts';
import { debianRoot } from '../support/debian-images.ts';
import { hasOracle, hasSecurityGuide, isRoot, securityGuide } from '../support/oracles.ts';
import { type Machine, newMachine } from './support/machine.ts';

const passphrase = { SCAPFEED_PASSPHRASE: 'a long enough passphrase for a test' };
const sample = join(import.meta.dirname, '../../feeds/sample');
const canRun = hasData('mirror') && isRoot() && hasOracle('mmdebstrap') && hasSecurityGuide();

/** The benchmark comes from the same signed feed as the index, to a machine without a network. */
describe.skipIf(!canRun)('a feed with the SCAP Security Guide', () => {
  let publisher: Machine;
  let inside: Machine;
  let root: string;

  const carry = (file: string) => publisher.does(`install -o 4711 -g 4711 ${file} ${inside.home}/`);

  /** Builds and publishes the sample's data with the data streams of a folder. */
  function publish(folder: string): void {
    const products = ['debian11', 'debian12'];
    const entry = { id: 'ssg', folder, licence: 'BSD-3-Clause', products };
    writeFileSync(join(publisher.home, 'content.json'), JSON.stringify({ content: [entry] }));
    const args = `--source debian --no-ratings --mirror ${sample} --unsigned-mirror --no-oval --content content.json`;
    publisher.does(`scapfeed build ${args} --out feed`);
    publisher.does('scapfeed publish --feed feed --to public', passphrase);
  }

  beforeAll(() => {
    publisher = newMachine();
    inside = newMachine({ user: 4711, network: false });
    root = join(publisher.home, 'root');
    publisher.does(`chmod 755 . && cp -a ${debianRoot('bookworm', 'release')} root && chmod -R a+rX root`);
    publisher.does('scapfeed keys make', passphrase);
    publish(securityGuide);
  });

  it('judges flaws and profile of an image offline in one command, as the data stream itself does', () => {
    publisher.does('scapfeed bundle --from public --platform debian-12 --out feed.bundle');
    carry('feed.bundle');
    carry('public/metadata/1.root.json');
    inside.does('scapfeed pull --from feed.bundle --trust-root 1.root.json --content');
    expect(inside.does('scapfeed profiles bookworm')).toMatch(/^anssi_bp28_minimal +35 /m);
    const options = '--profile anssi_bp28_enhanced --max-age 0 --allow-uncovered';
    const files = '-o json=both.json -o html=both.html';
    inside.does(`scapfeed check dir:${root} ${options} ${files}`);
    const { scan, comply } = JSON.parse(inside.does('cat both.json'));
    expect(scan.platform.id).toBe('debian-12');
    const stream = join(securityGuide, 'ssg-debian12-ds.xml');
    const alone = inside.does(
      `scapfeed comply dir:${root} --content ${stream} --profile anssi_bp28_enhanced -o json`,
    );
    // The feed answers whether updates are installed; the content alone cannot.
    const results = ({ rules }: ComplianceResult) =>
      rules
        .filter(({ id }) => !id.endsWith('_security_patches_up_to_date'))
        .map(({ id, result }) => [id, result]);
    expect(results(comply)).toEqual(results(JSON.parse(alone)));
    expect(comply.counts.fail).toBeGreaterThan(20);
    // A package without data leaves the rule about updates unknown, whatever of the scan is accepted.
    const gate = (more: string) =>
      inside.run(`scapfeed check dir:${root} ${options} --fail-on-rule high ${more}`);
    expect(gate('')).toMatchObject({
      code: 4,
      err: expect.stringContaining('not judged: 1 rule at or above'),
    });
    expect(gate('--allow-unjudged').code).toBe(1);
  });

  it('a later release of the guide comes as a patch of less than a twentieth', () => {
    const follower = newMachine();
    const from = `--from ${publisher.home}/public --trust-root ${publisher.home}/public/metadata/1.root.json`;
    const bytes = (out: string) => (JSON.parse(out) as { bytes: number }).bytes;
    const whole = bytes(follower.does(`scapfeed pull ${from} --content --platform debian-12 -o json`));
    publisher.does('mkdir later');
    for (const product of ['debian11', 'debian12']) {
      const text = readFileSync(join(securityGuide, `ssg-${product}-ds.xml`), 'utf8');
      // As a point release: another version and date, some rules described anew, one more script.
      const later = text
        .replaceAll('>0.1.76<', '>0.1.77<')
        .replaceAll('status date="2025-03-01"', 'status date="2025-05-01"')
        .replace(/(<xccdf-1\.2:rationale[^>]*>)([^<]{80})/g, (all, tag: string, words: string) =>
          words.length % 7 === 3 ? `${tag}Revised: ${words}` : all,
        )
        .replace('# Remediation is applicable only', '# Reviewed.\n# Remediation is applicable only');
      writeFileSync(join(publisher.home, 'later', `ssg-${product}-ds.xml`), later);
    }
    publish(join(publisher.home, 'later'));
    const delta = bytes(follower.does(`scapfeed pull ${from} --content -o json`));
    expect(follower.does('scapfeed profiles debian-12')).toContain('debian12 0.1.77 of 2025-05-01');
    const metadata = bytes(follower.does(`scapfeed pull ${from} --content -o json`));
    expect((delta - metadata) * 20).toBeLessThan(whole);
  });
});
