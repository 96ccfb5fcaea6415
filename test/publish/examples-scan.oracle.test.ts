import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { sampleScan } from '../report/scan/support/sample-scan.ts';
import { project } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';

const examples = resolve(import.meta.dirname, '../../examples');
const read = (path: string) => readFileSync(join(examples, path), 'utf8');
const sample = sampleScan();

/** Runs a step as the runner does: in a folder of its own, with `scapfeed` and `npx` on the path. */
function runStep(script: string, env: Record<string, string>) {
  const folder = temporaryFolder();
  const bin = temporaryFolder();
  const command = `#!/bin/sh\nexec "${process.execPath}" "${join(project, 'dist/cli.cjs')}" "$@"\n`;
  writeFileSync(join(bin, 'scapfeed'), command);
  writeFileSync(join(bin, 'npx'), `#!/bin/sh\nshift 2\nexec "${join(bin, 'scapfeed')}" "$@"\n`);
  for (const name of ['scapfeed', 'npx']) chmodSync(join(bin, name), 0o755);
  const { status, stdout, stderr } = spawnSync('bash', ['-e', '-c', script], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: `${bin}:${process.env['PATH']}`, SCAPFEED_FEED: sample.feed, HOME: folder, ...env },
  });
  const has = (name: string) =>
    existsSync(join(folder, name)) && readFileSync(join(folder, name), 'utf8').length > 0;
  return { status, stdout, stderr, has };
}

/** The feed of the test is of a fixed day, and has no ratings. */
const withSample = (script: string) =>
  script.replace(/(scapfeed(?:@\S+)? scan)/, '$1 --max-age 0 --allow-unrated');

// GitHub's recipe calls the action, whose steps test/jobs/recipes.test.ts runs.
describe('the scan of each recipe, run', () => {
  it('GitLab CI: fails for the flaw, and leaves the reports that the job names', () => {
    const { scan } = parse(read('gitlab-ci/scan.gitlab-ci.yml')) as {
      scan: { script: string[]; artifacts: { paths: string[]; reports: Record<string, string> } };
    };

    const { status, stderr, has } = runStep(withSample(scan.script.join('\n')), {
      IMAGE: `dir:${sample.image}`,
    });
    expect(status, stderr).toBe(1);
    const named = [...scan.artifacts.paths, ...Object.values(scan.artifacts.reports)];
    expect(named.filter((name) => !has(name))).toEqual([]);
  });

  it('Jenkins: fails for the flaw, and leaves the reports that the pipeline names', () => {
    const pipeline = read('jenkins/Jenkinsfile');
    const steps = [...pipeline.matchAll(/sh '([^']+)'/g)].map(([, script]) => script!);
    const scan = steps.find((script) => script.includes('scapfeed@') && script.includes(' scan '))!;

    const { status, stderr, has } = runStep(withSample(scan.replace('--feed feed', '')), {
      IMAGE: `dir:${sample.image}`,
    });
    expect(status, stderr).toBe(1);
    const named = [...pipeline.matchAll(/(?:junit|artifacts:) '([^']+)'/g)].map(([, name]) => name!);
    expect(named).toEqual(['scan.xml', 'scan.html']);
    expect(named.filter((name) => !has(name))).toEqual([]);
  });
});

/** The parts of a declarative pipeline that may stand in each block (Jenkins, "Pipeline Syntax"). */
const blocks: Readonly<Record<string, readonly string[]>> = {
  '': ['pipeline'],
  pipeline: ['agent', 'environment', 'stages', 'post'],
  environment: ['IMAGE', 'FEED'],
  stages: ['stage'],
  stage: ['steps'],
  steps: ['sh'],
  post: ['always'],
  always: ['junit', 'archiveArtifacts'],
};

it('the Jenkinsfile has only what a declarative pipeline may have, each in its place', () => {
  const path = [''];
  for (const line of read('jenkins/Jenkinsfile').split('\n')) {
    const text = line.trim();
    if (text === '' || text.startsWith('//')) continue;
    if (text === '}') {
      path.pop();
      continue;
    }
    const word = /^\w+/.exec(text)![0];
    expect(blocks[path.at(-1)!], text).toContain(word);
    if (text.endsWith('{')) path.push(word);
  }
  expect(path).toEqual(['']);
});
