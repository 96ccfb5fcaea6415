import { chownSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { project } from '../support/cli.ts';
import { isRoot } from '../support/oracles.ts';
import { rpmHeader } from '../support/rpm-header.ts';
import { rpmSqlite } from '../support/rpm-sqlite.ts';
import { type Machine, newMachine } from './support/machine.ts';

const passphrase = { SCAPFEED_PASSPHRASE: 'a long enough passphrase for a test' };

/** Somebody else on the same machine, who may read what is shared and write where everybody may. */
describe.skipIf(!isRoot())('two users of one machine', () => {
  let owner: Machine;
  let other: Machine;

  beforeAll(() => {
    owner = newMachine({ user: 4711 });
    other = newMachine({ user: 4712 });
    owner.does(
      `scapfeed build --source debian --no-ratings --unsigned-mirror --mirror ${project}/feeds/sample --snapshots snapshots --out feed`,
    );
    owner.does('scapfeed keys make', passphrase);
    owner.does('scapfeed publish --feed feed --to public', passphrase);
    owner.does('chmod 755 . && chmod -R a+rX public feed');
  });

  it('the keys of one cannot be read by the other', () => {
    const { out } = other.run(`find ${owner.home}/.config -type f -readable 2>/dev/null`);
    expect(out).toBe('');
  });

  it('both use the same installation and the same published feed at once', () => {
    for (const { home, does } of [owner, other]) {
      does(`cp ${owner.home}/public/metadata/1.root.json root.json`);
      does(`scapfeed pull --from ${owner.home}/public --trust-root root.json`);
      expect(does('scapfeed feeds')).toContain(home);
    }
  });

  it('a trust that another one planted beside the feed is refused', () => {
    owner.does('mkdir -m 1777 shared');
    other.does(`cp root.json stolen.json && mkdir -p ${owner.home}/shared/.feed.trust`);
    other.does(`cp -r .local/share/scapfeed/.feed.trust/. ${owner.home}/shared/.feed.trust/`);
    const { code, err } = owner.run('scapfeed pull --from public --out shared/feed');
    expect(code).not.toBe(0);
    expect(err).toContain('shared');
    expect(err).not.toContain('INTERNAL');
  });

  it('what is trusted is written for its owner alone, and refused where another one can have changed it', () => {
    owner.does('mkdir -p open && cp public/metadata/1.root.json open/root.json');
    const pull = 'umask 0; scapfeed pull --from public --out open/feed';
    owner.does(`${pull} --trust-root open/root.json`);
    const trust = `${owner.home}/open/.feed.trust`;
    expect(other.run(`find ${owner.home}/open/.feed.* -writable ! -type l`).out).toBe('');
    expect(other.run(`find ${trust} -name '*.json' -readable`).out).toBe('');
    const names = owner
      .does(`ls ${trust}`)
      .split('\n')
      .filter((name) => name.endsWith('.json'));
    expect(names.length).toBeGreaterThan(3);

    owner.does(`chmod 666 ${trust}/root.json`);
    other.does(`cp root.json stolen.json && cat root.json > ${trust}/root.json`);
    const open = owner.run(pull);
    expect(open.err).toContain('TRUST_NOT_PRIVATE');
    expect(open.err).toContain('its mode is 0666');
    expect(open.code).toBe(3);

    owner.does(`chmod 600 ${trust}/root.json`);
    owner.does(pull);
    chownSync(`${trust}/timestamp.json`, 4712, 4712);
    expect(owner.run(pull).err).toContain('belongs to user 4712');
    chownSync(`${trust}/timestamp.json`, 4711, 4711);
    owner.does(pull);
  });

  it("a feed in the other's working directory is not taken for mine", () => {
    owner.does('mkdir -p work/out && cp -r feed/. work/out/ && chmod -R a+rX work');
    const here = newMachine({ user: 4713 });
    const { code, err } = here.run(`cd ${owner.home}/work && scapfeed feeds`);
    expect(code).toBe(3);
    expect(err).toContain('pull');
  });

  it("this machine is inventoried by a user who may not read root's files", () => {
    expect(other.run('ls /root').code).not.toBe(0);
    const { code, out, err } = other.run('scapfeed inventory dir:/');
    expect(err).toBe('');
    expect(out).toContain('/var/lib/dpkg/status (dpkg, ');
    expect(code).toBe(0);
  });

  it('a root of RHEL whose build information another user may not read is not covered, whatever is accepted', () => {
    owner.does(
      `scapfeed build --source redhat --unsigned-mirror --mirror ${project}/feeds/sample --snapshots redhat --out redhat-feed`,
    );
    owner.does('mkdir -p rhel/etc rhel/root/buildinfo rhel/var/lib/rpm && chmod -R a+rX rhel redhat-feed');
    owner.does(`printf 'ID="rhel"\\nVERSION_ID="9.4"\\n' > rhel/etc/os-release`);
    writeFileSync(
      `${owner.home}/rhel/var/lib/rpm/rpmdb.sqlite`,
      rpmSqlite([rpmHeader({ name: 'x', version: '1', release: '1.el9', arch: 'x86_64' })]),
    );
    const scan = `scapfeed scan dir:${owner.home}/rhel --feed ${owner.home}/redhat-feed --max-age 0 --allow-uncovered`;
    expect(other.run(scan).code).toBe(0);

    owner.does('chmod 700 rhel/root');
    const { code, err } = other.run(scan);
    expect(err).toContain('what the image says of its products is not known');
    expect(code).toBe(4);

    const place = `dir:${owner.home}/rhel`;
    const old = `${owner.home}/redhat-feed`;
    for (const command of [
      `scapfeed explain ${place} CVE-2024-28834 x --feed ${old} --max-age 0`,
      `scapfeed diff ${old} ${old} --inventory ${place}`,
    ]) {
      const asked = other.run(command);
      expect(asked.out).toContain('not read: what the image says of its products at ');
      expect(asked.err).toContain('what the image says of its products is not known');
      expect(asked.code).toBe(4);
    }
  });

  it('a read-only home and a full one do not stop a scan', () => {
    other.does('mkdir -p root/var/lib/dpkg && : > root/var/lib/dpkg/status && cp /etc/os-release .');
    const { code } = other.run(`scapfeed inventory dir:root`, {
      HOME: '/proc',
      XDG_CACHE_HOME: '/proc/nothing',
    });
    expect([0, 4]).toContain(code);
  });
});
