import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { imageLayout, writeFiles } from '../image/support/make-image.ts';
import { file } from '../image/support/make-tar.ts';
import { debianRelease, project, stanza } from '../support/cli.ts';
import { type Machine, newMachine, type Ran } from './support/machine.ts';

const passphrase = { SCAPFEED_PASSPHRASE: 'a long enough passphrase for a test' };
const read = (path: string) => readFileSync(join(project, path), 'utf8');

/** A user's pipeline: a published feed, its root in the checkout, and an image that was just built. */
let runner: Machine;
const at = (name: string) => join(runner.home, name);

beforeAll(() => {
  runner = newMachine();
  runner.does('scapfeed build --mirror sample: --out feed');
  runner.does('scapfeed keys make --keys keys', passphrase);
  runner.does('scapfeed publish --feed feed --keys keys --to public', passphrase);
  runner.does('cp keys/1.root.json root.json');
  const image = at('image');
  execFileSync(process.execPath, [
    '-e',
    `import('${join(project, 'scripts/sample-image.mjs')}').then((m) => m.writeSampleImage('${image}'))`,
  ]);
  mkdirSync(at('bin'));
  // npm puts the packed command where it was told to; gh writes down what it was told.
  program(
    'npm',
    'while [ "$1" ]; do test "$1" = --prefix && prefix="$2"; last="$1"; shift; done\necho "$last" >> "$HOME/npm.log"\nif [ "$prefix" ]; then mkdir -p "$prefix/bin"; ln -sf "$(command -v scapfeed)" "$prefix/bin/scapfeed"; fi',
  );
  program('gh', 'echo "$*" >> "$HOME/gh.log"; for last; do :; done; test -s "$last"');
  program('npx', 'shift 2; exec scapfeed "$@"');
});

function program(name: string, script: string): void {
  writeFileSync(join(at('bin'), name), `#!/bin/bash\n${script}\n`, { mode: 0o755 });
}

/** A step as GitHub's and GitLab's runners give it to bash. */
function bash(script: string, env: Record<string, string>): Ran {
  writeFileSync(at('step.sh'), script);
  return runner.run('PATH="$HOME/bin:$PATH" bash --noprofile --norc -eo pipefail step.sh', env);
}

describe('action.yml', () => {
  interface Step {
    name: string;
    id?: string;
    if?: string;
    uses?: string;
    run?: string;
    env?: Record<string, string>;
    with?: Record<string, string>;
  }
  const action = parse(read('action.yml')) as {
    inputs: Record<string, { default?: string; required?: boolean }>;
    outputs: Record<string, { value: string }>;
    runs: { steps: Step[] };
  };

  interface Result {
    outcome: 'success' | 'failure';
    log: string;
    uploaded: { file: string; category: string }[];
    outputs: Record<string, string>;
  }

  /** Runs the action as GitHub documents it: expressions, conditions, outputs, a cache between runs. */
  function runAction(given: Record<string, string>, event = 'pull_request'): Result {
    const temp = at('temp');
    rmSync(temp, { recursive: true, force: true });
    mkdirSync(temp);
    const inputs = Object.fromEntries(
      Object.entries(action.inputs).map(([name, input]) => [name, given[name] ?? input.default ?? '']),
    );
    const outputs: Record<string, Record<string, string>> = {};
    const value = (expression: string): string => {
      const [scope = '', ...path] = expression.trim().split('.');
      if (scope === 'inputs') return inputs[path.join('.')]!;
      if (scope === 'steps') return outputs[path[0]!]?.[path[2]!] ?? '';
      const known: Record<string, string> = {
        'runner.temp': temp,
        'github.run_id': '1',
        'github.run_attempt': '1',
        'github.event_name': event,
        'github.event.pull_request.number': '7',
        'github.repository': 'example/app',
        'github.token': 'secret',
      };
      expect(Object.keys(known)).toContain(expression.trim());
      return known[expression.trim()]!;
    };
    const filled = (text: string) =>
      text.replace(/\$\{\{([^}]+)\}\}/g, (_, expression: string) => value(expression));
    const holds = (condition: string) =>
      condition.split('&&').every((part) => {
        const [, left = '', operator, right] = /^\s*(\S+) (==|!=) '([^']*)'\s*$/.exec(part)!;
        return (value(left) === right) === (operator === '==');
      });
    const result: Result = { outcome: 'success', log: '', uploaded: [], outputs: {} };
    for (const step of action.runs.steps) {
      if (result.outcome === 'failure' || (step.if !== undefined && !holds(step.if))) continue;
      const uses = step.uses ?? '';
      // GitHub refuses a key with a comma.
      if (uses.startsWith('actions/cache/'))
        expect(filled(step.with!['key']!)).toMatch(/^scapfeed-[0-9a-f]{16}-[^,]*$/);
      if (uses.startsWith('actions/cache/restore@'))
        runner.run(`test -d cache && mkdir -p temp/scapfeed && cp -a cache temp/scapfeed/data`);
      else if (uses.startsWith('actions/cache/save@'))
        runner.does('rm -rf cache && cp -a temp/scapfeed/data cache');
      else if (uses.startsWith('github/codeql-action/upload-sarif@'))
        result.uploaded.push({
          file: filled(step.with!['sarif_file']!),
          category: filled(step.with!['category']!),
        });
      else {
        const output = at('output');
        writeFileSync(output, '');
        const env = Object.fromEntries(
          Object.entries(step.env ?? {}).map(([name, text]) => [name, filled(text)]),
        );
        const { code, out, err } = bash(step.run!, {
          ...env,
          RUNNER_TEMP: temp,
          GITHUB_OUTPUT: output,
          GITHUB_STEP_SUMMARY: at('summary.md'),
        });
        result.log += out + err;
        if (code !== 0) result.outcome = 'failure';
        const lines = readFileSync(output, 'utf8').trim().split('\n');
        if (step.id) outputs[step.id] = Object.fromEntries(lines.map((line) => line.split('=', 2)));
      }
    }
    for (const [name, { value: text }] of Object.entries(action.outputs)) result.outputs[name] = filled(text);
    return result;
  }

  const usual = { image: 'oci:image:sample', options: '--max-age 0', from: 'public' };
  beforeEach(() => runner.does('rm -rf cache gh.log npm.log summary.md'));

  it('fails for flaws of high severity, after it has uploaded, summed up and commented', () => {
    const { outcome, log, uploaded, outputs } = runAction({ ...usual, comment: 'true', category: 'app' });
    expect(outcome, log).toBe('failure');
    expect(log).toMatch(/^::error title=CVE-2023-44487 /m);
    expect(outputs['exit-code']).toBe('1');
    expect(uploaded).toEqual([{ file: outputs['sarif'], category: 'app' }]);
    expect(JSON.parse(readFileSync(outputs['sarif']!, 'utf8')).version).toBe('2.1.0');
    expect(JSON.parse(readFileSync(outputs['json']!, 'utf8')).verdicts.length).toBeGreaterThan(20);
    expect(readFileSync(at('gh.log'), 'utf8')).toBe(
      `pr comment 7 --repo example/app --edit-last --create-if-none --body-file ${outputs['markdown']}\n`,
    );
    expect(readFileSync(at('summary.md'), 'utf8')).toContain('CVE-2023-44487');
    expect(readFileSync(at('npm.log'), 'utf8')).toBe(`scapfeed@${action.inputs['version']!.default}\n`);
  });

  it('passes where nothing fails it, and pulls only what changed when the feed is in the cache', () => {
    const first = runAction(
      { ...usual, 'fail-on': 'none', platform: 'debian-12,rhel-9', 'upload-sarif': 'false' },
      'push',
    );
    expect(first).toMatchObject({ outcome: 'success', uploaded: [] });
    expect(first.log).toMatch(/^debian-12 +\S+ +whole$/m);
    expect(first.log).not.toMatch(/^debian-11 /m);
    const second = runAction(
      { ...usual, 'fail-on': 'none', platform: 'debian-12,rhel-9', comment: 'true' },
      'push',
    );
    expect(second.log).toMatch(/^debian-12 +\S+ +unchanged$/m);
    expect(existsSync(at('gh.log'))).toBe(false);
  });

  it('does not pass an image of which too little is known', () => {
    runner.does('mkdir -p bare/etc && printf \'ID=debian\\nVERSION_ID="12"\\n\' > bare/etc/os-release');
    expect(runAction({ ...usual, image: 'dir:bare', 'fail-on': 'none' })).toMatchObject({
      outcome: 'failure',
      outputs: { 'exit-code': '4' },
    });
  });

  it('takes an executable only with its sha256', () => {
    const executable = at('scapfeed-linux-x64');
    writeFileSync(executable, '#!/bin/sh\nexec scapfeed "$@"\n');
    const [sum] = runner.does(`sha256sum ${executable}`).split(' ');
    const address = `file://${executable}`;
    const good = runAction({ ...usual, 'fail-on': 'none', executable: address, sha256: sum! });
    expect(good.outcome, good.log).toBe('success');
    expect(existsSync(at('npm.log'))).toBe(false);
    expect(runAction({ ...usual, executable: address, sha256: '0'.repeat(64) })).toMatchObject({
      outcome: 'failure',
      uploaded: [],
    });
    expect(runAction({ ...usual, executable: address }).outcome).toBe('failure');
  });

  it('runs nothing that an input contains, and uses no feed of another publisher', () => {
    const hostile = runAction({
      ...usual,
      image: 'x"; touch owned; "',
      options: '$(touch owned) `touch owned`',
    });
    expect(hostile.outcome).toBe('failure');
    expect(existsSync(at('owned'))).toBe(false);
    runner.does('rm -rf cache && scapfeed keys make --keys others', passphrase);
    runner.does('cp others/1.root.json others.json');
    const other = runAction({ ...usual, 'trust-root': 'others.json' });
    expect(other.outcome).toBe('failure');
    expect(other.log).toContain('TRUST_UNSIGNED');
  });
});

describe("GitLab's component", () => {
  it('fails for flaws and leaves the reports that it names, from a feed that it keeps', () => {
    const [head, body] = parseAllDocuments(read('templates/scapfeed.yml'));
    const { inputs } = head!.toJS().spec as { inputs: Record<string, { default?: string }> };
    const given: Record<string, string> = {
      from: 'public',
      image: 'oci:image:sample',
      options: '--max-age 0',
    };
    const text = String(body).replaceAll(
      /\$\[\[ inputs\.([\w-]+) \]\]/g,
      (_, name: string) => given[name] ?? inputs[name]!.default!,
    );
    const [job] = Object.values(parse(text)) as {
      variables: Record<string, string>;
      before_script: string[];
      script: string[];
      artifacts: { paths: string[]; reports: Record<string, string> };
    }[];
    const variables = Object.fromEntries(
      Object.entries(job!.variables).map(([name, value]) => [
        name,
        value.replaceAll('$CI_PROJECT_DIR', runner.home),
      ]),
    );
    for (const came of ['whole', 'unchanged']) {
      const pulled = bash(job!.before_script.join('\n'), variables);
      expect(pulled.code, pulled.err).toBe(0);
      expect(pulled.out).toMatch(new RegExp(`^debian-12 +\\S+ +${came}$`, 'm'));
    }
    expect(bash(job!.script.join('\n'), variables).code).toBe(1);
    const reports = [...job!.artifacts.paths, ...Object.values(job!.artifacts.reports)];
    expect(reports.filter((name) => !existsSync(at(name)))).toEqual([]);
  });
});

it("Jenkins' pipeline pulls, fails for flaws and leaves its reports", () => {
  const steps = [...read('examples/jenkins/Jenkinsfile').matchAll(/sh '([^']+)'/g)].map(
    ([, script]) => script!,
  );
  const env = { IMAGE: 'oci:image:sample', FEED: 'public' };
  runner.does('mv feed built');
  const codes = steps.map((step) => bash(step.replace(/(scapfeed@\S+ scan)/, '$1 --max-age 0'), env).code);
  runner.does('rm -rf feed .feed.* && mv built feed');
  expect(codes).toEqual([0, 1]);
  expect(['scan.xml', 'scan.html'].filter((name) => !existsSync(at(name)))).toEqual([]);
});

it("Tekton's task pulls, fails for flaws and leaves its reports", () => {
  const task = parse(read('examples/tekton/task.yaml')).spec;
  const run = parse(read('examples/tekton/pipelinerun.yaml')).spec.pipelineSpec.tasks[0];
  const names = (list: { name: string }[]) => list.map(({ name }) => name).sort();
  expect(names(run.workspaces)).toEqual(names(task.workspaces));
  for (const name of names(run.params)) expect(names(task.params)).toContain(name);
  const values: Record<string, string> = {
    'params.image': 'oci:image:sample',
    'params.from': 'public',
    'params.fail-on': 'high',
    'workspaces.root.path': runner.home,
    'workspaces.feed.path': at('tekton-feed'),
    'workspaces.reports.path': at('tekton-reports'),
  };
  runner.does('mkdir tekton-feed tekton-reports');
  const filled = (text: string) => text.replace(/\$\(([^)]+)\)/g, (_, name: string) => values[name]!);
  const codes = task.steps.map(({ command, args }: { command: string[]; args: string[] }) => {
    const words = [...command, ...args].map((word) => `'${filled(word)}'`);
    if (words[1] === "'scan'") words.push('--max-age', '0');
    const [{ value }] = task.stepTemplate.env;
    return runner.run(words.join(' '), { XDG_DATA_HOME: filled(value) }).code;
  });
  expect(codes).toEqual([0, 1]);
  expect(['scan.xml', 'scan.html'].filter((name) => !existsSync(at(`tekton-reports/${name}`)))).toEqual([]);
});

it('the workflow for base images comments on a pull request what the newer base changes, and nothing where it is the same', () => {
  for (const [name, version] of Object.entries({ older: '7.88.1-10+deb12u1', newer: '7.88.1-10+deb12u4' })) {
    const layer = [
      file('etc/os-release', debianRelease('12', 'bookworm')),
      file('etc/debian_version', '12.2\n'),
      file('var/lib/dpkg/status', stanza('curl', version)),
    ];
    writeFiles(at(name), imageLayout({ layers: [layer] }));
  }
  const { steps } = parse(read('examples/github-actions/base-image.yml')).jobs.compare as {
    steps: { name?: string; run?: string }[];
  };
  const scripts = steps.flatMap(({ run }) =>
    run === undefined ? [] : [run.replace(/https:\S+/, at('public'))],
  );
  expect(scripts).toHaveLength(2);
  const pull = (before: string, after: string) => {
    const git = 'git -c user.name=a -c user.email=a@example.org';
    runner.does(`rm -rf repo gh.log && mkdir -p repo && git init --quiet repo && cp root.json repo`);
    runner.does(`mkdir -p repo/examples && cp -r ${join(project, 'examples/base-images')} repo/examples`);
    for (const base of [before, after])
      runner.does(
        `cd repo && printf 'FROM ${base}\\n' > Dockerfile && git add -A && ${git} commit --quiet --allow-empty -m x`,
      );
    const env = { TRANSPORT: `oci:${runner.home}/`, SCAPFEED_MAX_AGE: '0', PULL_REQUEST: '7' };
    return scripts.map((script) => bash(`cd repo\n${script}`, env));
  };
  const [compared, commented] = pull('older:latest', 'newer:latest');
  expect(compared!.code, compared!.err).toBe(0);
  expect(commented!.code, commented!.err).toBe(0);
  expect(readFileSync(at('gh.log'), 'utf8')).toMatch(
    /^pr comment 7 --edit-last --create-if-none --body-file base-image\.md\n$/,
  );
  expect(readFileSync(at('repo/base-image.md'), 'utf8')).toContain('curl');
  expect(pull('newer:latest', 'newer:latest').map(({ code }) => code)).toEqual([0, 0]);
  expect(existsSync(at('gh.log'))).toBe(false);
});
