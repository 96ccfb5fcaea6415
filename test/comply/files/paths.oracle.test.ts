import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rootWith } from '../../support/cli.ts';
import { hasOracle } from '../../support/oracles.ts';
import { besideOscap, ovalDocument } from '../support/beside-oscap.ts';

/** A merged /usr, and links of each kind. They are relative: oscap follows absolute ones out of the root. */
function linkedRoot(): string {
  const files = ['usr/bin/su', 'usr/lib/so', 'etc/pam.d/login', 'etc/pam.d/old/su', 'etc/passwd'];
  const more = ['opt/t/a/b/c/deep', 'opt/t/a/f1', 'opt/t/f0', 'srv/real/x'];
  const root = rootWith(Object.fromEntries([...files, ...more].map((path) => [path, 'x'])));
  const links = {
    bin: 'usr/bin',
    lib: 'usr/lib',
    'etc/link': 'pam.d',
    'etc/broken': 'nowhere',
    'etc/filelink': 'passwd',
    'opt/t/a/out': '../../../srv/real',
    'opt/l2': 't',
    'opt/rel': '../etc/pam.d',
  };
  for (const [path, target] of Object.entries(links)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    symlinkSync(target, join(root, path));
  }
  return root;
}

const entity = (name: string, value: string, operation = 'equals') =>
  `<unix:${name} operation="${operation}">${value}</unix:${name}>`;
const pattern = (name: string, value: string) => entity(name, value, 'pattern match');
const none = '<unix:filename xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>';
const all = pattern('filename', '.*');
const behaviors = (attributes: string) => `<unix:behaviors ${attributes}/>`;

const depths = ['0', '1', '2', '-1'].flatMap((depth) =>
  ['directories', 'symlinks and directories'].flatMap((recurse) =>
    ['none', 'down'].map((direction) => {
      const given = `recurse_direction="${direction}" recurse="${recurse}" max_depth="${depth}"`;
      return [given, behaviors(given) + entity('path', '/opt/t') + all] as const;
    }),
  ),
);

const rows: (readonly [name: string, object: string])[] = [
  ...[
    ...['/bin', '/etc/link', '/etc/filelink', '/etc/broken', '/bin/su', '/etc/link/login', '/etc/pam.d'],
    ...['/etc/pam.d/', '/etc/./passwd', '/etc/../etc/passwd'],
  ].map((path) => [`filepath ${path}`, entity('filepath', path)] as const),
  ...[
    ...['^/bin/su$', '^/bin.*', '^/bin$', '^/etc/.*link$', '^/etc/l.*$', '^/(usr/)?bin/su$', '^/lib/so$'],
    ...['^/opt/.*/f1$', '^/etc/b.*$'],
  ].map((text) => [`filepath pattern ${text}`, pattern('filepath', text)] as const),
  ['everything in /bin/', entity('path', '/bin/') + all],
  ...['/bin', '/etc/link', '/etc', '/', '/opt/l2/a'].flatMap((path) => [
    [`everything in ${path}`, entity('path', path) + all] as const,
    [`the folder ${path}`, entity('path', path) + none] as const,
  ]),
  ['a link by its name', entity('path', '/') + entity('filename', 'bin')],
  ['a broken link by its name', entity('path', '/etc') + entity('filename', 'broken')],
  ...[
    ...['^/bin$', '^/(usr/)?bin$', '^/etc/link$', '^/opt/t', '^/lib.*', '^/opt/rel$', '^/opt/l2/a$'],
    ...['^/opt/l2', '^/(etc|bin)$', '.*/pam.d'],
  ].flatMap((text) => [
    [`everything in ${text}`, pattern('path', text) + all] as const,
    [`the folders ${text}`, pattern('path', text) + none] as const,
  ]),
  ['not in a folder', entity('path', '/usr/bin', 'not equal') + entity('filename', 'su')],
  ['not of a name', entity('path', '/etc') + entity('filename', 'passwd', 'not equal')],
  ['a name in any case', entity('path', '/etc') + entity('filename', 'PASSWD', 'case insensitive equals')],
  ['not a filepath', entity('filepath', '/etc/passwd', 'not equal')],
  ...depths,
  ['folders below a link', behaviors('recurse_direction="down"') + entity('path', '/opt/l2') + none],
  ['files below a link', behaviors('recurse_direction="down"') + entity('path', '/bin') + all],
  ...['local', 'all', 'defined'].map((system) => {
    const given = behaviors(`recurse_direction="down" recurse_file_system="${system}"`);
    return [`below, of ${system} file systems`, given + entity('path', '/opt/t/a') + none] as const;
  }),
  ['above', behaviors('recurse_direction="up" max_depth="1"') + entity('path', '/opt/t/a/b') + all],
  ['above a link', behaviors('recurse_direction="up" max_depth="2"') + entity('path', '/opt/l2/a') + none],
  ['below a pattern', behaviors('recurse_direction="down"') + pattern('path', '^/opt/l2$') + all],
  ['a depth without direction', behaviors('max_depth="1"') + entity('path', '/opt/t') + all],
];

describe.skipIf(!hasOracle('oscap'))('paths with links', () => {
  const document = ovalDocument({
    tests: rows
      .map(
        (_, at) =>
          `<unix:file_test id="oval:x:tst:${at}" version="1" check="all" comment="x"><unix:object object_ref="oval:x:obj:${at}"/></unix:file_test>`,
      )
      .join(''),
    objects: rows
      .map(
        ([, inside], at) =>
          `<unix:file_object id="oval:x:obj:${at}" version="1">${inside}</unix:file_object>`,
      )
      .join(''),
  });
  const { ours, oscap } = besideOscap(document, linkedRoot(), ['filepath', 'path']);

  it.each(rows.map(([name], at) => [name, `oval:x:obj:${at}`] as const))('%s', (_, id) => {
    expect(ours.objects[id]).toEqual(oscap.objects[id]);
  });
});
