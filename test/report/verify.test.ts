import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { imageLayout, writeFiles } from '../image/support/make-image.ts';
import { file, type TarInput } from '../image/support/make-tar.ts';
import { project, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { elf } from '../support/elf.ts';
import { nowhere, temporaryFolder } from '../support/temporary.ts';
import { dpkgDatabase, rpmDatabase } from '../verify/support/packages.ts';

const program = elf('pie');
const script = '#!/bin/sh\n';
const run = (name: string, content: string | Buffer, mode = 0o755): TarInput => ({
  ...file(name, content),
  mode,
});
const packages = dpkgDatabase(
  { name: 'mount', files: { '/usr/bin/mount': program, '/usr/share/doc/mount/copyright': 'text' } },
  {
    name: 'tool',
    files: { '/usr/bin/tool': program, '/usr/bin/gone': program },
    conffiles: { '/etc/tool': 'a' },
  },
);

const layers = [
  [...packages, run('usr/bin/mount', program, 0o4755), run('usr/bin/tool', program), file('etc/tool', 'a')],
  [run('usr/bin/tool', script), file('etc/tool', 'b'), run('app/start\x1b[31m', script)],
  [run('opt/root-shell', program, 0o4755)],
];

let image: string;
let clean: string;
beforeAll(() => {
  image = layout(layers);
  clean = layout([
    [...dpkgDatabase({ name: 'tool', files: { '/usr/bin/tool': program } }), run('usr/bin/tool', program)],
  ]);
});

function layout(input: TarInput[][]): string {
  return writeFiles(temporaryFolder(), imageLayout({ layers: input }));
}

const verify = (...args: string[]) => scapfeed(['verify', ...args]);

describe('the table', () => {
  it('names a system that has no name for people by its id and version', () => {
    const root = rootWith({
      'etc/os-release': 'ID=debian\nVERSION_ID="12"\n',
      'var/lib/dpkg/status': stanza('a', '1'),
    });
    expect(verify(`dir:${root}`).out).toContain(`dir:${root}: debian 12, `);
  });

  it('has each deviation with the layer and the command that brought it, and what is not known', () => {
    const { out, code, err } = verify(image);

    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.replaceAll(image, 'IMAGE')).toBe(`scapfeed 0.1.0
oci:IMAGE: Debian GNU/Linux 12 (bookworm), 2 packages in /var/lib/dpkg/status, 3 layers
11 files, 7 owned by packages, 3 compared with the digests of their packages

2 executables and libraries of no package
  PATH                  WHAT                PACKAGE  LAYER
  /app/start\\u001b[31m  script, mode 0755   -        2 step 2
  /opt/root-shell       program, mode 4755  -        3 step 3

1 file that is not as its package brought it
  PATH           WHAT    PACKAGE  LAYER
  /usr/bin/tool  digest  tool     2 step 2

1 file of a package that is missing
  PATH           WHAT                  PACKAGE
  /usr/bin/gone  nothing stands there  tool

1 changed configuration file
  PATH       WHAT    PACKAGE  LAYER
  /etc/tool  digest  tool     2 step 2

1 setuid or setgid file not accounted for
  PATH             WHAT       PACKAGE  LAYER
  /opt/root-shell  mode 4755  -        3 step 3

rights that are accounted for: 1 setuid or setgid (--all lists them)
packaged and not there: 1 of documentation and translations
next: -o json has every sha256; --allow 'PATTERN' leaves out what you put there; --fail-on KIND makes it a gate
`);
  });

  it('says in one sentence that all is well, or what was left out', () => {
    const allowed = verify(image, '--allow', '/**').out;

    expect(verify(clean).out).toContain(
      '\nevery executable is of a package, and every file that was compared is as packaged\n',
    );
    expect(allowed).toContain('\nnothing but what --allow leaves out\n');
    expect(allowed).toContain('left out by --allow: 2 unowned, 1 changed, 1 missing, 1 config, 1 setuid\n');
  });

  it('says that a directory has no layers', () => {
    const files = dpkgDatabase({ name: 'tool', files: { '/usr/bin/tool': 'x' } });
    const root = rootWith(Object.fromEntries(files.map(({ name, content }) => [name, String(content)])));
    writeFileSync(join(root, 'evil.sh'), script);
    chmodSync(join(root, 'evil.sh'), 0o755);
    const { out } = verify(root);

    expect(out).toContain(', a directory, which has no layers\n');
    expect(out).toContain('  PATH      WHAT               PACKAGE\n  /evil.sh  script, mode 0755  -\n');
  });

  it('names the folders of what it does not list, and lists it with --all', () => {
    const many = layout([
      [...packages, ...Array.from({ length: 30 }, (_, at) => run(`app/node_modules/m${at}/bin/x`, script))],
    ]);

    expect(verify(many).out).toContain('  and 10 more (/app/node_modules 10): --all lists them\n');
    expect(verify(many, '--all').out.match(/^ {2}\/app/gm)).toHaveLength(30);
  });
});

describe('the JSON', () => {
  const schema = JSON.parse(
    readFileSync(join(project, 'schemas/verification.schema.json'), 'utf8'),
  ) as object;
  const check = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true }).compile(schema);

  it.each<[string, () => string]>([
    ['an image', () => image],
    ['a clean one', () => clean],
  ])('of %s follows its schema', (_, reference) => {
    const result: unknown = JSON.parse(verify(reference(), '-o', 'json').out);

    check(result);
    expect(check.errors).toBeNull();
  });

  it('is the same twice', () => {
    expect(verify(image, '-o', 'json').out).toBe(verify(image, '-o', 'json').out);
  });

  it('goes to a file beside the table', () => {
    const path = join(temporaryFolder(), 'result.json');
    const { out } = verify(image, '-o', 'table', '-o', `json=${path}`);

    expect(out).toContain('2 executables and libraries of no package');
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ format: 'scapfeed/verification/1' });
  });
});

describe('exit codes', () => {
  const bare = () => layout([packages.filter(({ name }) => !name.includes('/tool.'))]);

  it.each<[string, () => string[], number, RegExp?]>([
    ['no gate', () => [image], 0],
    ['a kind that is there', () => [image, '--fail-on', 'changed'], 1],
    ['one of several', () => [image, '--fail-on', 'capability,setuid'], 1],
    ['any kind', () => [image, '--fail-on', 'any'], 1],
    ['a kind that is not there', () => [image, '--fail-on', 'attributes', '--fail-on', 'capability'], 0],
    ['nothing to find', () => [clean, '--fail-on', 'any'], 0],
    [
      'all that is found is allowed',
      () => [
        image,
        '--fail-on',
        'unowned,changed',
        '--allow',
        '/app/*',
        '--allow',
        '/opt/**',
        '--allow',
        '/usr/bin/tool',
      ],
      0,
    ],
    ['an unknown kind', () => [image, '--fail-on', 'chnaged'], 2, /did you mean changed\?/],
    ['nothing at the path', () => [`oci:${nowhere()}`], 2, /IMAGE_NOT_FOUND/],
    ['no package database', () => [layout([[run('opt/x', program)]])], 4, /PACKAGE_DATABASE_MISSING/],
    ['a package without a list of its files', () => [bare()], 4, /PACKAGE_DATABASE_UNREADABLE/],
    ['the same, accepted', () => [bare(), '--allow-uncovered'], 0],
  ])('%s', (_, args, code, message = /^$/) => {
    const result = verify(...args());

    expect(result.code).toBe(code);
    expect(result.err).toMatch(message);
  });
});

describe('an rpm image whose database has no files of its packages', () => {
  it('is not clean: nothing was compared', () => {
    const bare = layout([[...rpmDatabase([]), run('usr/bin/tool', 'text', 0o644)]]);
    const { code, out, err } = verify(bare);

    expect(err).toMatch(/1 package has no list of its files: tool \[PACKAGE_DATABASE_UNREADABLE\]/);
    expect(code).toBe(4);
    expect(out).toContain('NOT COVERED: 1 package without a list of files: tool');
    expect(out).not.toContain('as packaged');
    expect(verify(bare, '--allow-uncovered').code).toBe(0);
  });
});
