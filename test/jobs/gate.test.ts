import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { debianRelease, project, stanza } from '../support/cli.ts';
import { hasData } from '../support/data.ts';
import { debianRoot } from '../support/debian-images.ts';
import { hasOracle, isRoot } from '../support/oracles.ts';
import { type Machine, newMachine } from './support/machine.ts';
import { realMirror } from './support/real-mirror.ts';

/**
 * The step of a pipeline that lets an image pass or not. Ages do not matter here: the documents are of one day.
 */
describe.skipIf(!(hasData('mirror') && isRoot() && hasOracle('mmdebstrap', 'jq')))(
  'the gate of a pipeline',
  () => {
    let ci: Machine;
    let real: string;

    /** A root of Debian 12 with these packages and no others. */
    function rootOf(...packages: string[]): string {
      const root = join(ci.home, `root-${packages.length}-${Math.abs(packages.join().length)}`);
      mkdirSync(join(root, 'var/lib/dpkg'), { recursive: true });
      mkdirSync(join(root, 'etc'), { recursive: true });
      writeFileSync(join(root, 'etc/os-release'), debianRelease('12', 'bookworm'));
      writeFileSync(join(root, 'var/lib/dpkg/status'), packages.join(''));
      return root;
    }

    const scan = (root: string, options = '') => ci.run(`scapfeed scan dir:${root} --max-age 0 ${options}`);

    beforeAll(() => {
      ci = newMachine({ network: false });
      real = debianRoot('bookworm', 'release');
      ci.does(
        `scapfeed build --unsigned-mirror --mirror ${realMirror()} --source debian --no-oval --out out`,
      );
    });

    it('Debian rates nothing: a gate on high passes none of it in silence', () => {
      const refused = scan(real, '--fail-on high');
      expect(refused).toMatchObject({ code: 3, err: expect.stringContaining('[FEED_LACKS_SOURCE]') });
      const gate = '--severity high --fail-on high --allow-unrated';
      const { code, out, err } = scan(real, gate);
      expect(code).toBe(0);
      const said = out + err;
      expect(said).toMatch(/[1-9][\d,]* .*not rated|[1-9][\d,]* .*unrated/);
      expect(said).toContain('--fail-on unrated counts');
      const json = JSON.parse(scan(real, `${gate} -o json`).out);
      expect(json.unrated).toBeGreaterThan(50);
    });

    it('--fail-on unrated stops it', () => {
      expect(scan(real, '--severity high --fail-on high --fail-on unrated').code).toBe(1);
    });

    it('--fail-on any stops it', () => {
      expect(scan(real, '--fail-on any').code).toBe(1);
    });

    it('ignored: what a policy accepts passes until its day, and is told; what is not covered never passes by it', () => {
      const root = rootOf(stanza('zlib1g', '1:1.2.13.dfsg-1', { Source: 'zlib' }));
      const policy = (until: string) => {
        const file = join(ci.home, `policy-${until}.yaml`);
        writeFileSync(file, `ignore:\n  - package: zlib\n    reason: accepted\n    until: ${until}\n`);
        return file;
      };
      expect(scan(root, '--fail-on any').code).toBe(1);
      const accepted = scan(root, `--fail-on any --policy ${policy('2999-12-31')}`);
      expect(accepted.code).toBe(0);
      expect(accepted.out).toContain('ignored by the policy: --show-ignored lists them');
      expect(scan(root, `--fail-on any --policy ${policy('2020-01-01')}`).code).toBe(1);
      const foreign = rootOf(
        stanza('our-app', '1.0'),
        stanza('zlib1g', '1:1.2.13.dfsg-1', { Source: 'zlib' }),
      );
      expect(scan(foreign, `--policy ${policy('2999-12-31')}`).code).toBe(4);
    });

    it('a package that the vendor never shipped is not clean', () => {
      const root = rootOf(stanza('bash', '5.2.15-2+b7'), stanza('our-app', '1.0'));
      expect(scan(root, '--fail-on critical --allow-unrated').code).toBe(4);
      expect(scan(root, '--fail-on critical --allow-unrated --allow-uncovered').code).toBe(0);
    });

    it('an image without a package database is not clean, with --allow-uncovered neither', () => {
      const root = join(ci.home, 'empty');
      mkdirSync(join(root, 'etc'), { recursive: true });
      writeFileSync(join(root, 'etc/os-release'), debianRelease('12', 'bookworm'));
      expect(scan(root).code).toBe(4);
      expect(scan(root, '--allow-uncovered').code).toBe(4);
    });

    it('an image that is cut off on its way is an error, not a result', () => {
      const cut = `tar -C ${real} -cf - . | head -c 3000000 | scapfeed scan - --max-age 0 --fail-on any`;
      const { code, err } = ci.run(cut);
      expect(code).toBe(2);
      expect(err).toMatch(/^scapfeed: /m);
    });

    it('a checkout cannot bring a feed of its own, and the result tells which one it was', () => {
      const checkout = join(ci.home, 'checkout');
      ci.does(
        `mkdir -p checkout && cp -r ${project}/feeds/sample checkout/ && cd checkout && scapfeed keys make`,
        {
          SCAPFEED_PASSPHRASE: 'a long enough passphrase for a test',
        },
      );
      ci.does('scapfeed publish --feed out --to public', {
        SCAPFEED_PASSPHRASE: 'a long enough passphrase for a test',
      });
      ci.does('scapfeed pull --from public --trust-root public/metadata/1.root.json');
      ci.does(
        `cd checkout && scapfeed build --source debian --no-ratings --mirror sample --unsigned-mirror --snapshots snapshots --no-oval --out out`,
      );
      const json = JSON.parse(ci.run(`cd ${checkout} && scapfeed scan dir:${real} --max-age 0 -o json`).out);
      // The sample in ./out knows 39.
      expect(json.verdicts.length).toBeGreaterThan(200);
      expect(JSON.stringify(json.feed)).toContain('.local/share/scapfeed/feed');
    });
  },
);
