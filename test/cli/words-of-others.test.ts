import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scapfeed } from '../support/cli.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

test.each([
  [['image', 'debian:12'], 'did you mean `scapfeed scan`?'],
  [['rootfs', '/'], 'did you mean `scapfeed scan`?'],
  [['xccdf', 'eval'], 'did you mean `scapfeed comply`?'],
  [['scan', 'x', '--format', 'json'], 'write -o FORMAT or -o FORMAT=FILE'],
  [['scan', 'x', '-f', 'json'], 'write -o FORMAT or -o FORMAT=FILE'],
  [['scan', 'x', '--ignore-unfixed'], 'write --only-fixed'],
  [['scan', 'x', '--exit-code', '1'], 'write --fail-on SEVERITY'],
  [['scan', 'x', '--ignorefile', 'y'], 'write --policy FILE'],
  [['comply', 'x', '--results-arf', 'y'], 'write -o arf=FILE'],
  [['comply', 'x', '--tailoring-file', 'y'], 'write --tailoring FILE'],
  [['feeds', '--exit-code', '1'], 'see `scapfeed feeds --help`'],
])('%j: what it is called here', (argv, says) => {
  const { code, err } = scapfeed(argv);
  expect([2, 3]).toContain(code);
  expect(err).toContain(says);
});

test('profiles of a file: the option that takes it is named', () => {
  const { code, err } = scapfeed(['profiles', 'ssg-debian12-ds.xml', '--feed', temporaryFolder()]);
  expect(code).toBe(2);
  expect(err).toContain('next: specify a file with --content FILE');
});

test('an export of OVAL that the feed does not have: a pull may have left it out', () => {
  const feed = writeSmallFeed([{ platform: bookworm, statements: [] }]);
  const { err } = scapfeed(['export', '--to', 'ds', '--feed', feed, '--out', join(temporaryFolder(), 'x')]);
  expect(err).toContain('next: build the feed with --scap, or pull it with `scapfeed pull --oval`');
});
