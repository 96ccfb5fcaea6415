import { describe, expect, it } from 'vitest';
import { findPaths, staticPrefix } from '../../../src/comply/files/paths.ts';
import { wantedPredicate } from '../../../src/comply/files/wanted-files.ts';
import { conditionsOf } from '../../../src/comply/oval/conditions.ts';
import { emptyOvalDocument, type OvalEntity, type OvalObject } from '../../../src/comply/oval/model.ts';
import { wantedFiles } from '../../../src/comply/probes/wanted.ts';
import { memoryView } from '../../support/memory-view.ts';

const files = memoryView({
  '/etc/passwd': 'x',
  '/etc/pam.d/login': 'x',
  '/etc/pam.d/sshd': 'x',
  '/etc/pam.d/old/su': 'x',
  '/etc/link': { link: 'pam.d' },
  '/usr/bin/su': 'x',
  '/bin': { link: 'usr/bin' },
  '/srv/tree/a/file': 'x',
  '/srv/tree/a/self': { link: '.' },
  '/srv/tree/a/up': { link: '..' },
  '/srv/tree/out': { link: '../../etc/pam.d' },
  '/srv/tree/gone': { link: 'nowhere' },
});

function object(entities: OvalEntity[], behaviors: Record<string, string> = {}): OvalObject {
  return { type: 'independent/textfilecontent54', version: '1', entities, behaviors };
}

const pattern = (name: string, value: string): OvalEntity => ({ name, value, operation: 'pattern match' });
const equal = (name: string, value: string): OvalEntity => ({ name, value });

const rows: [what: string, object: OvalObject, expected: string[]][] = [
  ['a whole path', object([equal('filepath', '/etc/passwd')]), ['/etc/passwd']],
  ['a directory is no file', object([equal('filepath', '/etc/pam.d')]), []],
  ['a link to a directory is no file', object([equal('filepath', '/bin')]), []],
  ['a link that leads nowhere', object([equal('filepath', '/srv/tree/gone')]), ['/srv/tree/gone']],
  ['a file behind a link', object([pattern('filepath', '^/bin/.*$')]), ['/bin/su']],
  [
    'a pattern of folders that links lead to',
    object([pattern('path', '^/(usr/)?bin$'), equal('filename', 'su')]),
    ['/bin/su', '/usr/bin/su'],
  ],
  ['a link to a directory, by its name', object([equal('path', '/'), equal('filename', 'bin')]), ['/bin']],
  [
    'folders below, behind links too, until they come back',
    object([equal('path', '/srv/tree'), pattern('filename', '.*')], { recurse_direction: 'down' }),
    [
      '/srv/tree/gone',
      '/srv/tree/out',
      '/srv/tree/a/file',
      '/srv/tree/a/self',
      '/srv/tree/a/up',
      '/srv/tree/out/login',
      '/srv/tree/out/sshd',
      '/srv/tree/out/old/su',
    ],
  ],
  [
    'folders behind links only',
    object([equal('path', '/srv/tree'), { name: 'filename', nil: true }], {
      recurse_direction: 'down',
      recurse: 'symlinks',
    }),
    ['/srv/tree', '/srv/tree/out'],
  ],
  ['a pattern of the whole path', object([pattern('filepath', '^/etc/pam\\.d/s.*$')]), ['/etc/pam.d/sshd']],
  [
    'a folder and a pattern of names',
    object([equal('path', '/etc/pam.d/'), pattern('filename', '.*')]),
    ['/etc/pam.d/login', '/etc/pam.d/sshd'],
  ],
  [
    'a pattern of folders',
    object([pattern('path', '^/etc/pam\\.d(/old)?$'), equal('filename', 'su')]),
    ['/etc/pam.d/old/su'],
  ],
  [
    'the folder itself',
    object([equal('path', '/etc/pam.d'), { name: 'filename', nil: true }]),
    ['/etc/pam.d'],
  ],
  [
    'folders below, to a depth',
    object([equal('path', '/etc'), pattern('filename', '^s')], {
      recurse_direction: 'down',
      recurse: 'directories',
      max_depth: '1',
    }),
    ['/etc/pam.d/sshd'],
  ],
  [
    'folders above',
    object([equal('path', '/etc/pam.d/old'), { name: 'filename', nil: true }], {
      recurse_direction: 'up',
      max_depth: '1',
    }),
    ['/etc/pam.d/old', '/etc/pam.d'],
  ],
];

describe('findPaths', () => {
  const find = (each: OvalObject) =>
    findPaths(
      files,
      conditionsOf(each, () => ({ flag: 'complete', values: [], datatype: 'string' })),
    );

  it.each(rows)('%s', (_, each, expected) => {
    expect(find(each).map(({ filepath, path }) => filepath ?? path)).toEqual(expected);
  });

  it('ends in a folder of links that lead to each other', () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const links = names.flatMap((from) =>
      names.map((to) => [`/${from}/${to}`, { link: `../${to}` }] as const),
    );
    const view = memoryView({ ...Object.fromEntries(links), '/a/file': 'x' });
    const wanted = object([pattern('filepath', '/file$')]);
    const found = findPaths(
      view,
      conditionsOf(wanted, () => ({ flag: 'complete', values: [], datatype: 'string' })),
    );
    // Every way to a through others, none of them twice: 1 + 4 + 12 + 24 + 24.
    expect(found).toHaveLength(65);
  });

  it('takes a pattern that is none for an error', () => {
    expect(() => find(object([pattern('filepath', '(')]))).toThrow(/cannot be used/);
  });
});

describe('wantedFiles', () => {
  it.each(rows.filter(([, { entities }]) => entities.every(({ nil }) => !nil)))(
    'wants what is read: %s',
    (_, each, expected) => {
      const document = { ...emptyOvalDocument(), objects: { o: each } };
      const wanted = wantedPredicate(wantedFiles([document], new Map()));
      expect(expected.filter((path) => !wanted(path))).toEqual([]);
      expect(wanted('/opt/data')).toBe(false);
    },
  );

  it('wants every file of a name whose folder only another file tells', () => {
    const unknown = object([{ name: 'path', variable: 'v' }, equal('filename', '.bashrc')]);
    const wanted = wantedPredicate(
      wantedFiles([{ ...emptyOvalDocument(), objects: { o: unknown } }], new Map()),
    );
    expect([wanted('/srv/home/ann/.bashrc'), wanted('/srv/home/ann/.profile')]).toEqual([true, false]);
  });
});

describe('staticPrefix', () => {
  it.each([
    ['^/etc/pam\\.d/.*$', '/etc/pam.d/'],
    ['^\\/etc\\/(sudoers|sudoers\\.d\\/.*)$', '/etc/'],
    ['^/etc/cron.(daily|weekly)$', '/etc/cron'],
    ['^/etc/a|/usr/b$', ''],
    ['/etc/passwd', ''],
    ['^/etcd?$', '/etc'],
    ['^(/etc/a|/etc/b)$', ''],
  ])('%s', (value, expected) => {
    expect(staticPrefix({ operation: 'pattern match', values: [value] })).toBe(expected);
  });
});

it('folders that link to each other are each read once, however many paths lead through them', () => {
  const folders = ['A', 'B', 'C', 'D', 'E', 'F'];
  const links = folders.flatMap((a) =>
    folders.filter((b) => a !== b).map((b) => [`/${a}/${b}`, { link: `/${b}` }] as const),
  );
  const linked = memoryView(
    Object.fromEntries([...links, ...folders.map((folder) => [`/${folder}/file`, 'x'] as const)]),
  );
  const listed: string[] = [];
  const counting = {
    ...linked,
    list(path: string) {
      listed.push(path);
      return linked.list(path);
    },
  };
  const anyFile = object([pattern('filepath', '^/.*/file$')]);
  const found = findPaths(
    counting,
    conditionsOf(anyFile, () => ({ flag: 'complete', values: [], datatype: 'string' })),
  );

  // Every order of one to six of them: 6 + 6*5 + 6*5*4 + ...
  expect(found).toHaveLength(1956);
  expect(listed.sort()).toEqual(['/', ...folders.map((folder) => `/${folder}`)]);
});
