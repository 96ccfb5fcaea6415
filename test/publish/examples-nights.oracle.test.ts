import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { temporaryFolder } from '../support/temporary.ts';
import { cli, runProcess } from './support/cli.ts';
import { writeNight } from './support/publisher.ts';

const examples = resolve(import.meta.dirname, '../../examples');
const passphrase = 'a passphrase of tests';

/** A repository with keys in it, as a checkout leaves them, and what the service keeps between nights. */
interface Place {
  home: string;
  at(name: string): string;
}

interface Night {
  /** Feed that this night's build makes; undefined: the build fails. */
  feed?: string;
  /** Seconds since 1970 at which all is signed. */
  signed: number;
}

type Recipe = (place: Place, night: Night) => 'success' | 'failure';

/** `docker run OPTIONS IMAGE ARGUMENTS` of our image is the command; its folder is mounted where it runs. */
const docker = `#!/bin/sh
test "$1" = run || exit 125
shift
while :; do case "$1" in --rm) shift;; --*) shift 2;; *) break;; esac; done
test "$1" = "$SCAPFEED" || exit 125
shift
exec scapfeed "$@"
`;

/** Runs lines as the services do, with `scapfeed` on the PATH; its build takes a feed that is there already. */
function bash(
  { at }: Place,
  script: string,
  { feed, signed }: Night,
  given: Record<string, string> = {},
  folder = at('checkout'),
): boolean {
  const bin = at('bin');
  mkdirSync(bin, { recursive: true });
  const out = 'for word; do test "$last" = --out && out="$word"; last="$word"; done';
  const build = feed ? `${out}; rm -rf "$out" && cp -r ${feed} "$out" && exit 0` : 'exit 3';
  const wrapper = `#!/bin/sh\nif [ "$1" = build ]; then ${build}; fi\nexec ${process.execPath} ${cli} "$@"\n`;
  writeFileSync(join(bin, 'scapfeed'), wrapper, { mode: 0o755 });
  writeFileSync(join(bin, 'docker'), docker, { mode: 0o755 });
  const env = {
    ...given,
    PATH: `${bin}:${process.env['PATH']}`,
    HOME: at('.'),
    SCAPFEED_PASSPHRASE: passphrase,
    SOURCE_DATE_EPOCH: String(signed),
  };
  return spawnSync('bash', ['-e', '-c', script], { cwd: folder, env }).status === 0;
}

function checkout({ at }: Place): void {
  rmSync(at('checkout'), { recursive: true, force: true });
  mkdirSync(at('checkout'));
  cpSync(at('committed'), at('checkout/keys'), { recursive: true });
  execFileSync('chmod', ['-R', 'u=rwX,go=rX', at('checkout/keys')]);
}

function copyIfThere(from: string, to: string): void {
  if (!existsSync(from)) return;
  rmSync(to, { recursive: true, force: true });
  cpSync(from, to, { recursive: true });
}

function deploy({ at }: Place): void {
  copyIfThere(at('checkout/public'), at('site'));
}

interface Step {
  uses?: string;
  id?: string;
  run?: string;
  if?: string;
  with?: { path?: string };
  'continue-on-error'?: boolean;
}

/** A workflow's only job: outcomes, conditions, continue-on-error and the cache as GitHub documents them. */
const github: Recipe = (place, night) => {
  const { at } = place;
  const workflow = parse(readFileSync(join(examples, 'github-actions/nightly.yml'), 'utf8'));
  const outcomes: Record<string, string> = {};
  let failed = false;
  checkout(place);
  for (const step of workflow.jobs.publish.steps as Step[]) {
    const condition = step.if?.replaceAll(
      /steps\.(\w+)\.outcome == '(\w+)'/g,
      (_, id: string, wanted: string) => String(outcomes[id] === wanted),
    );
    if (failed || (condition !== undefined && !condition.includes('true'))) continue;
    const paths = (step.with?.path ?? '').split('\n').filter((path) => path !== '');
    let good = true;
    if (step.run !== undefined) good = bash(place, step.run, night, workflow.jobs.publish.env);
    else if (step.uses!.startsWith('actions/cache/restore@'))
      for (const path of paths) copyIfThere(at(`cache/${path}`), at(`checkout/${path}`));
    else if (step.uses!.startsWith('actions/cache/save@'))
      for (const path of paths) copyIfThere(at(`checkout/${path}`), at(`cache/${path}`));
    else if (step.uses!.startsWith('actions/deploy-pages@')) {
      deploy(place);
      expect(readFileSync(at('site/index.html'), 'utf8')).toContain('data-root-sha256');
    } else expect(step.uses).toMatch(/^actions\/(checkout|upload-pages-artifact)@[0-9a-f]{40}$/);
    if (step.id) outcomes[step.id] = good ? 'success' : 'failure';
    failed ||= !good && step['continue-on-error'] !== true;
  }
  return failed ? 'failure' : 'success';
};

interface Job {
  stage: string;
  variables?: Record<string, string>;
  script: string[];
  cache?: { when?: string; paths: string[] };
  artifacts?: { paths: string[] };
}

/** A pipeline: stages in order, a cache, artifacts of jobs that passed; `pages` is deployed if it passed. */
const gitlab: Recipe = (place, night) => {
  const { at } = place;
  const { stages, ...jobs } = parse(readFileSync(join(examples, 'gitlab-ci/nightly.gitlab-ci.yml'), 'utf8'));
  const artifacts = at('artifacts');
  rmSync(artifacts, { recursive: true, force: true });
  for (const stage of stages as string[]) {
    for (const [name, job] of Object.entries(jobs as Record<string, Job>)) {
      if (job.stage !== stage) continue;
      checkout(place);
      for (const path of job.cache?.paths ?? []) copyIfThere(at(`cache/${path}`), at(`checkout/${path}`));
      if (existsSync(artifacts)) cpSync(artifacts, at('checkout'), { recursive: true });
      const variables = Object.entries(job.variables ?? {}).map(([key, value]) => [
        key,
        value.replaceAll('$CI_PROJECT_DIR', at('checkout')),
      ]);
      const good = bash(place, job.script.join('\n'), night, Object.fromEntries(variables));
      if (good || job.cache?.when === 'always')
        for (const path of job.cache?.paths ?? []) copyIfThere(at(`checkout/${path}`), at(`cache/${path}`));
      if (!good) return 'failure';
      for (const path of job.artifacts?.paths ?? [])
        copyIfThere(at(`checkout/${path}`), join(artifacts, path));
      if (name === 'pages') deploy(place);
    }
  }
  return 'success';
};

interface TektonStep {
  name: string;
  script?: string;
  command?: string[];
  args?: string[];
  onError?: 'continue';
}

/** A task: steps in order on the same volumes; onError and the files of exit codes as Tekton documents them. */
const tekton: Recipe = (place, night) => {
  const { at } = place;
  const { spec } = parse(readFileSync(join(examples, 'tekton/nightly.yaml'), 'utf8'));
  const secret = at('secret');
  mkdirSync(at('work'), { recursive: true });
  copyIfThere(at('committed'), secret);
  writeFileSync(join(secret, 'passphrase'), passphrase);
  const codes = at('codes');
  mkdirSync(codes, { recursive: true });
  const filled = (text: string): string =>
    text
      .replaceAll('$(params.to)', spec.params[0].default)
      .replaceAll('$(workspaces.work.path)', at('work'))
      .replaceAll('$(workspaces.keys.path)', secret)
      .replaceAll(/\$\(steps\.step-(\w+)\.exitCode\.path\)/g, (_, name: string) => join(codes, name));
  for (const { name, script, command = [], args = [], onError } of spec.steps as TektonStep[]) {
    const words = [...command, ...args].map((word) => `'${filled(word)}'`).join(' ');
    const good = bash(place, script === undefined ? words : filled(script), night, {}, at('work'));
    writeFileSync(join(codes, name), good ? '0' : '3');
    if (!good && onError !== 'continue') {
      copyIfThere(at('work/public'), at('site'));
      return 'failure';
    }
  }
  copyIfThere(at('work/public'), at('site'));
  return 'success';
};

/** Two CronJobs on one volume, an hour apart; the night is good if both are. */
const kubernetes: Recipe = (place, night) => {
  const { at } = place;
  const jobs = parseAllDocuments(readFileSync(join(examples, 'kubernetes/publish.cronjob.yaml'), 'utf8'));
  mkdirSync(at('work'), { recursive: true });
  // A volume in memory is of its pod alone.
  rmSync(at('memory'), { recursive: true, force: true });
  mkdirSync(at('memory'));
  const mounted = (text: string): string =>
    text
      .replaceAll('/secret/', `${at('committed')}/`)
      .replaceAll('/keys/', `${at('memory')}/`)
      .replaceAll('/data/', `${at('work')}/`);
  const outcomes = jobs.map((job) => {
    const { initContainers = [], containers } = job.toJS().spec.jobTemplate.spec.template.spec;
    const before = initContainers.map(({ command }: { command: string[] }) => command.at(-1)!);
    const [{ args }] = containers as [{ args: string[] }];
    const line = ['scapfeed', ...args].map((word) => `'${mounted(word)}'`).join(' ');
    return bash(place, [...before.map(mounted), line].join('\n'), night, {}, at('work'));
  });
  copyIfThere(at('work/public'), at('site'));
  return outcomes.every((good) => good) ? 'success' : 'failure';
};

describe.each<[name: string, recipe: Recipe]>([
  ['github-actions', github],
  ['gitlab-ci', gitlab],
  ['tekton', tekton],
  ['kubernetes', kubernetes],
])('%s: a week in which nights fail', (_, recipe) => {
  const now = Math.floor(Date.now() / 1000);
  const daysAgo = (days: number) => now - days * 86_400;
  const home = temporaryFolder();
  const place: Place = { home, at: (name) => join(home, name) };
  const root = ['--trust-root', place.at('committed/1.root.json')];
  const pull = () =>
    runProcess(['pull', '--from', place.at('site'), '--out', place.at('client/feed'), ...root]);
  const marks = () =>
    JSON.parse(readFileSync(place.at('client/feed/manifest.json'), 'utf8')).platforms.map(
      ({ id, marks = [] }: { id: string; marks?: string[] }) => [id, marks.length],
    );
  /** Feeds of real length for gates: a tenth of debian-12 is gone, debian-13 is as it was. */
  const good = writeNight(300);
  const bad = writeNight(
    300,
    {},
    Array.from({ length: 30 }, (_, at) => `package-00${10 + at}`),
  );
  const ok = { code: 0, err: '' };

  beforeAll(async () => {
    const env = { SCAPFEED_PASSPHRASE: passphrase, SOURCE_DATE_EPOCH: String(daysAgo(30)) };
    const keys = ['keys', 'make', '--keys', place.at('committed'), '--root-keys', place.at('offline')];
    expect((await runProcess(keys, { env })).code).toBe(0);
    chmodSync(place.at('committed'), 0o755);
  });

  it('a good night, after which nobody signs for four days: clients refuse it', async () => {
    expect(recipe(place, { feed: good, signed: daysAgo(4) })).toBe('success');
    expect(await pull()).toMatchObject({ code: 3, err: expect.stringContaining('TRUST_EXPIRED') });
  });

  it('a night that holds one platform back: the others go out, signed anew, and the job fails', async () => {
    expect(recipe(place, { feed: bad, signed: daysAgo(2) })).toBe('failure');
    expect(await pull()).toMatchObject(ok);
    expect(marks()).toEqual([
      ['debian-12', 1],
      ['debian-13', 0],
    ]);
  });

  it('a night whose build fails: the last feed is signed anew, and the job fails', async () => {
    const before = readFileSync(place.at('site/metadata/timestamp.json'), 'utf8');
    expect(recipe(place, { signed: daysAgo(1) })).toBe('failure');
    expect(readFileSync(place.at('site/metadata/timestamp.json'), 'utf8')).not.toBe(before);
    expect(await pull()).toMatchObject(ok);
  });

  it('the next good night passes, and no client has seen a rollback', async () => {
    expect(recipe(place, { feed: good, signed: daysAgo(0) })).toBe('success');
    expect(await pull()).toMatchObject(ok);
    expect(marks()).toEqual([
      ['debian-12', 0],
      ['debian-13', 0],
    ]);
  });
});
