import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { changelogFaults, readChangelog } from '../../scripts/changelog.mjs';
import { project } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';

const read = (path: string) => readFileSync(join(project, path), 'utf8');

describe('the changelog', () => {
  const small =
    '# Changelog\n\n## [Unreleased]\n\n## [1.1.0] - 2026-02-01\n\n### Added\n\n- A.\n\n## [1.0.0] - 2026-01-01\n';

  it('has the form of Keep a Changelog', () => {
    expect(changelogFaults(read('CHANGELOG.md'))).toEqual([]);
    expect(changelogFaults(small)).toEqual([]);
    expect(readChangelog(small).map(({ version, date }) => `${version} ${date}`)).toEqual([
      'Unreleased undefined',
      '1.1.0 2026-02-01',
      '1.0.0 2026-01-01',
    ]);
  });

  it.each([
    [
      'no part for what comes next',
      '## [Unreleased]',
      '## [2.0.0] - 2026-03-01',
      /first part is not \[Unreleased\]/,
    ],
    ['a version without a date', '[1.1.0] - 2026-02-01', '[1.1.0]', /has no date/],
    ['versions out of order', '[1.1.0] - 2026-02-01', '[1.1.0] - 2025-02-01', /is newer than/],
    ['a version twice', '[1.0.0]', '[1.1.0]', /is there twice/],
    ['a kind of change that it does not know', '### Added', '### News', /"News" is none of/],
    ['text that is no entry', '- A.', 'A.', /is not an entry/],
  ])('would be refused with %s', (_, known, wrong, fault) => {
    expect(changelogFaults(small.replace(known, wrong)).join('\n')).toMatch(fault);
  });
});

describe('scripts/release.mjs', () => {
  let folder: string;
  beforeEach(() => {
    folder = temporaryFolder();
    const jobs = [
      'examples/jenkins/Jenkinsfile',
      'examples/gitlab-ci/scan.gitlab-ci.yml',
      'examples/github-actions/base-image.yml',
    ];
    for (const name of [
      'package.json',
      'package-lock.json',
      'action.yml',
      'templates',
      'CHANGELOG.md',
      ...jobs,
    ])
      cpSync(join(project, name), join(folder, name), { recursive: true });
  });
  const release = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(project, 'scripts/release.mjs'), ...args],
      {
        encoding: 'utf8',
        env: { ...process.env, RELEASE_FOLDER: folder, SOURCE_DATE_EPOCH: '1800000000' },
      },
    );
    return { status, stdout, stderr };
  };

  it('sets a version everywhere, after which the tag agrees and has notes', () => {
    expect(release('version', '9.8.7').status).toBe(0);
    expect(release('check', 'v9.8.7')).toMatchObject({ status: 0, stderr: '' });
    expect(release('notes', 'v9.8.7').stdout).toMatch(/^### Added\n/);
    expect(readFileSync(join(folder, 'CHANGELOG.md'), 'utf8')).toContain('## [9.8.7] - 2027-01-15\n');
    expect(parse(readFileSync(join(folder, 'action.yml'), 'utf8')).inputs.version.default).toBe('9.8.7');
    const [head] = parseAllDocuments(readFileSync(join(folder, 'templates/scapfeed.yml'), 'utf8'));
    expect(head!.toJS().spec.inputs.version.default).toBe('9.8.7');
  });

  it('refuses a tag that the version or the changelog does not have', () => {
    release('version', '9.8.7');
    const { status, stderr } = release('check', 'v9.8.8');
    expect(status).toBe(1);
    expect(stderr).toContain('package.json has the version 9.8.7, the tag is 9.8.8');
    expect(stderr).toContain('CHANGELOG.md has no part [9.8.8]');
    const action = join(folder, 'action.yml');
    writeFileSync(action, readFileSync(action, 'utf8').replace('default: 9.8.7', 'default: 9.8.6'));
    expect(release('check', 'v9.8.7').stderr).toContain('action.yml has the version 9.8.6');
  });
});

describe('workflows, the action and the recipes for GitHub', () => {
  const files = [
    'action.yml',
    ...['.github/workflows', 'examples/github-actions'].flatMap((folder) =>
      readdirSync(join(project, folder)).map((name) => `${folder}/${name}`),
    ),
  ];

  it.each(files)('%s: pins every action by commit, with its version beside it', (path) => {
    const used = [...read(path).matchAll(/uses: (\S+)(.*)$/gm)].filter(
      ([, action]) => !action!.startsWith('example/'),
    );
    expect(used.length).toBeGreaterThan(0);
    for (const [, action, comment] of used) {
      expect(action).toMatch(/@[0-9a-f]{40}$/);
      expect(comment).toMatch(/^ # v\d+\.\d+\.\d+$/);
    }
  });

  it.each(files)(
    '%s: puts nothing from outside into a script, and leaves no credentials in a checkout',
    (path) => {
      const document = parse(read(path)) as Workflow;
      const jobs = Object.values(document.jobs ?? {});
      const steps = [...jobs.flatMap((job) => job.steps), ...(document.runs?.steps ?? [])];
      for (const { run, uses, with: given } of steps) {
        if (run !== undefined) expect(run).not.toContain('${{');
        if (uses?.startsWith('actions/checkout@'))
          expect(given).toMatchObject({ 'persist-credentials': false });
      }
      if (document.jobs) expect(document.permissions).toEqual({ contents: 'read' });
    },
  );
});

interface Workflow {
  permissions?: object;
  jobs?: Record<string, { steps: WorkflowStep[] }>;
  runs?: { steps: WorkflowStep[] };
}

interface WorkflowStep {
  run?: string;
  uses?: string;
  with?: object;
}

describe('recipes that name images', () => {
  const recipes = readdirSync(join(project, 'examples'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(yml|yaml)$|^jenkins\/Jenkinsfile$|Containerfile$/.test(name))
    .map((name) => `examples/${name}`)
    .filter((path) =>
      /^\s*(?:-\s+)?(?:image|SCAPFEED|IMAGE|ARG BASE)\s*[:=]\s*\S*[\w.]+\/\S+:[\w.-]+['"]?$/m.test(
        read(path),
      ),
    );

  it('are some', () => expect(recipes.length).toBeGreaterThan(7));

  it.each([...recipes, 'templates/scapfeed.yml'])(
    '%s: says that its images are to be pinned by digest',
    (path) => {
      expect(read(path)).toMatch(/by digest \(examples\/README\.md\)|to a digest that you have checked/);
    },
  );
});

describe('templates of issues', () => {
  const folder = '.github/ISSUE_TEMPLATE';
  it.each(readdirSync(join(project, folder)).filter((name) => name !== 'config.yml'))(
    '%s has what GitHub requires of a form',
    (name) => {
      const form = parse(read(`${folder}/${name}`));
      expect(form).toMatchObject({ name: expect.any(String), description: expect.any(String) });
      const ids = form.body.flatMap(({ id }: { id?: string }) => id ?? []);
      expect(new Set(ids).size).toBe(ids.length);
      for (const { type, id, attributes } of form.body) {
        expect(['markdown', 'input', 'textarea', 'dropdown', 'checkboxes']).toContain(type);
        if (type === 'markdown') expect(attributes.value).toEqual(expect.any(String));
        else
          expect({ id, label: attributes.label }).toEqual({
            id: expect.any(String),
            label: expect.any(String),
          });
      }
      expect(form.body.some(({ type }: { type: string }) => type !== 'markdown')).toBe(true);
    },
  );
});
