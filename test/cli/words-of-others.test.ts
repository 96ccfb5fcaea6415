import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { scapfeed } from '../support/cli.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

test.each([
  [['image', 'debian:12'], 'did you mean `scapfeed scan`?'],
  [['rootfs', '/'], 'did you mean `scapfeed scan`?'],
  [['harbor'], 'did you mean `scapfeed fleet serve --harbor`?'],
  [['harbor', 'serve'], 'did you mean `scapfeed fleet serve --harbor`?'],
  [['xccdf', 'eval'], 'did you mean `scapfeed comply`?'],
  [['scan', 'x', '--format', 'json'], 'write -o FORMAT or -o FORMAT=FILE'],
  [['scan', 'x', '-f', 'json'], 'write -o FORMAT or -o FORMAT=FILE'],
  [['scan', 'x', '--ignore-unfixed'], 'write --only-fixed'],
  [['scan', 'x', '--exit-code', '1'], 'write --fail-on SEVERITY'],
  [['scan', 'x', '--ignorefile', 'y'], 'write --policy FILE'],
  [['scan', 'x', '--vex-key', 'y'], 'write --vex attested --signed-by FILE'],
  [['scan', 'x', '--vex-identity', 'y'], 'write --vex attested --identity NAME --issuer URL'],
  [['scan', 'x', '--vex', 'signed'], 'write --vex attested'],
  [['comply', 'x', '--results-arf', 'y'], 'write -o arf=FILE'],
  [['comply', 'x', '--tailoring-file', 'y'], 'write --tailoring FILE'],
  [['scan', 'x', '--scanners', 'vuln'], 'leave it out: `scan` is about flaws'],
  [['scan', 'x', '--offline-scan'], 'leave it out: nothing is fetched'],
  [['scan', 'x', '-q'], 'leave it out: stdout has the report alone'],
  [['scan', 'x', '--timeout', '5m'], 'run it under `timeout`'],
  [['scan', 'x', '--severity', 'HIGH,CRITICAL'], 'give one severity of '],
  [['fleet', 'run', '--fail-on-new', 'any'], 'use negligible, the lowest'],
  [['version'], 'did you mean `scapfeed --version`?'],
  [['feeds', '--exit-code', '1'], 'see `scapfeed feeds --help`'],
])('%j: what it is called here', (argv, says) => {
  const { code, err } = scapfeed(argv);
  expect(code, err).toBe(2);
  expect(err).toContain(says);
});

describe('an option of a former version answers with the new one', () => {
  const home = temporaryFolder();
  const config = join(home, 'config.yaml');
  writeFileSync(config, 'scan:\n  fail-on-unrated: true\n');
  const policy = join(home, 'policy.yaml');
  writeFileSync(policy, 'scan:\n  fail-on-unjudged: true\n');
  const env = (name: string) => ({ HOME: home, [name]: 'true' });

  it.each<[string, string[], Record<string, string>, string]>([
    ['flag', ['--fail-on-unrated'], {}, 'write --fail-on unrated;'],
    ['flag with another meaning of its word', ['--fail-on-unknown'], {}, 'write --fail-on unsettled;'],
    ['opposite', ['--no-fail-on-unjudged'], {}, 'write --fail-on unjudged;'],
    ['a stream', ['--pro'], {}, 'write --stream pro;'],
    ['none of it', ['--no-ltss'], {}, 'write --stream main;'],
    ['variable of a stream', [], env('SCAPFEED_PRO'), 'set SCAPFEED_STREAM=pro'],
    ['variable', [], env('SCAPFEED_FAIL_ON_UNRATED'), 'set SCAPFEED_FAIL_ON=unrated'],
    [
      'variable of the command',
      [],
      env('SCAPFEED_SCAN_FAIL_ON_UNKNOWN'),
      'set SCAPFEED_SCAN_FAIL_ON=unsettled',
    ],
    [
      'file of options',
      ['--config', config],
      {},
      'scan has no option fail-on-unrated; write fail-on: unrated',
    ],
    ['policy', ['--policy', policy], {}, '/scan has no member fail-on-unjudged (fail-on: unjudged?)'],
  ])('%s', (_, args, variables, says) => {
    const { code, err } = scapfeed(['scan', `dir:${home}`, ...args], { HOME: home, ...variables });
    expect([code, err]).toEqual([2, expect.stringContaining(says)]);
  });

  it('variable of a gate that the command does not have', () => {
    const { err } = scapfeed(['profiles', '--feed', home], env('SCAPFEED_FAIL_ON_UNRATED'));
    expect(err).toContain('unknown variable SCAPFEED_FAIL_ON_UNRATED');
  });
});

test.each([
  ['convert', 'report'],
  ['rebuild', 'validate FEED --rebuild'],
])('%s of a former version answers with the new one', (former, now) => {
  expect(scapfeed([former, 'x'])).toMatchObject({
    code: 2,
    err: expect.stringContaining(`did you mean \`scapfeed ${now}\`?`),
  });
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
