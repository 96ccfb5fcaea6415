import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { debianRelease, rootWith, scapfeed, stanza } from '../../support/cli.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { imageLayout, makeImage, temporaryFile, writeFiles } from '../support/make-image.ts';
import { file, makeTar, symlink } from '../support/make-tar.ts';

const status = stanza('findme', '1.0');
const release = file('etc/os-release', debianRelease('12', 'bookworm'));
const input = { layers: [[release, file('var/lib/dpkg/status', status)]] };
const blob = ({ digest }: { digest: string }) => join('blobs', digest.replace(':', '/'));

/** A layout whose file was moved out of it, with a link in its place. */
function withLinkOut(name: string): string {
  const folder = writeFiles(temporaryFolder(), imageLayout(input));
  const outside = join(temporaryFolder(), 'outside');
  renameSync(join(folder, name), outside);
  symlinkSync(outside, join(folder, name));
  return folder;
}

describe('links of an OCI layout', () => {
  const { manifest, config, layers } = makeImage(input);

  it.each([
    ['index.json', 'index.json'],
    ['the manifest', blob(manifest)],
    ['the configuration', blob(config)],
    ['a layer', blob(layers[0]!)],
  ])('out of it are not followed: %s', (_, name) => {
    const { code, out, err } = scapfeed(['inventory', `oci:${withLinkOut(name)}`]);

    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/\[IMAGE_(NOT_FOUND|MALFORMED)\]/);
  });

  it('in it are followed', () => {
    const folder = writeFiles(temporaryFolder(), imageLayout(input));
    mkdirSync(join(folder, 'store'));
    renameSync(join(folder, blob(layers[0]!)), join(folder, 'store/layer'));
    symlinkSync('/store/layer', join(folder, blob(layers[0]!)));

    expect(scapfeed(['inventory', `oci:${folder}`]).out).toContain('findme');
  });

  it.each(['index.json', blob(manifest)])('and texts that are no JSON are not quoted: %s', (name) => {
    const folder = writeFiles(temporaryFolder(), imageLayout(input));
    rmSync(join(folder, name));
    writeFileSync(join(folder, name), 'root:$y$secret:20000:0:99999:7:::\n');

    const { code, err } = scapfeed(['inventory', `oci:${folder}`]);

    expect(code).toBe(2);
    expect(err).not.toMatch(/root|secret/);
  });
});

describe('a package database behind links of folders, one in the other', () => {
  const links = [
    symlink('var', 'a/var'),
    symlink('a/var/lib', '../../b/lib'),
    symlink('b/lib/dpkg', '/c/d/dpkg'),
    symlink('c/d', 'e'),
    file('c/e/dpkg/status', status),
  ];

  it('is found in an image', () => {
    const folder = writeFiles(temporaryFolder(), imageLayout({ layers: [links, [release]] }));

    expect(scapfeed(['inventory', `oci:${folder}`])).toMatchObject({
      code: 0,
      out: expect.stringContaining('findme'),
    });
  });

  it('is found in a tar', () => {
    const path = temporaryFile('root.tar', makeTar([...links, release]));

    expect(scapfeed(['inventory', path]).out).toContain('findme');
  });

  it('is found in a root file system', () => {
    const root = rootWith({ 'etc/os-release': debianRelease('12', 'bookworm'), 'c/e/dpkg/status': status });
    for (const { name, link } of links) {
      if (link === undefined) continue;
      mkdirSync(join(root, name, '..'), { recursive: true });
      symlinkSync(link, join(root, name));
    }

    expect(scapfeed(['inventory', `dir:${root}`]).out).toContain('findme');
  });

  it('that has gone by on stdin is an error that says what to do', () => {
    const tar = makeTar([...links, release]);

    const { code, err } = scapfeed(['inventory', '-'], {}, undefined, tar);

    expect(code).toBe(2);
    expect(err).toMatch(/\[IMAGE_MALFORMED\][\s\S]*save the image to a file/);
  });
});
