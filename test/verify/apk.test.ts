import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { dir, file, symlink, type TarInput } from '../image/support/make-tar.ts';
import { lines, verifyLayers } from './support/verify.ts';

const digest = (content: string, [letter, algorithm] = ['Q1', 'sha1']) =>
  letter + createHash(algorithm!).update(content).digest('base64');
const record = (files: string) => `P:tool\nV:1-r0\nA:x86_64\no:tool\n${files}\n`;
const database = (files: string) => file('lib/apk/db/installed', record(files));
const tool = `F:usr/bin\nR:tool\na:0:0:755\nZ:${digest('tool')}\n`;
const standing: TarInput = { ...file('usr/bin/tool', 'tool'), mode: 0o755 };
const passwd = file('etc/passwd', 'root:x:0:0::/:/bin/sh\n');

const cases: { name: string; packaged?: string; layer: TarInput[]; found: string[] }[] = [
  { name: 'as packaged', layer: [standing], found: [] },
  {
    name: 'another content',
    layer: [{ ...standing, content: 'evil' }],
    found: ['changed /usr/bin/tool: digest'],
  },
  { name: 'missing', layer: [], found: ['missing /usr/bin/tool: nothing stands there'] },
  {
    name: 'another mode',
    layer: [{ ...standing, mode: 0o700 }],
    found: ['attributes /usr/bin/tool: mode 0700, packaged 0755'],
  },
  {
    name: 'another owner',
    layer: [{ ...standing, uid: 7 }],
    found: ['attributes /usr/bin/tool: user 7, packaged 0'],
  },
  {
    name: 'a link in its place',
    layer: [symlink('usr/bin/tool', '/opt/x')],
    found: ['changed /usr/bin/tool: a link to /opt/x'],
  },
  {
    name: 'a directory in its place',
    layer: [dir('usr/bin/tool')],
    found: ['changed /usr/bin/tool: a directory'],
  },
  {
    name: 'a link as packaged',
    packaged: `F:usr/bin\nR:tool\na:0:0:777\nZ:${digest('other')}\n`,
    layer: [symlink('usr/bin/tool', 'other')],
    found: [],
  },
  {
    name: 'SHA-256, of apk-tools 3',
    packaged: `F:usr/bin\nR:tool\na:0:0:755\nZ:${digest('tool', ['Q2', 'sha256'])}\n`,
    layer: [standing],
    found: [],
  },
  {
    name: "a file without rights in the database is root's, 0644",
    packaged: `F:usr/share\nR:text\nZ:${digest('text')}\n`,
    layer: [file('usr/share/text', 'text')],
    found: [],
  },
  {
    name: 'changed configuration',
    packaged: `F:etc\nR:tool.conf\nZ:${digest('a=1')}\n`,
    layer: [file('etc/tool.conf', 'a=2')],
    found: ['config /etc/tool.conf: digest'],
  },
  {
    name: 'an executable of no package',
    layer: [standing, { ...file('usr/bin/miner', '#!/bin/sh\n'), mode: 0o755 }],
    found: ['unowned /usr/bin/miner: script'],
  },
  {
    name: 'setuid as packaged, and not',
    packaged: `F:usr/bin\nR:su\na:0:0:4755\nZ:${digest('su')}\nR:tool\na:0:0:755\nZ:${digest('tool')}\n`,
    layer: [
      { ...file('usr/bin/su', 'su'), mode: 0o4755 },
      { ...standing, mode: 0o4755 },
    ],
    found: ['setuid /usr/bin/tool: mode 4755', 'attributes /usr/bin/tool: mode 4755, packaged 0755'],
  },
];

describe("an image against apk's database", () => {
  it.each(cases)('$name', async ({ packaged = tool, layer, found }) => {
    expect(lines(await verifyLayers([database(packaged), passwd, ...layer]))).toEqual(found);
  });

  it.each([
    ['rights', 'F:usr/bin\nR:tool\na:root:0:755\n', /expected UID:GID:MODE/],
    ['a digest', 'F:usr/bin\nR:tool\nZ:Q1short\n', /expected a digest/],
    ['a kind of digest', `F:usr/bin\nR:tool\nZ:Q9${'a'.repeat(28)}\n`, /expected a digest/],
  ])('%s of another form is an error with its place', async (_, packaged, message) => {
    await expect(verifyLayers([database(packaged), standing])).rejects.toThrow(message);
  });

  it('a database without files covers nothing', async () => {
    expect((await verifyLayers([database(''), standing])).uncovered).toMatchObject([{ name: 'tool' }]);
  });
});
