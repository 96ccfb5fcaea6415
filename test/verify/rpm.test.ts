import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fileFlags, fileStates, verifyFlags } from '../../src/packaging/rpm/owned-files.ts';
import { dir, file, symlink, type TarInput } from '../image/support/make-tar.ts';
import type { RpmFileSpec } from '../support/rpm-files.ts';
import { rpmDatabase } from './support/packages.ts';
import { lines, verifyLayers } from './support/verify.ts';

const path = '/usr/bin/tool';
const regular: RpmFileSpec = { path, content: 'tool', mode: 0o100755 };
const standing: TarInput = { ...file('usr/bin/tool', 'tool'), mode: 0o755 };
const changed: TarInput = { ...standing, content: 'evil' };
const passwd = file('etc/passwd', 'root:x:0:0::/:/bin/sh\napp:x:7:7::/:/bin/sh\n');

const cases: { name: string; packaged: RpmFileSpec; layer: TarInput[]; found: string[] }[] = [
  { name: 'as packaged', packaged: regular, layer: [standing], found: [] },
  { name: 'another content', packaged: regular, layer: [changed], found: ['changed /usr/bin/tool: digest'] },
  {
    name: 'configuration',
    packaged: { ...regular, flags: fileFlags.configuration },
    layer: [changed],
    found: ['config /usr/bin/tool: digest'],
  },
  {
    name: 'another mode',
    packaged: regular,
    layer: [{ ...standing, mode: 0o700 }],
    found: ['attributes /usr/bin/tool: mode 0700, packaged 0755'],
  },
  {
    name: 'another owner',
    packaged: regular,
    layer: [passwd, { ...standing, uid: 7, gid: 8 }],
    found: ['attributes /usr/bin/tool: user app, packaged root, group 8, packaged root'],
  },
  {
    name: 'a link in its place',
    packaged: regular,
    layer: [symlink('usr/bin/tool', '/opt/x')],
    found: ['changed /usr/bin/tool: a link to /opt/x, packaged as a file'],
  },
  {
    name: 'a directory in its place',
    packaged: regular,
    layer: [dir('usr/bin/tool')],
    found: ['changed /usr/bin/tool: a directory, packaged as a file'],
  },
  {
    name: 'a link to elsewhere',
    packaged: { path, link: 'other' },
    layer: [symlink('usr/bin/tool', '/opt/x')],
    found: ['changed /usr/bin/tool: a link to /opt/x, packaged one to other'],
  },
  {
    name: 'a link as packaged',
    packaged: { path, link: 'other' },
    layer: [symlink('usr/bin/tool', 'other')],
    found: [],
  },
  { name: 'missing', packaged: regular, layer: [], found: ['missing /usr/bin/tool: nothing stands there'] },
  {
    name: 'missing, as it may be',
    packaged: { ...regular, flags: fileFlags.missingOk },
    layer: [],
    found: [],
  },
  { name: 'a ghost that is missing', packaged: { ...regular, flags: fileFlags.ghost }, layer: [], found: [] },
  {
    name: 'a ghost of any content',
    packaged: { ...regular, flags: fileFlags.ghost },
    layer: [changed],
    found: [],
  },
  {
    name: 'documentation that was not installed (nodocs)',
    packaged: { ...regular, flags: fileFlags.documentation, state: fileStates.notInstalled },
    layer: [],
    found: [],
  },
  {
    name: 'a file that another package has replaced',
    packaged: { ...regular, state: fileStates.replaced },
    layer: [changed],
    found: [],
  },
  {
    name: 'a file of the other word size',
    packaged: { ...regular, state: fileStates.wrongColor },
    layer: [{ ...changed, mode: 0o700 }],
    found: ['attributes /usr/bin/tool: mode 0700, packaged 0755'],
  },
  {
    name: 'a mode that the packager took out of verification',
    packaged: { ...regular, verify: ~verifyFlags.mode >>> 0 },
    layer: [{ ...standing, mode: 0o700 }],
    found: [],
  },
];

describe('an image of rpm packages', () => {
  it.each(cases)('$name', async ({ packaged, layer, found }) => {
    expect(lines(await verifyLayers([...rpmDatabase([packaged]), ...layer]))).toEqual(found);
  });

  it.each<{ name: string; packaged: RpmFileSpec; algorithm?: number; reason: string }>([
    { name: 'no digest', packaged: { ...regular, digest: '' }, reason: 'no_digest' },
    {
      name: 'the packager took it out',
      packaged: { ...regular, verify: ~verifyFlags.digest >>> 0 },
      reason: 'left_out_by_packager',
    },
    {
      name: 'an algorithm that is not computed while the layers go by',
      packaged: { ...regular, digest: createHash('sha512').update('other').digest('hex') },
      algorithm: 10,
      reason: 'not_hashed',
    },
    { name: 'an algorithm of no name', packaged: regular, algorithm: 99, reason: 'no_digest' },
  ])('a content that is not compared: $name', async ({ packaged, algorithm, reason }) => {
    const { unverified, counts, deviations } = await verifyLayers([
      ...rpmDatabase([packaged], algorithm),
      { ...changed, content: 'hack' },
    ]);

    expect({ unverified, deviations, compared: counts.compared }).toEqual({
      unverified: [{ reason, files: 1, packages: ['tool'] }],
      deviations: [],
      compared: 0,
    });
  });

  it('compares digests of old packages (MD5)', async () => {
    const digest = createHash('md5').update('tool').digest('hex');
    const database = rpmDatabase([{ ...regular, digest }], 1);

    expect(lines(await verifyLayers([...database, standing]))).toEqual([]);
    expect(lines(await verifyLayers([...database, changed]))).toEqual(['changed /usr/bin/tool: digest']);
  });
});
