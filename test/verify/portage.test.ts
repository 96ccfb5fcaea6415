import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { dir, file, symlink, type TarInput } from '../image/support/make-tar.ts';
import { portageEntry } from '../packaging/ebuild/entry.ts';
import { lines, verifyLayers } from './support/verify.ts';

const md5 = (content: string) => createHash('md5').update(content).digest('hex');
const obj = (path: string, content: string) => `obj ${path} ${md5(content)} 1715026360`;
const database = (contents: readonly string[]) =>
  Object.entries(portageEntry('app-misc/tool-1.0', {}, contents)).map(([path, text]) =>
    file(path.slice(1), text),
  );
const packaged = ['dir /usr', 'dir /usr/bin', obj('/usr/bin/tool', 'tool')];
const standing: TarInput = { ...file('usr/bin/tool', 'tool'), mode: 0o755 };

const cases: { name: string; contents?: string[]; layer: TarInput[]; found: string[] }[] = [
  { name: 'as packaged', layer: [standing], found: [] },
  {
    name: 'another content',
    layer: [{ ...standing, content: 'evil' }],
    found: ['changed /usr/bin/tool: digest'],
  },
  { name: 'missing', layer: [], found: ['missing /usr/bin/tool: nothing stands there'] },
  {
    name: 'a link in place of a file',
    layer: [symlink('usr/bin/tool', '/opt/x')],
    found: ['changed /usr/bin/tool: a link to /opt/x'],
  },
  {
    name: 'a link as packaged, with blanks',
    contents: ['sym /usr/bin/the tool -> other tool 1715026360'],
    layer: [symlink('usr/bin/the tool', 'other tool')],
    found: [],
  },
  {
    name: 'a link to another place',
    contents: ['sym /usr/bin/tool -> other 1715026360'],
    layer: [symlink('usr/bin/tool', 'evil')],
    found: ['changed /usr/bin/tool: a link to evil'],
  },
  {
    name: 'a file with blanks',
    contents: [obj('/usr/bin/a tool', 'tool')],
    layer: [{ ...standing, name: 'usr/bin/a tool' }],
    found: [],
  },
  {
    name: 'configuration that was changed',
    contents: [obj('/etc/tool.conf', 'a')],
    layer: [file('etc/tool.conf', 'b')],
    found: ['config /etc/tool.conf: digest'],
  },
  {
    name: 'a folder that is a link',
    layer: [dir('opt'), symlink('usr', 'opt'), { ...standing, name: 'opt/bin/tool' }],
    found: [],
  },
  {
    name: 'documentation that an image leaves out',
    contents: [obj('/usr/share/man/man1/tool.1', 'x')],
    layer: [],
    found: [],
  },
  {
    name: 'a program that no package owns',
    layer: [standing, { ...file('usr/bin/evil', '#!/bin/sh\n'), mode: 0o755 }],
    found: ['unowned /usr/bin/evil: script'],
  },
];

describe('files of packages of portage', () => {
  it.each(cases)('$name', async ({ contents = packaged, layer, found }) => {
    expect(lines(await verifyLayers([...database(contents), ...layer]))).toEqual(found);
  });

  it('a package without a list is not covered; one whose list is empty owns nothing', async () => {
    const virtual = Object.entries(portageEntry('virtual/libc-1', {}, []));
    const bare = Object.entries(portageEntry('app-misc/bare-2')).filter(
      ([path]) => !path.endsWith('CONTENTS'),
    );
    const { uncovered } = await verifyLayers(
      [...virtual, ...bare].map(([path, text]) => file(path.slice(1), text)),
    );
    expect(uncovered.map(({ name }) => name)).toEqual(['app-misc/bare']);
  });

  it('lines of another form are counted', async () => {
    const { notes } = await verifyLayers([
      ...database([...packaged, 'obj /x', 'abc', 'sym /a -> 1']),
      standing,
    ]);
    expect(notes).toEqual([
      {
        code: 'malformed_contents',
        where: '/var/db/pkg/app-misc/tool-1.0/CONTENTS',
        detail: '3 lines name no file',
      },
    ]);
  });
});
