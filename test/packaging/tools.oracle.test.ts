import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compareDpkg, compareRpmEvr } from '../../src/packaging/index.ts';
import { hasOracle } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { share } from '../support/trials.ts';
import { dpkgVersion, rpmEvr, samplePairs } from './arbitraries.ts';

const pairCount = 6000;

describe.skipIf(!hasOracle('dpkg'))('dpkg --compare-versions', () => {
  test(`agrees on a share of ${pairCount} generated pairs`, () => {
    const pairs = share(samplePairs(dpkgVersion, pairCount), 600);

    const wrong = disagreements(pairs, askDpkg(pairs), compareDpkg);

    expect(wrong).toEqual([]);
  });
});

describe.skipIf(!hasOracle('rpm'))('rpm.vercmp', () => {
  test(`agrees on ${pairCount} generated pairs`, () => {
    const pairs = samplePairs(rpmEvr, pairCount);

    const wrong = disagreements(pairs, askRpm(pairs), compareRpmEvr);

    expect(wrong).toEqual([]);
  });
});

function disagreements(
  pairs: [string, string][],
  answers: number[],
  compare: (a: string, b: string) => number | undefined,
) {
  expect(answers.length).toBe(pairs.length);
  return pairs.flatMap(([a, b], i) => (compare(a, b) === answers[i] ? [] : [{ a, b, tool: answers[i] }]));
}

/** dpkg compares one pair a call, so one shell calls it for all of them. */
function askDpkg(pairs: [string, string][]): number[] {
  const script =
    'while read -r a b; do if dpkg --compare-versions "$a" lt "$b"; then echo -1; ' +
    'elif dpkg --compare-versions "$a" eq "$b"; then echo 0; else echo 1; fi; done';
  const input = pairs.map(([a, b]) => `${a} ${b}\n`).join('');
  const output = execFileSync('sh', ['-c', script], { input, encoding: 'utf8' });
  return output.trim().split('\n').map(Number);
}

/** rpm's own Lua reads the pairs from a file and answers all of them in one process. */
function askRpm(pairs: [string, string][]): number[] {
  const folder = temporaryFolder('vercmp');
  try {
    const file = join(folder, 'pairs');
    writeFileSync(file, pairs.map(([a, b]) => `${a} ${b}\n`).join(''));
    const lua =
      `local t = {} for line in io.lines("${file}") do local a, b = line:match("(%S+) (%S+)") ` +
      't[#t + 1] = rpm.vercmp(a, b) end print(table.concat(t, " "))';
    return execFileSync('rpm', ['--eval', `%{lua: ${lua}}`], { encoding: 'utf8' })
      .trim()
      .split(' ')
      .map(Number);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
