import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { stanza } from '../../support/cli.ts';
import { hasOracle } from '../../support/oracles.ts';
import { sampleScan } from './support/sample-scan.ts';

const foreign = sampleScan(
  { 'srv/node_modules/left-pad/package.json': '{"name":"left-pad","version":"1.3.0"}' },
  [stanza('strange', '1')],
);

it.skipIf(!hasOracle('xmllint')).each([
  ['what is not judged', []],
  ['what is not judged, and accepted', ['--allow-uncovered']],
  ['packages that the feed does not judge, and that fail', ['--allow-uncovered', '--fail-on', 'unjudged']],
])("JUnit of a scan keeps the format's schema: %s", (_, args) => {
  const schema = new URL('../support/junit.xsd', import.meta.url).pathname;
  const { out } = foreign.scan('-o', 'junit', ...args);
  const checked = spawnSync('xmllint', ['--noout', '--schema', schema, '-'], {
    input: out,
    encoding: 'utf8',
  });
  expect(checked.stderr).toBe('- validates\n');
  // The numbers of the suite are those of its tests.
  const [, tests, failures, errors, skipped] =
    /tests="(\d+)" failures="(\d+)" errors="(\d+)" skipped="(\d+)"/.exec(out) ?? [];
  const count = (pattern: RegExp) => String(out.match(pattern)?.length ?? 0);
  expect([tests, failures, errors, skipped]).toEqual(
    [/<testcase /g, /<failure /g, /<error /g, /<skipped /g].map(count),
  );
});
