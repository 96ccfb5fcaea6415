import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { documents } from '../../scripts/package/documents.mjs';
import { commands } from '../../src/cli/commands/index.ts';
import { project } from '../support/cli.ts';
import { cycloneDxErrors } from '../support/cyclonedx-schema.ts';
import { hasData } from '../support/data.ts';
import { debianRoot } from '../support/debian-images.ts';
import { hasOracle, hasSecurityGuide, isRoot, securityGuide } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { freePort } from './support/free-port.ts';
import { newMachine } from './support/machine.ts';
import { realMirror } from './support/real-mirror.ts';
import { realNight } from './support/real-night.ts';
import { packaged, release } from './support/release.ts';

const canPackage =
  isRoot() && hasOracle('rpmbuild', 'qemu-aarch64', 'mmdebstrap') && hasData('../tools/make-debian-image.sh');

/**
 * The files of a release on a system without Node: a Debian of its smallest kind, and nothing else.
 */
describe.skipIf(!canPackage)('a release', () => {
  let dist: string;
  let root: string;
  const user = 1000;

  /** As a user of the container, whose root has no Node. Root's /proc is empty: what comply reads there belongs to the machine. */
  function inside(command: string, as = user): { code: number | null; out: string; err: string } {
    const contained = ['--mount', '--pid', '--fork', ...(as === 0 ? [] : [`--mount-proc=${root}/proc`])];
    const shell = ['chroot', `--userspec=${as}:${as}`, root, 'sh', '-c', `cd ~ && ${command}`];
    const { status, stdout, stderr } = spawnSync('unshare', [...contained, ...shell], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      env: {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        HOME: as === 0 ? '/root' : '/home/user',
        DEBIAN_FRONTEND: 'noninteractive',
        SCAPFEED_PASSPHRASE: 'a test, not a secret',
      },
    });
    return { code: status, out: stdout, err: stderr };
  }

  function does(command: string, as?: number): string {
    const { code, out, err } = inside(command, as);
    if (code !== 0) throw new Error(`$ ${command}\n${out}${err}\nexit code ${code}`);
    return out;
  }

  /** The page of a fleet that has this system. What asks for it is bash: nothing else is there, not even /dev/null. */
  function fleetPage(scapfeed: string, feed: string, port: number): string {
    does(`${scapfeed} fleet add dir:/`);
    does(`${scapfeed} fleet run --feed ${feed} --max-age 0`);
    writeFileSync(
      join(root, 'home/user/serve.bash'),
      `set -e
${scapfeed} fleet serve --listen 127.0.0.1:${port} --feed ${feed} --max-age 0 & server=$!
ask() { exec 3<>/dev/tcp/127.0.0.1/${port} && printf 'GET /vulnerabilities HTTP/1.1\\r\\nHost: 127.0.0.1:${port}\\r\\nConnection: close\\r\\n\\r\\n' >&3 && cat <&3; }
for try in $(seq 120); do (ask) 2> asked && break; sleep 0.5; done
kill $server
wait $server
`,
    );
    return does('bash serve.bash');
  }

  /** Every file of the system that is not the kernel's, with its time. */
  function filesInside(): string[] {
    const args = [root, '-xdev', '-path', join(root, 'proc'), '-prune', '-o', '-printf', '%P %T@\n'];
    return execFileSync('find', args, { encoding: 'utf8' }).split('\n').sort();
  }

  beforeAll(() => {
    dist = release();
    root = temporaryFolder();
    execFileSync('cp', ['-a', `${debianRoot('bookworm', 'release')}/.`, root]);
    mkdirSync(join(root, 'proc'), { recursive: true });
    mkdirSync(join(root, 'home/user'), { recursive: true });
    execFileSync('chown', [`${user}:${user}`, join(root, 'home/user')]);
    const deb = readdirSync(dist).find((name) => name.endsWith('_amd64.deb'))!;
    cpSync(join(dist, deb), join(root, 'root/scapfeed.deb'));
    cpSync(join(dist, 'scapfeed-linux-x64'), join(root, 'home/user/scapfeed'));
    cpSync(join(project, 'feeds/sample'), join(root, 'home/user/mirror'), { recursive: true });
  });

  it('is what its SHA256SUMS say', () => {
    execFileSync('sha256sum', ['--check', '--strict', '--quiet', 'SHA256SUMS'], { cwd: dist });
    const named = readFileSync(join(dist, 'SHA256SUMS'), 'utf8').trim().split('\n');
    expect(named.map((line) => line.split('  ')[1])).toEqual(
      readdirSync(dist).filter((name) => name !== 'SHA256SUMS' && statSync(join(dist, name)).isFile()),
    );
  });

  it('has executables of the same bytes when they are made again', () => {
    const again = packaged('--executables-only', '--architecture', 'x64');
    const digest = (folder: string) =>
      createHash('sha256')
        .update(readFileSync(join(folder, 'scapfeed-linux-x64')))
        .digest('hex');
    expect(digest(again)).toBe(digest(dist));
  });

  it('is at most 110 MiB, and 41 MB compressed', () => {
    for (const architecture of ['x64', 'arm64']) {
      expect(statSync(join(dist, `scapfeed-linux-${architecture}`)).size).toBeLessThan(110 * 2 ** 20);
      expect(statSync(join(dist, `scapfeed-linux-${architecture}.zst`)).size).toBeLessThan(41e6);
    }
  });

  it('has bills of materials that are valid and name every package of the lock file', () => {
    const text = readFileSync(join(dist, 'scapfeed-linux-x64.cdx.json'), 'utf8');
    expect(cycloneDxErrors(text, '1.6')).toEqual([]);
    const { components } = JSON.parse(text) as { components: { name: string; group?: string }[] };
    const names = components.map(({ name, group }) => (group ? `${group}/${name}` : name));
    const { dependencies } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
    expect(names).toEqual(expect.arrayContaining([...Object.keys(dependencies), 'node', 'v8', 'openssl']));
    const licences = readFileSync(join(dist, 'LICENSES.txt'), 'utf8');
    for (const name of Object.keys(dependencies)) expect(licences).toContain(`\n${name} `);
  });

  describe('the bare file', () => {
    it('answers, scans and explains, and writes nothing beside itself or into the home', () => {
      const before = filesInside();
      expect(does('./scapfeed --version')).toMatch(/^scapfeed \d/);
      expect(does('./scapfeed help scan')).toContain('Usage: scapfeed scan IMAGE');
      expect(does('./scapfeed --licenses')).toContain('Node.js');
      expect(inside('./scapfeed scan / --feed nowhere').code).toBe(3);
      expect(filesInside()).toEqual(before);
    });

    it('has every command', () => {
      const all = commands.flatMap((entry) => [entry, ...(entry.subcommands ?? [])]);
      for (const { name } of all)
        expect(does(`./scapfeed ${name} --help`)).toContain(`Usage: scapfeed ${name}`);
    });

    it('does not take the options of other programs of Node', () => {
      expect(does('NODE_OPTIONS=--no-such-option ./scapfeed --version')).toMatch(/^scapfeed \d/);
    });

    it('builds from the sample in it', () => {
      does('./scapfeed build --source debian --no-ratings --mirror sample: --unsigned-mirror --out bare');
      expect(does('./scapfeed validate bare/oval/debian-12.oval.xml')).toContain('valid');
    });

    it('keeps a fleet and serves it without a database server', async () => {
      expect(fleetPage('./scapfeed', 'bare', await freePort())).toContain('/vulnerabilities/CVE-2023-45853');
      does('rm -r .local');
    });
  });

  describe('the Debian package', () => {
    it('has no error that lintian knows', () => {
      if (!hasOracle('lintian')) return;
      const file = join(root, 'root/scapfeed.deb');
      const { status, stdout } = spawnSync(
        'lintian',
        ['--no-cfg', '--allow-root', '--fail-on', 'error', file],
        { encoding: 'utf8' },
      );
      expect(stdout.split('\n').filter((line) => line.startsWith('E:'))).toEqual([]);
      expect(status).toBe(0);
    });

    it('is installed by apt without anything else', () => {
      const told = does('apt-get install --yes --no-install-recommends ./scapfeed.deb', 0);
      expect(told).toContain('1 newly installed');
      const files = does('dpkg -L scapfeed').split('\n');
      for (const { name } of commands) expect(files).toContain(`/usr/share/man/man1/scapfeed-${name}.1.gz`);
      expect(files).toEqual(
        expect.arrayContaining([
          '/usr/share/bash-completion/completions/scapfeed',
          '/usr/share/zsh/vendor-completions/_scapfeed',
          '/usr/share/fish/vendor_completions.d/scapfeed.fish',
          '/usr/lib/systemd/system/scapfeed-pull.timer',
          '/usr/share/doc/scapfeed/third-party.txt.gz',
          ...documents().map((path) => `/usr/share/doc/scapfeed/${path}`),
        ]),
      );
    });

    it('builds from a mirror, publishes, pulls, scans and evaluates OVAL', () => {
      does('scapfeed build --source debian --no-ratings --mirror mirror --unsigned-mirror --out feed');
      does('scapfeed keys make');
      does('scapfeed publish --feed feed --to public');
      does('scapfeed pull --from public --trust-root public/metadata/1.root.json --oval');
      const scan = inside('scapfeed scan / --max-age 0 --allow-uncovered -o json');
      expect(JSON.parse(scan.out)).toMatchObject({ platform: { id: 'debian-12' } });
      const oval = inside('scapfeed eval / --content feed/oval/debian-12.oval.xml -o json');
      expect(oval.err).toBe('');
      expect(oval.code).toBeLessThan(2);
      does('scapfeed validate feed');
    });

    it('keeps a fleet and serves it without a database server', async () => {
      expect(fleetPage('scapfeed', 'feed', await freePort())).toContain('/vulnerabilities/CVE-2023-45853');
    });

    it.skipIf(!hasSecurityGuide())('complies with a profile of the SCAP Security Guide', () => {
      cpSync(join(securityGuide, 'ssg-debian12-ds.xml'), join(root, 'home/user/ds.xml'));
      const comply = 'scapfeed comply / --content /home/user/ds.xml --profile anssi_bp28_minimal -o json';
      const { code, out, err } = inside(comply, 0);
      expect(err).toBe('');
      expect(code).toBeLessThan(2);
      expect(JSON.parse(out)).toHaveProperty('rules');
    });

    it.skipIf(!hasData('mirror'))('makes the same feed of the real documents as the command of npm', () => {
      cpSync(realMirror(), join(root, 'home/user/real'), { recursive: true });
      does(
        'scapfeed build --source debian,redhat,ubuntu --no-ratings --mirror real --unsigned-mirror --out real-feed',
      );
      execFileSync('diff', ['-r', join(root, 'home/user/real-feed'), realNight().feed]);
    });

    it('is removed without a trace', () => {
      does('apt-get purge --yes scapfeed', 0);
      expect(
        filesInside().filter(
          (file) => /scapfeed/.test(file) && !file.startsWith('home/') && !/^(root|var)\//.test(file),
        ),
      ).toEqual([]);
    });
  });

  it('has an rpm that rpm accepts, of the same files', () => {
    const rpm = readdirSync(dist).find((name) => name.endsWith('.x86_64.rpm'))!;
    const listed = execFileSync('rpm', ['-qpl', '--nosignature', join(dist, rpm)], { encoding: 'utf8' });
    expect(listed).toContain('/usr/bin/scapfeed\n');
    expect(listed).toContain('/usr/share/man/man1/scapfeed-scan.1.gz\n');
    expect(execFileSync('rpm', ['-K', '--nosignature', join(dist, rpm)], { encoding: 'utf8' })).toContain(
      'digests OK',
    );
  });

  it('for arm64 builds, scans and validates as that of x64', () => {
    const machine = newMachine();
    const arm = `qemu-aarch64 -L /usr/aarch64-linux-gnu ${dist}/scapfeed-linux-arm64`;
    const x64 = `${dist}/scapfeed-linux-x64`;
    for (const [name, run] of [
      ['arm', arm],
      ['x64', x64],
    ]) {
      machine.does(
        `${run} build --source debian --no-ratings --mirror sample: --unsigned-mirror --snapshots s-${name} --out ${name}`,
      );
      machine.run(`${run} scan dir:${root} --feed ${name} --max-age 0 -o json > ${name}.json`);
    }
    machine.does('diff -r arm x64');
    machine.does('sed s/arm/x64/ arm.json | diff - x64.json');
    expect(machine.does(`${arm} validate arm/oval/debian-12.oval.xml`)).toContain('profile schema');
  });
});
