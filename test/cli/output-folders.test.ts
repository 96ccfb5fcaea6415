import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runHere } from '../support/command.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

const work = temporaryFolder();
const at = (name: string) => join(work, name);
const feed = writeSmallFeed([{ platform: bookworm, statements: [] }], at('feed'));
writeFileSync(at('file'), '');
mkdirSync(at('with space'));

describe('a report that has no folder is refused before the work', () => {
  // Neither the image nor the feed exists: the first of them that is opened would be the error.
  const scan = (report: string) => ['scan', 'dir:nowhere', '--feed', at('no-feed'), '-o', `json=${report}`];

  it.each([
    ['scan', scan(at('none/deep/x.json'))],
    ['for each image', scan(at('none/{name}.json'))],
    ['comply', ['comply', 'dir:nowhere', '--content', at('none.xml'), '-o', `html=${at('none/x')}`]],
    ['build', ['build', '--offline', '--snapshots', at('none'), '-o', `json=${at('none.d/x')}`]],
    ['a command of one document', ['compile', at('none.xml'), '-o', at('none/x')]],
  ])('%s', async (_, words) => {
    const { code, err } = await runHere(words);
    expect(err).toMatch(
      /^scapfeed: -o: the report cannot be written: there is no folder .*none.* \[OUTPUT_NOT_WRITABLE\]\n {2}at: .*\n {2}next: make it with `mkdir -p .*none.*`, or specify a file in a folder that exists\n$/,
    );
    expect(code).toBe(2);
  });

  it('a file in the place of the folder', async () => {
    const { err } = await runHere(scan(at('file/x.json')));
    expect(err).toContain(`-o: the report cannot be written: ${at('file')} is a file, not a folder`);
  });

  it.each(['a'.repeat(300), `${'a'.repeat(300)}/x`, `${'a/'.repeat(3000)}x`])(
    'a path that is too long: %.8s',
    async (path) => {
      const { code, err } = await runHere(scan(at(path)));
      expect(err).toMatch(
        /too long \(ENAMETOOLONG\) \[OUTPUT_NOT_WRITABLE\]\n.*\n {2}next: specify a shorter path: .*255 bytes for each name/,
      );
      expect(code).toBe(2);
    },
  );
});

describe('what can be written is not refused', () => {
  it.each(['with space/x', '{name}', 'with space/{name}/x'])('%s', async (file) => {
    const { err } = await runHere(['inventory', 'dir:nowhere', '-o', `json=${at(file)}`]);
    expect(err).toContain('IMAGE_NOT_FOUND');
  });

  it('a file in the folder that the command makes', async () => {
    const out = at('exported');
    const { code, err } = await runHere([
      ...['export', '--feed', feed, '--to', 'csaf', '--out', out],
      ...['-o', `json=${join(out, 'summary.json')}`],
    ]);
    expect(err).not.toContain('there is no folder');
    expect([code, existsSync(join(out, 'summary.json'))]).toEqual([0, true]);
  });
});

it.each([
  ['a file that is read', ['validate', at('a'.repeat(300))]],
  ['a folder that is made', ['build', '--mirror', 'sample:', '--out', at('a'.repeat(300))]],
])('the remedy of a name that is too long: %s', async (_, words) => {
  const { code, err } = await runHere(words);
  expect(err).toMatch(/next: specify a shorter path/);
  expect(code).toBe(2);
});
