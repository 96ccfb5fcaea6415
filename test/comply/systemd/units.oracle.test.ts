import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Texts } from '../../../src/comply/files/texts.ts';
import {
  fstabUnits,
  type GeneratedUnit,
  initScriptUnits,
} from '../../../src/comply/systemd/generated-units.ts';
import { unitFileState } from '../../../src/comply/systemd/unit-file-state.ts';
import { Units } from '../../../src/comply/systemd/units.ts';
import { dirView } from '../../support/dir-view.ts';
import { hasOracle, isRoot } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { unitFileNames, writeUnitFiles } from '../support/unit-files.ts';

const nobody = 65534;

describe.skipIf(!isRoot() || !hasOracle('systemd-analyze'))('units of an image as systemd finds them', () => {
  const root = temporaryFolder('units');
  const files = dirView(root);
  let units: Units;

  beforeAll(() => {
    writeUnitFiles(root);
    units = new Units(files, new Texts(files));
  });

  it('unit file states are those of `systemctl --root`', () => {
    const args = [`--root=${root}`, 'list-unit-files', '--no-legend', '--no-pager', '--full'];
    const theirs = execFileSync('systemctl', args, { encoding: 'utf8' }).trim().split('\n').map(stateLine);
    const ours = theirs.map(([name]) => [name, stateOf(name)]);
    expect(theirs.length).toBeGreaterThan(25);
    expect(ours.filter(([name]) => !name?.includes('@'))).toEqual(
      theirs.filter(([name]) => !name.includes('@')),
    );
  });

  function stateOf(name: string): string | undefined {
    const unit = units.unit(name);
    return unit && (unit.id === name ? unitFileState(unit, units, files) : 'alias');
  }

  it('load states, other names and dependencies are those of a manager that tests a start', () => {
    const theirs = new Map(
      testedUnits(root).map(({ name, load, names, requires, wants }) => [
        name,
        { load, names, requires, wants },
      ]),
    );
    const ours = new Map(
      [...theirs.keys()].map((name) => {
        const unit = units.unit(name);
        const target = unit !== undefined && name.endsWith('.target');
        const own = (kind: 'Requires' | 'Wants') => (target ? units.dependencies(unit, kind) : []);
        const names = (unit?.names ?? []).filter((each) => each !== name).sort();
        return [
          name,
          { load: unit?.load ?? 'not-found', names, requires: own('Requires'), wants: own('Wants') },
        ];
      }),
    );
    expect(theirs.get('multi-user.target')?.wants).toContain('by-alias.service');
    expect(ours).toEqual(theirs);
  });
});

describe.skipIf(!isRoot() || !hasOracle('systemd-analyze'))('units that generators make', () => {
  it('mounts and swaps are those of systemd-fstab-generator', () => {
    const text = [
      'tmpfs /tmp tmpfs nodev,nosuid 0 0',
      'srv:/x /srv/my-data nfs defaults 0 0',
      'srv:/y /net ext4 _netdev 0 0',
      'LABEL=d /late auto noauto 0 0',
      'LABEL=a /auto auto x-systemd.automount 0 0',
      'LABEL=n /soft ext4 nofail 0 0',
      'LABEL=w /by ext4 x-systemd.wanted-by=x.target 0 0',
      '/dev/sda2 none swap sw 0 0',
      '/etc/a /b\\040c none bind 0 0',
      'none /proc proc defaults 0 0',
    ].join('\n');
    const root = temporaryFolder('fstab');
    writeFileSync(join(root, 'fstab'), `${text}\n`);
    const theirs = generate('systemd-fstab-generator', { SYSTEMD_FSTAB: join(root, 'fstab') });
    expect(madeBy(fstabUnits(text))).toEqual(theirs);
  });

  it('services are those of systemd-sysv-generator', () => {
    const root = temporaryFolder('init');
    for (const folder of ['init.d', 'rc2.d', 'rc5.d'])
      mkdirSync(join(root, 'etc', folder), { recursive: true });
    const script = (name: string, mode: number) =>
      writeFileSync(join(root, 'etc/init.d', name), '#!/bin/sh\n', { mode });
    script('old', 0o755);
    script('shell.sh', 0o755);
    script('no-script', 0o644);
    symlinkSync('../init.d/old', join(root, 'etc/rc2.d/S01old'));
    symlinkSync('../init.d/shell.sh', join(root, 'etc/rc5.d/S02shell.sh'));
    const theirs = generate('systemd-sysv-generator', {
      SYSTEMD_SYSVINIT_PATH: join(root, 'etc/init.d'),
      SYSTEMD_SYSVRCND_PATH: join(root, 'etc'),
    });
    expect(madeBy(initScriptUnits(dirView(root)))).toEqual(theirs);
  });
});

/** Paths that a generator of systemd writes; its own additions for mounts (systemd-*) are none of the file's. */
function generate(name: string, env: Record<string, string>): string[] {
  const out = temporaryFolder('generated');
  execFileSync(`/usr/lib/systemd/system-generators/${name}`, [out, out, out], {
    stdio: 'ignore',
    env: { ...env, SYSTEMD_UNIT_PATH: join(out, 'none'), SYSTEMD_LOG_TARGET: 'console' },
  });
  return readdirSync(out, { recursive: true, encoding: 'utf8' })
    .filter((path) => !/\.(?:wants|requires)$/.test(path) && !path.includes('/systemd-'))
    .sort();
}

function madeBy(units: readonly GeneratedUnit[]): string[] {
  return units
    .flatMap(({ name, requiredBy, wantedBy }) => [
      name,
      ...requiredBy.map((target) => `${target}.requires/${name}`),
      ...wantedBy.map((target) => `${target}.wants/${name}`),
    ])
    .sort();
}

function stateLine(line: string): [name: string, state: string] {
  const [name = '', state = ''] = line.trim().split(/\s+/);
  return [name, state];
}

interface TestedUnit {
  name: string;
  load: string;
  names: string[];
  requires: string[];
  wants: string[];
}

/** systemd itself, asked what it would start from the root's unit files; it starts nothing, and is no root for that. */
function testedUnits(root: string): TestedUnit[] {
  const home = temporaryFolder('systemd');
  chownSync(home, nobody, nobody);
  const folders = [`${root}/etc/systemd/system`, `${root}/usr/lib/systemd/system`].join(':');
  const script = `chmod a+rx ${root} && mount -t tmpfs -o mode=777 none /run && exec setpriv --reuid=${nobody} --regid=${nobody} --clear-groups \
    /usr/lib/systemd/systemd --test --system --unit=multi-user.target`;
  const dump = execFileSync('unshare', ['--mount', 'sh', '-c', script], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 64 << 20,
    env: { PATH: process.env['PATH'] ?? '', HOME: home, LC_ALL: 'C', SYSTEMD_UNIT_PATH: folders },
  });
  return (
    dump
      .split(/^\t*-> Unit /m)
      .slice(1)
      .map((block) => testedUnit(block))
      // The machine's own generators add to what is listed.
      .filter(({ name }) => unitFileNames().has(name))
  );
}

function testedUnit(block: string): TestedUnit {
  const all = (key: string) =>
    [...block.matchAll(new RegExp(`^\\s*${key}: (\\S+)`, 'gm'))].map((match) => match[1] as string).sort();
  const name = block.slice(0, block.indexOf(':\n'));
  const target = name.endsWith('.target');
  return {
    name,
    load: all('Unit Load State')[0] ?? '',
    names: all('Alias'),
    requires: target ? all('Requires') : [],
    wants: target ? all('Wants') : [],
  };
}
