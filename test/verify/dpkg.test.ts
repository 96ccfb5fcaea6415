import { describe, expect, it } from 'vitest';
import { dir, file, hardlink, symlink, type TarInput } from '../image/support/make-tar.ts';
import { elf } from '../support/elf.ts';
import { type DebSpec, dpkgDatabase, md5 } from './support/packages.ts';
import { lines, verifyLayers } from './support/verify.ts';

const program = elf('pie');
const other = elf('pie', { tail: 'other' });
const script = '#!/bin/sh\n';
const tool: DebSpec = { name: 'tool', files: { '/usr/bin/tool': program } };
const run = (name: string, content: string | Buffer, mode = 0o755): TarInput => ({
  ...file(name, content),
  mode,
});

interface Case {
  name: string;
  layers: TarInput[][];
  found: string[];
}

const cases: Case[] = [
  { name: 'a file as packaged', layers: [[...dpkgDatabase(tool), run('usr/bin/tool', program)]], found: [] },
  {
    name: 'another content',
    layers: [[...dpkgDatabase(tool), run('usr/bin/tool', other)]],
    found: ['changed /usr/bin/tool: digest'],
  },
  {
    name: 'another content in an upper layer',
    layers: [[...dpkgDatabase(tool), run('usr/bin/tool', program)], [run('usr/bin/tool', other)]],
    found: ['changed /usr/bin/tool: digest'],
  },
  {
    name: 'a file that was changed back',
    layers: [
      [...dpkgDatabase(tool), run('usr/bin/tool', program)],
      [run('usr/bin/tool', other)],
      [run('usr/bin/tool', program)],
    ],
    found: [],
  },
  {
    name: 'a file that a layer takes away',
    layers: [[...dpkgDatabase(tool), run('usr/bin/tool', program)], [file('usr/bin/.wh.tool')]],
    found: ['missing /usr/bin/tool: taken away'],
  },
  {
    name: 'a link in the place of a file, though it leads to the same content',
    layers: [
      [
        ...dpkgDatabase(tool, { name: 'b', files: { '/opt/t': program } }),
        symlink('usr/bin/tool', '/opt/t'),
        run('opt/t', program),
      ],
    ],
    found: ['changed /usr/bin/tool: a link to /opt/t'],
  },
  {
    name: 'a directory in the place of a file',
    layers: [[...dpkgDatabase(tool), dir('usr/bin/tool')]],
    found: ['changed /usr/bin/tool: a directory'],
  },
  {
    name: 'executables of no package, by their first bytes',
    layers: [
      [
        ...dpkgDatabase({ name: 'tool' }),
        run('opt/program', program),
        run('opt/no-execute-bit', program, 0o644),
        run('opt/static', elf('executable')),
        run('opt/static-pie', elf('shared')),
        run('opt/lib.so.1', elf('shared')),
        run('opt/plugin', elf('shared'), 0o644),
        run('opt/module.ko', elf('object'), 0o644),
        run('opt/part.o', elf('object')),
        run('opt/script', script),
        run('opt/sourced', script, 0o644),
        run('opt/notes.txt', 'text with an execute bit'),
      ],
    ],
    found: [
      'unowned /opt/lib.so.1: library',
      'unowned /opt/module.ko: kernel module',
      'unowned /opt/no-execute-bit: program',
      'unowned /opt/plugin: library',
      'unowned /opt/program: program',
      'unowned /opt/script: script',
      'unowned /opt/static: program',
      'unowned /opt/static-pie: program',
    ],
  },
  {
    name: 'another name of an owned file',
    layers: [[...dpkgDatabase(tool), run('usr/bin/tool', program), hardlink('opt/t', 'usr/bin/tool')]],
    found: ['unowned /opt/t: program'],
  },
  {
    name: 'a package that names its file through a link of a merged system',
    layers: [
      [
        ...dpkgDatabase({ name: 'tool', files: { '/bin/tool': program } }),
        symlink('bin', 'usr/bin'),
        run('usr/bin/tool', program),
      ],
    ],
    found: [],
  },
  {
    name: 'a merged system that a layer writes to through its link',
    layers: [
      [
        ...dpkgDatabase({ name: 'tool', files: { '/usr/bin/tool': program } }),
        symlink('bin', 'usr/bin'),
        run('usr/bin/tool', program),
      ],
      [run('bin/tool', other)],
    ],
    found: ['changed /usr/bin/tool: digest'],
  },
  {
    name: 'a folder of a package that was made a link to another',
    layers: [
      [
        ...dpkgDatabase(tool),
        symlink('usr/bin', '/opt/bin'),
        run('opt/bin/tool', program),
        run('opt/bin/more', program),
      ],
    ],
    found: ['unowned /opt/bin/more: program'],
  },
  {
    name: 'a diverted file stands elsewhere, and that of who diverted it in its place',
    layers: [
      [
        ...dpkgDatabase(tool, { name: 'wrapper', files: { '/usr/bin/tool': script } }),
        file('var/lib/dpkg/diversions', '/usr/bin/tool\n/usr/bin/tool.real\nwrapper\n'),
        run('usr/bin/tool', script),
        run('usr/bin/tool.real', program),
      ],
    ],
    found: [],
  },
  {
    name: 'a local diversion: what the administrator put there is of no package',
    layers: [
      [
        ...dpkgDatabase(tool),
        file('var/lib/dpkg/diversions', '/usr/bin/tool\n/usr/bin/tool.distrib\n:\n'),
        run('usr/bin/tool', script),
        run('usr/bin/tool.distrib', program),
      ],
    ],
    found: ['unowned /usr/bin/tool: script'],
  },
  {
    name: 'configuration that was changed',
    layers: [[...dpkgDatabase({ name: 'tool', conffiles: { '/etc/tool': 'a' } }), file('etc/tool', 'b')]],
    found: ['config /etc/tool: digest'],
  },
  {
    name: 'configuration without a digest yet, and obsolete one that is gone',
    layers: [
      [
        ...dpkgDatabase({
          name: 'tool',
          conffileLines: ['/etc/new newconffile', `/etc/old ${md5('a')} obsolete`],
        }),
        file('etc/new', 'b'),
      ],
    ],
    found: [],
  },
  {
    name: 'a script of a removed package whose configuration stays',
    layers: [
      [
        ...dpkgDatabase({
          name: 'gone',
          status: 'deinstall ok config-files',
          conffiles: { '/etc/init.d/gone': script },
        }),
        run('etc/init.d/gone', script),
      ],
    ],
    found: [],
  },
  {
    name: 'a list named by its architecture',
    layers: [
      [
        ...dpkgDatabase(
          { ...tool, lists: 'tool:amd64' },
          { ...tool, arch: 'i386', lists: 'tool:i386', files: { '/usr/lib/i386.so': other } },
        ),
        run('usr/bin/tool', program),
        run('usr/lib/i386.so', program),
      ],
    ],
    found: ['changed /usr/lib/i386.so: digest'],
  },
  {
    name: 'maintainer scripts of packages, and one of nobody beside them',
    layers: [
      [
        ...dpkgDatabase(tool),
        run('usr/bin/tool', program),
        run('var/lib/dpkg/info/tool.postinst', script),
        run('var/lib/dpkg/info/evil.postinst', script),
      ],
    ],
    found: ['unowned /var/lib/dpkg/info/evil.postinst: script'],
  },
  {
    name: 'a list of no package vouches for nothing',
    layers: [
      [
        ...dpkgDatabase(tool),
        run('usr/bin/tool', program),
        run('opt/evil', program),
        file('var/lib/dpkg/info/evil.list', '/opt/evil\n'),
      ],
    ],
    found: ['unowned /opt/evil: program'],
  },
  {
    name: 'names outside of UTF-8 are the same in list and layer',
    layers: [
      [
        ...dpkgDatabase({ name: 'tool' }),
        file('var/lib/dpkg/info/tool.list', Buffer.from('/opt/caf\xe9\n/opt/\xc3\xbc\n', 'latin1')),
        run('opt/caf\u00e9', script),
        run('opt/\u00fc', script),
      ],
    ],
    found: [],
  },
];

describe('an image of Debian packages', () => {
  it.each(cases)('$name', async ({ layers, found }) => {
    expect(lines(await verifyLayers(...layers))).toEqual(found);
  });

  it('counts what is not there, by its kind', async () => {
    const { counts } = await verifyLayers(
      dpkgDatabase({
        name: 'tool',
        files: { '/usr/share/doc/tool/copyright': 'c', '/usr/share/man/man1/tool.1.gz': 'm' },
        others: ['/usr/lib/link', '/var/cache/tool'],
        conffiles: { '/etc/tool': 'a' },
        conffileLines: [`/etc/old ${md5('a')} obsolete`],
      }),
    );

    expect(counts.absent).toEqual({ documentation: 2, config: 1, optional: 1, undescribed: 2 });
  });

  it('counts what has no digest, and names the packages', async () => {
    const { unverified, counts } = await verifyLayers([
      ...dpkgDatabase(
        { name: 'a', others: ['/opt/1', '/opt/2'] },
        { name: 'b', others: ['/opt/3', '/opt/dir'] },
      ),
      ...['opt/1', 'opt/2', 'opt/3'].map((name) => run(name, program)),
      dir('opt/dir'),
    ]);

    expect(unverified).toEqual([{ reason: 'no_digest', files: 3, packages: ['a', 'b'] }]);
    expect(counts.compared).toBe(0);
  });

  it('does not know files that are stored with holes, and says so', async () => {
    const holes = { 'GNU.sparse.map': '0,7', 'GNU.sparse.size': '9999' };
    const { unverified, deviations, notes } = await verifyLayers([
      ...dpkgDatabase(tool),
      { ...run('usr/bin/tool', program), pax: holes },
      { ...run('opt/x', program), pax: holes },
    ]);

    expect({ unverified, deviations, notes }).toMatchObject({
      unverified: [{ reason: 'not_hashed', files: 1, packages: ['tool'] }],
      deviations: [],
      notes: [{ code: 'not_inspected', where: '/opt/x' }],
    });
  });

  it('names packages without a list of their files', async () => {
    const database = dpkgDatabase(tool, { name: 'bare', conffiles: { '/etc/bare': 'x' } }).filter(
      ({ name }) => !name.includes('/bare.'),
    );
    const { uncovered } = await verifyLayers([...database, run('usr/bin/tool', program)]);

    expect(uncovered.map(({ name }) => name)).toEqual(['bare']);
  });

  it('takes lines that are no digests for what they are', async () => {
    const sums = `garbage\n${'0'.repeat(32)}\n${'0'.repeat(31)}  opt/short\n${'f'.repeat(32)}  ../../../etc/passwd\n\0\n`;
    const { deviations, notes } = await verifyLayers([
      ...dpkgDatabase({ ...tool, sums }),
      run('usr/bin/tool', program),
      file('etc/passwd', 'root:x:0:0::/:/bin/sh\n'),
    ]);

    expect(deviations).toEqual([]);
    expect(notes).toEqual([
      {
        code: 'malformed_md5sums',
        where: '/var/lib/dpkg/info/tool.md5sums',
        detail: '4 lines are no digests',
      },
    ]);
  });

  it('holds names that point above the root at the root, and survives links in circles', async () => {
    const result = await verifyLayers([
      ...dpkgDatabase({ name: 'tool', others: ['/../../opt/x', '/loop/a/b', '/opt//./y'] }),
      symlink('loop', 'loop2'),
      symlink('loop2', '/loop'),
      run('opt/x', program),
      run('opt/y', program),
      run('opt/z', program),
    ]);

    expect(lines(result)).toEqual(['unowned /opt/z: program']);
  });

  it('tells the layer and its command, and the sha256', async () => {
    const { deviations } = await verifyLayers(
      [...dpkgDatabase(tool), run('usr/bin/tool', program)],
      [file('opt/text', 'x')],
      [run('opt/new', script)],
    );

    expect(deviations).toEqual([
      {
        kind: 'unowned',
        path: '/opt/new',
        packages: [],
        detail: 'script',
        executable: 'script',
        mode: '0755',
        layer: 2,
        sha256: 'a8076d3d28d21e02012b20eaf7dbf75409a6277134439025f282e368e3305abf',
      },
    ]);
  });
});

describe('distroless images', () => {
  const folder = (name: string) => `var/lib/dpkg/status.d/${name}`;
  const paragraph = file(folder('base'), 'Package: base\nVersion: 1\nArchitecture: amd64\n');

  it.each([
    { name: 'a file as packaged', content: program, found: [] },
    { name: 'another content', content: other, found: ['changed /usr/bin/tool: digest'] },
  ])('digests are their lists of files: $name', async ({ content, found }) => {
    const sums = file(folder('base.md5sums'), `${md5(program)}  usr/bin/tool\n`);
    const result = await verifyLayers([paragraph, sums, run('usr/bin/tool', content)]);

    expect(lines(result)).toEqual(found);
    expect(result.uncovered).toEqual([]);
  });

  it('a package without digests is not covered', async () => {
    const { uncovered } = await verifyLayers([paragraph]);

    expect(uncovered.map(({ name }) => name)).toEqual(['base']);
  });
});
