import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openImage } from '../../../src/image/index.ts';
import { debianRelease, scapfeed, stanza } from '../../support/cli.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { text, wanted } from '../support/open.ts';

/** A folder with a secret, and in it a root file system. */
function makeRoot() {
  const folder = temporaryFolder();
  const root = join(folder, 'root');
  mkdirSync(join(root, 'etc'), { recursive: true });
  writeFileSync(join(folder, 'secret'), 'secret');
  writeFileSync(join(root, 'etc/inside'), 'inside');
  return { folder, root, secret: join(folder, 'secret') };
}

/** Target of a link; undefined: it has gone. */
function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function linkTo(root: string): string {
  const path = join(temporaryFolder(), 'link');
  symlinkSync(root, path);
  return path;
}

function open(root: string) {
  return openImage(`dir:${root}`, { wanted });
}

describe('a root file system in a directory', () => {
  it('never follows a link out of it', async () => {
    const { root, secret } = makeRoot();
    symlinkSync(secret, join(root, 'absolute'));
    symlinkSync('../secret', join(root, 'relative'));
    symlinkSync('../../../../../../../etc', join(root, 'directory'));
    symlinkSync('..', join(root, 'parent'));
    const image = await open(root);

    for (const path of ['/absolute', '/relative', '/parent/secret', '/../secret', '/directory/passwd']) {
      expect(image.files.open(path), path).toBeUndefined();
      expect(image.files.stat(path), path).toBeUndefined();
    }
    expect(text(image, '/directory/inside')).toBe('inside');
    expect(text(image, '/parent/etc/inside')).toBe('inside');
    expect(image.files.list('/parent')).toEqual(image.files.list('/'));
  });

  it('has none of the small files open that were opened', async () => {
    const { root } = makeRoot();
    const large = join(root, 'etc/large');
    writeFileSync(large, Buffer.alloc(2 ** 17));
    const image = await open(root);
    const openFiles = () => readdirSync('/proc/self/fd').map((name) => readLink(`/proc/self/fd/${name}`));
    const opened = ['/etc/inside', '/etc/inside', '/etc/large'].map((path) => image.files.open(path)!);

    expect(openFiles().filter((path) => path?.startsWith(root))).toEqual([large]);
    expect(opened.map((file) => file.read(0, 6).toString('latin1'))).toEqual([
      'inside',
      'inside',
      '\0'.repeat(6),
    ]);
    expect(opened[0]!.read(2, 100).toString()).toBe('side');
    image.close();
    expect(openFiles().filter((path) => path?.startsWith(root))).toEqual([]);
  });

  it.each([
    ['with a slash at its end', (root: string) => `${root}/`],
    ['with several', (root: string) => `${root}///`],
    ['with a dot at its end', (root: string) => `${root}/.`],
    ['by another way', (root: string) => `${root}/etc/..//`],
    ['by a link to it', linkTo],
    ['by a link with a slash at its end', (root: string) => `${linkTo(root)}/`],
    ['from the working directory', (root: string) => relative(process.cwd(), root)],
  ])('named %s is the same root', async (_, named) => {
    const { root, secret } = makeRoot();
    symlinkSync(secret, join(root, 'absolute'));
    symlinkSync('../secret', join(root, 'relative'));
    symlinkSync('../../../../../..', join(root, 'top'));
    symlinkSync('/etc/second', join(root, 'first'));
    symlinkSync('../etc/third', join(root, 'etc/second'));
    symlinkSync('../top/../top/etc/inside', join(root, 'etc/third'));
    const image = await open(named(root));

    for (const path of ['/absolute', '/relative', '/top/secret', '/../secret', secret]) {
      expect(image.files.open(path), path).toBeUndefined();
    }
    expect(image.files.list('/')).toEqual(['absolute', 'etc', 'first', 'relative', 'top']);
    expect(image.files.list('/top/..')).toEqual(image.files.list('/'));
    expect(text(image, '/first')).toBe('inside');
  });

  it("named with a slash at its end does not show the machine's packages as the image's", () => {
    const { folder, root } = makeRoot();
    writeFileSync(join(folder, 'status'), stanza('openssl', '3.0.15-1'));
    writeFileSync(join(root, 'etc/os-release'), debianRelease('12', 'bookworm'));
    mkdirSync(join(root, 'var/lib/dpkg'), { recursive: true });
    symlinkSync('../../../../status', join(root, 'var/lib/dpkg/status'));

    const { out, err } = scapfeed(['inventory', `dir:${root}/`]);

    expect(out + err).not.toContain('openssl');
  });

  it('is not left by a directory that a link replaces while it is read', async () => {
    const { folder, root } = makeRoot();
    mkdirSync(join(folder, 'outside'));
    writeFileSync(join(folder, 'outside/inside'), 'secret');
    const image = await open(root);
    expect(image.files.stat('/etc/inside')).toBeDefined();
    renameSync(join(root, 'etc'), join(root, 'old'));
    symlinkSync('../outside', join(root, 'etc'));

    const read = () => text(image, '/etc/inside');

    // Where no /proc tells where an open file lies, the race cannot be seen.
    if (existsSync('/proc/self/fd'))
      expect(read).toThrow(expect.objectContaining({ code: 'IMAGE_MALFORMED' }));
  });

  it('reads a file on that was removed after it was found', async () => {
    const { root } = makeRoot();
    const image = await open(root);
    const content = image.files.open('/etc/inside');
    unlinkSync(join(root, 'etc/inside'));

    expect(content?.read(0, 100).toString()).toBe('inside');
    expect(image.files.open('/etc/inside')).toBeUndefined();
  });

  it('takes absolute links from its own root', async () => {
    const { root } = makeRoot();
    mkdirSync(join(root, 'usr/lib'), { recursive: true });
    writeFileSync(join(root, 'usr/lib/os-release'), 'ID=debian\n');
    symlinkSync('/usr/lib/os-release', join(root, 'etc/os-release'));
    symlinkSync('/usr/lib', join(root, 'lib'));
    const image = await open(root);

    expect(text(image, '/etc/os-release')).toBe('ID=debian\n');
    expect(text(image, '/lib/os-release')).toBe('ID=debian\n');
    expect(image.files.stat('/lib', false)).toMatchObject({ type: 'symlink', target: '/usr/lib' });
    expect(image.files.stat('/lib')).toMatchObject({ type: 'directory' });
  });

  it('ends loops of links', async () => {
    const { root } = makeRoot();
    symlinkSync('b', join(root, 'a'));
    symlinkSync('a', join(root, 'b'));
    symlinkSync('.', join(root, 'dot'));
    const image = await open(root);

    expect(image.files.open('/a')).toBeUndefined();
    expect(text(image, `${'/dot'.repeat(40)}/etc/inside`)).toBe('inside');
    expect(image.files.open(`${'/dot'.repeat(41)}/etc/inside`)).toBeUndefined();
  });

  it('neither waits for a pipe nor reads a device', async () => {
    const { root } = makeRoot();
    execFileSync('mkfifo', [join(root, 'pipe')]);
    const image = await open(root);

    expect(image.files.open('/pipe')).toBeUndefined();
    expect(image.files.stat('/pipe')).toMatchObject({ type: 'other' });
  });

  it('reads parts of a file where it lies', async () => {
    const { root } = makeRoot();
    writeFileSync(join(root, 'big'), Buffer.alloc(100_000, 'x'));
    linkSync(join(root, 'big'), join(root, 'same'));
    chmodSync(join(root, 'big'), 0o640);
    const image = await open(root);

    const content = image.files.open('/same');
    expect(content?.size).toBe(100_000);
    expect(content?.read(99_990, 100).length).toBe(10);
    expect(content?.read(100_000, 10).length).toBe(0);
    expect(content?.read(200_000, 10).length).toBe(0);
    expect(image.files.stat('/same')).toMatchObject({ mode: 0o640, size: 100_000, layer: 0 });
    expect(image.files.history('/same')).toHaveLength(1);
    expect(() => image.files.read('/same', 10)).toThrow(
      expect.objectContaining({ code: 'IMAGE_LIMIT_EXCEEDED' }),
    );
    image.close();
    expect(() => content?.read(0, 1)).toThrow();
  });

  it('has nothing below a file, and nothing where nothing is', async () => {
    const { root } = makeRoot();
    const image = await open(root);

    expect(image.files.open('/etc/inside/x')).toBeUndefined();
    expect(image.files.open('/etc/inside/..')).toBeUndefined();
    expect(image.files.open('/etc/inside/')).toBeUndefined();
    expect(image.files.open('/etc/inside/.')).toBeUndefined();
    expect(image.files.open('/etc')).toBeUndefined();
    expect(image.files.list('/etc/inside')).toEqual([]);
    expect(image.files.list('/none')).toEqual([]);
    expect(image.files.open(`/${'x'.repeat(300)}`)).toBeUndefined();
  });
});
