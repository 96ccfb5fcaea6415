import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { evaluateBenchmark } from '../../src/comply/evaluate.ts';
import { openContent } from '../../src/comply/index.ts';
import { findProfile } from '../../src/comply/policy.ts';
import { imageCollector } from '../../src/comply/probes/index.ts';
import { childElements, childText, readXmlTree } from '../../src/scap/xml.ts';
import { dataPath, hasData } from '../support/data.ts';
import { hasOracle, hasSecurityGuide, isRoot, securityGuide } from '../support/oracles.ts';
import { conformanceRoot, systemOf } from './support/roots.ts';

const here = hasData('openscap-tests') && isRoot() && hasOracle('oscap', 'python3') && hasSecurityGuide();

/** Each release by its stream: a container and a host with much to find, and a profile that asks much of them. */
const cases: [product: string, base: string, profile: string][] = [
  ['debian12', 'slim-ctr', 'anssi_bp28_high'],
  ['debian12', 'slim-dirty', 'anssi_bp28_high'],
  ['ubuntu2204', 'slim-ctr', 'cis_level2_server'],
  ['ubuntu2204', 'slim-dirty', 'stig'],
  ['ubuntu2404', 'slim-ctr', 'cis_level2_server'],
  ['ubuntu2404', 'slim-dirty', 'cis_level1_workstation'],
  ['rhel8', 'slim-dirty', 'stig'],
  ['rhel9', 'slim-ctr', 'cis_server_l1'],
  ['rhel9', 'slim-dirty', 'stig'],
  ['rhel10', 'slim-dirty', 'anssi_bp28_high'],
];

describe.skipIf(!here)('rule results equal those of oscap on the same root', () => {
  it.each(cases)('%s on %s, %s', (product, base, profile) => {
    const root = rootOf(product, base);
    const content = openContent(join(securityGuide, `ssg-${product}-ds.xml`));
    const evaluation = evaluateBenchmark(content, {
      profile: findProfile(profile, content.benchmark.profiles),
      collect: imageCollector(systemOf(root)),
      now: Math.floor(Date.now() / 1000),
    });
    const ours = Object.fromEntries(evaluation.outcomes.map(({ rule, result }) => [rule.id, result]));
    const theirs = oscap(product, root, profile);

    expect(ours).toEqual(theirs.rules);
    expect(evaluation.scores[0]?.score).toBeCloseTo(theirs.score, 4);
  });
});

function oscap(
  product: string,
  root: string,
  profile: string,
): { rules: Record<string, string>; score: number } {
  const file = join(mkdtempSync(join(tmpdir(), 'scapfeed-oscap-')), 'results.xml');
  const args = [
    'xccdf',
    'eval',
    '--profile',
    profile,
    '--results',
    file,
    join(securityGuide, `ssg-${product}-ds.xml`),
  ];
  const run = spawnSync('oscap', args, { env: { ...process.env, OSCAP_PROBE_ROOT: root }, stdio: 'ignore' });
  if (run.status !== 0 && run.status !== 2) throw new Error(`oscap ended with ${run.status}`);
  const test = childElements(readXmlTree(readFileSync(file), file), 'TestResult')[0];
  if (!test) throw new Error('oscap wrote no TestResult');
  const rules = childElements(test, 'rule-result').map((rule) => [
    rule.attrs['idref'] ?? '',
    childText(rule, 'result') ?? '',
  ]);
  return { rules: Object.fromEntries(rules), score: Number(childText(test, 'score')) };
}

const roots = join(tmpdir(), 'scapfeed-equality-roots');

/** A Debian root of the conformance data, for other releases with their badge and packages. */
function rootOf(product: string, base: string): string {
  const debian = conformanceRoot(base);
  if (product === 'debian12') return debian;
  const root = join(roots, `${product}-${base}`);
  if (existsSync(root)) return root;
  mkdirSync(roots, { recursive: true });
  const pending = mkdtempSync(join(roots, 'new-'));
  execFileSync('cp', ['-a', `${debian}/.`, pending]);
  if (product.startsWith('ubuntu')) badgeUbuntu(pending, product);
  else badgeRedHat(pending, product.slice('rhel'.length), base === 'slim-ctr');
  renameSync(pending, root);
  return root;
}

function badgeUbuntu(root: string, product: string): void {
  const version = `${product.slice(6, 8)}.${product.slice(8)}`;
  release(root, `ID=ubuntu\nVERSION_ID="${version}"\nPRETTY_NAME="Ubuntu ${version} LTS"\n`);
  writeFileSync(join(root, 'etc/lsb-release'), `DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=${version}\n`);
}

const redHatPackages = [
  'bash',
  'pam',
  'sudo',
  'openssh-server',
  'rsyslog',
  'audit',
  'crypto-policies',
  'systemd',
  'chrony',
  'telnet',
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
  const work = mkdtempSync(join(tmpdir(), 'scapfeed-rpmdb-'));
  writeFileSync(join(work, 'list.json'), JSON.stringify(packages));
  execFileSync(
    'python3',
    [dataPath('..', 'tools', 'make-rpmdb.py'), join(work, 'list.json'), work, 'sqlite'],
    { stdio: 'ignore' },
  );
  mkdirSync(join(root, 'var/lib/rpm'), { recursive: true });
  cpSync(
    execFileSync('find', [work, '-name', 'rpmdb.sqlite'], { encoding: 'utf8' }).trim(),
    join(root, 'var/lib/rpm/rpmdb.sqlite'),
  );
}

function release(root: string, text: string): void {
  for (const path of ['etc/os-release', 'usr/lib/os-release']) {
    rmSync(join(root, path), { force: true });
    writeFileSync(join(root, path), text);
  }
}
