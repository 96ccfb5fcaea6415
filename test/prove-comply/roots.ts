import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { conformanceRoot } from '../comply/support/roots.ts';
import { writeUnitFiles } from '../comply/support/unit-files.ts';
import { dataPath } from '../support/data.ts';
import { debianTar } from '../support/debian-images.ts';

/** Streams whose rules are compared; each is judged on Debian roots that wear its badge. */
export const products = ['debian12', 'ubuntu2204', 'ubuntu2404', 'rhel8', 'rhel9', 'rhel10'] as const;
export type Product = (typeof products)[number];

/**
 * Kinds of roots. The slim ones are small roots of the conformance data; `image` and `host` are real Debian images,
 * a container's and a machine's, and `neglected` is the machine with much to find.
 */
export const flavours = ['slim-ctr', 'slim-dirty', 'image', 'host', 'neglected'] as const;
export type Flavour = (typeof flavours)[number];

const work = join(tmpdir(), 'scapfeed-comply-roots');

/** The root of a product in one flavour, made once a machine. */
export function rootOf(product: Product, flavour: Flavour): string {
  return once(`${product}-${flavour}`, (root) => {
    execFileSync('cp', ['-a', `${debianBase(flavour)}/.`, root]);
    const container = flavour === 'slim-ctr' || flavour === 'image';
    if (product.startsWith('ubuntu')) badgeUbuntu(root, product);
    if (product.startsWith('rhel')) badgeRedHat(root, product.slice('rhel'.length), container);
  });
}

function debianBase(flavour: Flavour): string {
  switch (flavour) {
    case 'image':
      return once('base-image', (root) => {
        unpack(root, 'openssh-server', 'cron', 'rsyslog', 'sudo', 'libpam-pwquality', 'nginx-light');
        mkdirSync(join(root, 'run'), { recursive: true });
        writeFileSync(join(root, 'run/.containerenv'), '');
      });
    case 'host':
      return once('base-host', (root) => unpack(root, ...hostPackages));
    case 'neglected':
      return once('base-neglected', (root) => {
        execFileSync('cp', ['-a', `${debianBase('host')}/.`, root]);
        neglect(root);
      });
    default:
      return once(`base-${flavour}`, (root) => {
        execFileSync('cp', ['-a', `${conformanceRoot(flavour)}/.`, root]);
        if (flavour === 'slim-dirty') writeUnitFiles(root);
      });
  }
}

const hostPackages = [
  ...['systemd-sysv', 'linux-base', 'openssh-server', 'cron', 'rsyslog', 'sudo', 'libpam-pwquality'],
  ...['nginx-light', 'auditd', 'chrony', 'nftables', 'ufw', 'apparmor', 'postfix', 'aide', 'grub-common'],
];

function unpack(root: string, ...packages: string[]): void {
  execFileSync('tar', [
    '-xpf',
    debianTar('bookworm', 'current', ...packages),
    '-C',
    root,
    '--exclude=./dev/*',
  ]);
}

/** Adds flaws for rules to find: weak modes and owners, accounts without a password, open configuration, masked services. */
function neglect(root: string): void {
  const at = (path: string) => join(root, path);
  for (const path of ['etc/shadow', 'etc/gshadow', 'etc/ssh/sshd_config', 'etc/crontab', 'etc/sudoers'])
    if (existsSync(at(path))) chmodSync(at(path), 0o666);
  for (const path of ['var/log', 'etc/cron.d', 'etc/cron.daily', 'home']) chmodSync(at(path), 0o777);
  writeFileSync(at('usr/bin/owned-by-nobody'), '', { mode: 0o755 });
  execFileSync('chown', ['4242:4242', at('usr/bin/owned-by-nobody')]);
  writeFileSync(at('usr/local/bin/setuid'), '', { mode: 0o755 });
  chmodSync(at('usr/local/bin/setuid'), 0o6755);
  appendFileSync(
    at('etc/passwd'),
    'second:x:0:0::/root:/bin/sh\nopen::1001:1001::/home/open:/bin/bash\n+::::::\n',
  );
  appendFileSync(at('etc/shadow'), 'second:$1$x$y:19000:0:99999:7:::\nopen::19000:0:99999:7:::\n');
  appendFileSync(at('etc/group'), 'open:x:1001:\ndouble:x:1001:\n');
  mkdirSync(at('home/open'), { recursive: true });
  writeFileSync(at('home/open/.rhosts'), '+ +\n');
  writeFileSync(at('home/open/.netrc'), 'machine x login y\n', { mode: 0o644 });
  appendFileSync(
    at('etc/ssh/sshd_config'),
    'PermitRootLogin yes\nPermitEmptyPasswords yes\nX11Forwarding yes\n',
  );
  appendFileSync(at('etc/login.defs'), 'PASS_MAX_DAYS 99999\nUMASK 000\n');
  appendFileSync(at('etc/sudoers'), 'open ALL=(ALL) NOPASSWD: ALL\nDefaults !authenticate\n');
  mkdirSync(at('etc/modprobe.d'), { recursive: true });
  writeFileSync(at('etc/modprobe.d/half.conf'), 'install cramfs /bin/true\nblacklist dccp\n');
  writeFileSync(at('etc/sysctl.d/99-open.conf'), 'net.ipv4.ip_forward = 1\nkernel.randomize_va_space=0\n');
  writeFileSync(at('etc/fstab'), 'tmpfs /tmp tmpfs nodev 0 0\nLABEL=h /home ext4 defaults 0 2\n');
  for (const unit of ['nftables.service', 'rsyslog.service', 'cron.service'])
    execFileSync('ln', ['-sf', '/dev/null', at(`etc/systemd/system/${unit}`)]);
}

function badgeUbuntu(root: string, product: string): void {
  const version = `${product.slice(6, 8)}.${product.slice(8)}`;
  const codename = { '22.04': 'jammy', '24.04': 'noble' }[version];
  release(root, `ID=ubuntu\nVERSION_ID="${version}"\nVERSION_CODENAME=${codename}\n`);
  const lines = ['DISTRIB_ID=Ubuntu', `DISTRIB_RELEASE=${version}`, `DISTRIB_CODENAME=${codename}`];
  writeFileSync(join(root, 'etc/lsb-release'), `${lines.join('\n')}\n`);
}

const redHatPackages = [
  ...['bash', 'pam', 'sudo', 'openssh-server', 'rsyslog', 'audit', 'crypto-policies', 'systemd', 'chrony'],
  ...['telnet', 'nftables', 'cronie', 'shadow-utils', 'postfix', 'nginx'],
];

function badgeRedHat(root: string, major: string, container: boolean): void {
  const version = `${major}.${major === '10' ? 0 : 4}`;
  for (const gone of ['var/lib/dpkg', 'etc/debian_version', 'etc/lsb-release'])
    rmSync(join(root, gone), { recursive: true, force: true });
  release(root, `ID="rhel"\nVERSION_ID="${version}"\nPRETTY_NAME="Red Hat Enterprise Linux ${version}"\n`);
  writeFileSync(join(root, 'etc/redhat-release'), `Red Hat Enterprise Linux release ${version} (Test)\n`);
  const names = [
    ...redHatPackages,
    'redhat-release',
    ...(container ? [] : ['kernel', 'kernel-core', 'grub2-common']),
  ];
  const owned = ['/etc/login.defs', '/etc/passwd', '/etc/shadow', '/usr/bin/sudo', '/etc/gone'];
  const packages = names.map((name, at) => ({
    name,
    epoch: null,
    version: name === 'redhat-release' ? version : `1.${at}`,
    release: `1.el${major}`,
    arch: 'x86_64',
    ...(owned[at] ? { files: [{ path: owned[at], mode: 0o100644, size: 1, digest: '0'.repeat(64) }] } : {}),
  }));
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-rpmdb-'));
  writeFileSync(join(folder, 'list.json'), JSON.stringify(packages));
  const script = dataPath('..', 'tools', 'make-rpmdb.py');
  execFileSync('python3', [script, join(folder, 'list.json'), folder, 'sqlite'], { stdio: 'ignore' });
  mkdirSync(join(root, 'var/lib/rpm'), { recursive: true });
  const made = execFileSync('find', [folder, '-name', 'rpmdb.sqlite'], { encoding: 'utf8' }).trim();
  cpSync(made, join(root, 'var/lib/rpm/rpmdb.sqlite'));
}

function release(root: string, text: string): void {
  for (const path of ['etc/os-release', 'usr/lib/os-release']) {
    rmSync(join(root, path), { force: true });
    writeFileSync(join(root, path), text);
  }
}

/** A folder that is complete once it has its name. */
function once(name: string, make: (folder: string) => void): string {
  const folder = join(work, name);
  if (existsSync(folder)) return folder;
  mkdirSync(work, { recursive: true });
  const pending = mkdtempSync(join(work, 'new-'));
  chmodSync(pending, 0o755);
  make(pending);
  renameSync(pending, folder);
  return folder;
}
