import { describe, expect, it } from 'vitest';
import { imageCollector } from '../../../src/comply/probes/image-collector.ts';
import { escapePath, folderNames } from '../../../src/comply/systemd/unit-name.ts';
import { type MemoryLayer, memoryView } from '../../support/memory-view.ts';
import { unitFiles } from '../support/unit-files.ts';

const usr = '/usr/lib/systemd';
const generated: MemoryLayer = {
  [`${usr}/systemd`]: 'the manager itself',
  [`${usr}/system-generators/systemd-fstab-generator`]: 'x',
  [`${usr}/system-generators/systemd-sysv-generator`]: 'x',
  [`${usr}/system/multi-user.target`]: '[Unit]\nRequires=local-fs.target\n',
  [`${usr}/system/local-fs.target`]: '[Unit]\nDescription=x\n',
  [`${usr}/system/remote-fs.target`]: '[Unit]\nDescription=x\n',
  '/etc/fstab': [
    '# a comment',
    'tmpfs /tmp tmpfs nodev,nosuid 0 0',
    'srv:/x /srv/my-data nfs defaults 0 0',
    'LABEL=d /late auto noauto 0 0',
    'LABEL=a /auto auto x-systemd.automount 0 0',
    '/dev/sda2 none swap sw 0 0',
  ].join('\n'),
};

interface Ask {
  unit: string;
  property?: string;
  pattern?: true;
}

function ask(layer: MemoryLayer, { unit, property, pattern }: Ask) {
  const files = memoryView(layer);
  const collect = imageCollector({ files, env: [], packages: () => [] });
  const operation = pattern ? 'pattern match' : 'equals';
  const entities = [
    { name: 'unit', operation, value: unit },
    ...(property === undefined ? [] : [{ name: 'property', value: property }]),
  ];
  const type = property === undefined ? 'linux/systemdunitdependency' : 'linux/systemdunitproperty';
  const { flag, items, message } = collect({ type, version: '1', entities }, 'oval:x:obj:1', () => {
    throw new Error('the object has no variables');
  });
  const values = items.map((item) => [
    item.get('unit')?.[0]?.value,
    ...(item.get('value') ?? item.get('dependency') ?? []).map(({ value }) => value),
  ]);
  return { flag, values, ...(message === undefined ? {} : { message }) };
}

describe('systemdunitproperty', () => {
  it.each<[name: string, asked: Ask, values: string[][]]>([
    ['the load state of a file', { unit: 'off.service', property: 'LoadState' }, [['off.service', 'loaded']]],
    ['of a mask', { unit: 'masked.service', property: 'LoadState' }, [['masked.service', 'masked']]],
    ['of an empty file', { unit: 'empty.service', property: 'LoadState' }, [['empty.service', 'masked']]],
    [
      'a name and its alias',
      { unit: '^sshd?\\.service$', pattern: true, property: 'Id' },
      [
        ['ssh.service', 'ssh.service'],
        ['sshd.service', 'ssh.service'],
      ],
    ],
    [
      'all that is masked',
      { unit: '^masked\\.(service|socket)$', pattern: true, property: 'ActiveState' },
      [
        ['masked.service', 'inactive'],
        ['masked.socket', 'inactive'],
      ],
    ],
    ['a file state', { unit: 'ssh.service', property: 'UnitFileState' }, [['ssh.service', 'enabled']]],
    [
      'an instance that is wanted',
      { unit: '^getty@', pattern: true, property: 'LoadState' },
      [['getty@tty1.service', 'loaded']],
    ],
  ])('%s', (_, asked, values) => {
    expect(ask(unitFiles, asked)).toEqual({ flag: 'complete', values });
  });

  it('does not exist where no file has the name', () => {
    expect(ask(unitFiles, { unit: 'gone.service', property: 'LoadState' }).flag).toBe('does not exist');
  });

  it.each(['ActiveState', 'MemoryCurrent'])('cannot tell %s of a unit that may start', (property) => {
    expect(ask(unitFiles, { unit: 'ssh.service', property })).toEqual({
      flag: 'not collected',
      values: [],
      message: `${property} of ssh.service is known only while systemd runs`,
    });
  });

  it('is incomplete where it can tell it of some units only', () => {
    const asked = { unit: '^(masked|ssh)\\.service$', pattern: true, property: 'ActiveState' } as const;
    expect(ask(unitFiles, asked)).toMatchObject({
      flag: 'incomplete',
      values: [['masked.service', 'inactive']],
    });
  });

  it('tells nothing where no systemd reads the files', () => {
    const { [`${usr}/systemd`]: _, ...others } = unitFiles;
    expect(ask(others, { unit: 'off.service', property: 'LoadState' })).toMatchObject({
      flag: 'not collected',
      message: expect.stringMatching(/no systemd in the image/),
    });
  });
});

describe('systemdunitdependency', () => {
  it('has what the targets below want too, each once', () => {
    expect(ask(unitFiles, { unit: 'round.target' }).values).toEqual([
      ['round.target', 'about.target', 'round.target'],
    ]);
    expect(ask(unitFiles, { unit: 'multi-user.target' }).values[0]).toEqual(
      expect.arrayContaining(['early.service', 'getty@tty1.service', 'rsyslog.service', 'gone.service']),
    );
  });

  it('leaves out what is hidden or taken back', () => {
    const [dependencies] = ask(unitFiles, { unit: 'multi-user.target' }).values;
    expect(dependencies).not.toEqual(expect.arrayContaining(['taken-back.service']));
    expect(dependencies).not.toEqual(expect.arrayContaining(['hidden-drop-in.service']));
  });
});

describe('units that generators make', () => {
  it('mounts of fstab are required by their target', () => {
    expect(ask(generated, { unit: 'multi-user.target' }).values).toEqual([
      ['multi-user.target', 'auto.automount', 'local-fs.target', 'tmp.mount'],
    ]);
    expect(ask(generated, { unit: 'remote-fs.target' }).values).toEqual([
      ['remote-fs.target', 'srv-my\\x2ddata.mount'],
    ]);
    expect(ask(generated, { unit: 'late.mount', property: 'UnitFileState' }).values).toEqual([
      ['late.mount', 'generated'],
    ]);
  });

  it('a mount that the administrator masks stays masked', () => {
    const masked = { ...generated, '/etc/systemd/system/tmp.mount': { link: '/dev/null' } };
    expect(ask(masked, { unit: 'tmp.mount', property: 'LoadState' }).values).toEqual([
      ['tmp.mount', 'masked'],
    ]);
  });

  it('without the generator there are none', () => {
    const { [`${usr}/system-generators/systemd-fstab-generator`]: _, ...others } = generated;
    expect(ask(others, { unit: 'tmp.mount', property: 'LoadState' }).flag).toBe('does not exist');
  });
});

describe('names of units', () => {
  it.each([
    ['/', '-'],
    ['/var/log', 'var-log'],
    ['/srv/my-data/', 'srv-my\\x2ddata'],
    ['/.hidden', '\\x2ehidden'],
    ['/dev/disk/by-label/a b', 'dev-disk-by\\x2dlabel-a\\x20b'],
  ])('the path %s is %s', (path, name) => {
    expect(escapePath(path)).toBe(name);
  });

  it('folders go from the name to its type', () => {
    expect(folderNames('a-b@c.service')).toEqual(['a-b@c.service', 'a-b@.service', 'a-.service', 'service']);
  });
});
