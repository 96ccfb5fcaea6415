import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dockerArchive, imageLayout, temporaryFile, writeFiles } from '../image/support/make-image.ts';
import { file, makeTar, symlink } from '../image/support/make-tar.ts';
import { rootWith, scapfeed } from '../support/cli.ts';
import { rpmBdb } from '../support/rpm-bdb.ts';
import { rpmHeader } from '../support/rpm-header.ts';
import { rpmSqlite, sqliteWal } from '../support/rpm-sqlite.ts';
import { temporaryFolder } from '../support/temporary.ts';

const release = 'ID="rhel"\nVERSION_ID="9.4"\nPRETTY_NAME="Red Hat Enterprise Linux 9.4"\n';
const headers = ['old', 'new'].map((name) => rpmHeader({ name, version: '1', release: '1' }));
const older = rpmSqlite(headers.slice(0, 1));
const newer = rpmSqlite(headers);
const frames = [1, 2, 3].map((number) => ({
  number,
  page: newer.subarray((number - 1) * 4096, number * 4096),
}));
const log = sqliteWal(frames, { pageCount: 3 });

describe('an rpm database that is a link, with its log beside the file', () => {
  const layers = [
    [file('etc/os-release', release), file('data/db.sqlite', older)],
    [file('data/db.sqlite-wal', log)],
    [symlink('var/lib/rpm/rpmdb.sqlite', '/data/db.sqlite')],
  ];

  it.each([
    ['a root', () => `dir:${linkedRoot()}`],
    ['an OCI layout', () => `oci:${writeFiles(temporaryFolder(), imageLayout({ layers }))}`],
    ['an archive', () => `docker-archive:${temporaryFile('a.tar', dockerArchive({ layers }, 'docker 24'))}`],
  ])('gives the packages of both, of %s', (_, image) => {
    const { code, out } = scapfeed(['inventory', image()]);

    expect(out).toMatch(/rpmdb\.sqlite \(rpm-sqlite, 2 packages\)/);
    expect(code).toBe(0);
  });

  it('is refused, not half read, where a stream has gone by', () => {
    const { code, err } = scapfeed(['inventory', '-'], {}, undefined, makeTar(layers.flat()));

    expect(err).toMatch(/\[IMAGE_MALFORMED\]/);
    expect(code).toBe(2);
  });
});

describe('an rpm database that leads to another wanted file, with a log that nobody asked for by name', () => {
  it('is refused, and no failure of the tool, where a stream has gone by', () => {
    const stream = makeTar([
      file('etc/os-release', release),
      symlink('var/lib/rpm/rpmdb.sqlite', '/root/buildinfo/labels.json'),
      file('root/buildinfo/labels.json', older),
      file('root/buildinfo/labels.json-wal', log),
    ]);
    const { code, err } = scapfeed(['inventory', '-'], {}, undefined, stream);

    expect(err).toMatch(/\[IMAGE_MALFORMED\]/);
    expect(code).toBe(2);
  });
});

describe('an rpm database beside another', () => {
  it('is incomplete, with exit code 4', () => {
    const { code, out, err } = scapfeed([
      'inventory',
      `dir:${rootWith({ 'etc/os-release': release, 'var/lib/rpm/rpmdb.sqlite': older, 'var/lib/rpm/Packages': rpmBdb(headers) })}`,
    ]);

    expect(out).toMatch(/\/var\/lib\/rpm\/Packages is a database too, and was not read/);
    expect(err).toMatch(/\[PACKAGE_DATABASE_INCOMPLETE\]/);
    expect(code).toBe(4);
  });
});

function linkedRoot(): string {
  const root = rootWith({ 'etc/os-release': release, 'data/db.sqlite': older, 'data/db.sqlite-wal': log });
  mkdirSync(join(root, 'var/lib/rpm'), { recursive: true });
  symlinkSync('/data/db.sqlite', join(root, 'var/lib/rpm/rpmdb.sqlite'));
  return root;
}
