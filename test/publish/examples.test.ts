import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseCommand } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands/index.ts';

const examples = resolve(import.meta.dirname, '../../examples');
const read = (path: string) => readFileSync(join(examples, path), 'utf8');

const text = { type: 'string', minLength: 1 };
const list = (items: object) => ({ type: 'array', minItems: 1, items });
const strict = (properties: object, required: readonly string[]) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

/** Every word that the CronJob uses: Kubernetes' own schemas let unknown ones pass. */
const securityContext = {
  type: 'object',
  properties: {
    runAsNonRoot: { const: true },
    allowPrivilegeEscalation: { const: false },
    readOnlyRootFilesystem: { const: true },
  },
};
const container = strict(
  {
    name: text,
    image: text,
    args: list(text),
    securityContext,
    resources: { type: 'object' },
    volumeMounts: list(
      strict({ name: text, mountPath: { type: 'string', pattern: '^/' }, readOnly: { type: 'boolean' } }, [
        'name',
        'mountPath',
      ]),
    ),
  },
  ['name', 'image', 'args'],
);
const pod = strict(
  {
    restartPolicy: { enum: ['Never', 'OnFailure'] },
    automountServiceAccountToken: { type: 'boolean' },
    securityContext,
    containers: list(container),
    volumes: list({ type: 'object', required: ['name'] }),
  },
  ['restartPolicy', 'containers'],
);
const cronJob = strict(
  {
    apiVersion: { const: 'batch/v1' },
    kind: { const: 'CronJob' },
    metadata: strict({ name: { type: 'string', pattern: '^[a-z0-9-]{1,52}$' } }, ['name']),
    spec: strict(
      {
        schedule: { type: 'string', pattern: '^(\\S+ ){4}\\S+$' },
        concurrencyPolicy: { enum: ['Allow', 'Forbid', 'Replace'] },
        jobTemplate: strict(
          {
            spec: strict(
              {
                backoffLimit: { type: 'integer' },
                activeDeadlineSeconds: { type: 'integer' },
                template: strict({ spec: pod }, ['spec']),
              },
              ['template'],
            ),
          },
          ['spec'],
        ),
      },
      ['schedule', 'jobTemplate'],
    ),
  },
  ['apiVersion', 'kind', 'metadata', 'spec'],
);

describe('recipes', () => {
  it('the CronJob has no word that Kubernetes would not know', () => {
    const validate = new Ajv2020().compile(cronJob);
    validate(parse(read('kubernetes/pull.cronjob.yaml')));
    expect(validate.errors).toBeNull();
  });

  it('the CronJob mounts volumes that it has', () => {
    const { volumes, containers } = parse(read('kubernetes/pull.cronjob.yaml')).spec.jobTemplate.spec.template
      .spec;
    const names = volumes.map(({ name }: { name: string }) => name);
    for (const { name } of containers[0].volumeMounts) expect(names).toContain(name);
  });

  it('the Containerfile has only instructions, runs as nobody and starts the command', () => {
    const lines = read('container/Containerfile')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    for (const line of lines) expect(line).toMatch(/^(ARG|FROM|RUN|USER|ENV|ENTRYPOINT|CMD) \S/);
    expect(lines).toContain('USER 65532:65532');
    expect(lines).toContain('ENTRYPOINT ["scapfeed"]');
  });

  it.each([
    'systemd/scapfeed-pull.service',
    'systemd/scapfeed-pull.timer',
    'github-actions/nightly.yml',
    'github-actions/base-image.yml',
    'gitlab-ci/nightly.gitlab-ci.yml',
    'kubernetes/pull.cronjob.yaml',
    'kubernetes/publish.cronjob.yaml',
    'tekton/task.yaml',
    'tekton/pipelinerun.yaml',
    'tekton/nightly.yaml',
    'container/Containerfile',
  ])('%s says what a user must change', (path) => {
    expect(read(path)).toMatch(/^# Change: \S/m);
  });

  const called = [
    'systemd/scapfeed-pull.service',
    'github-actions/nightly.yml',
    'github-actions/base-image.yml',
    'gitlab-ci/nightly.gitlab-ci.yml',
  ].flatMap((path) =>
    [...read(path).matchAll(/(?:^|[\s:-])(?:scapfeed|"\$SCAPFEED") ((?:build|publish|pull)\b[^|\n]*)/gm)].map(
      (match) => [path, match[1]!] as const,
    ),
  );
  const { args } = parse(read('kubernetes/pull.cronjob.yaml')).spec.jobTemplate.spec.template.spec
    .containers[0];

  it.each([...called, ['kubernetes/pull.cronjob.yaml', args.join(' ')] as const])(
    '%s: scapfeed %s is understood',
    async (_, line) => {
      const [name, ...argv] = line.trim().split(/\s+/);
      const entry = commands.find((command) => command.name === name)!;
      expect(() => parseCommand({ ...loaded[name!]!, name: entry.name }, argv)).not.toThrow();
    },
  );
});

const loaded = Object.fromEntries(
  await Promise.all(
    ['build', 'publish', 'pull'].map(
      async (name) => [name, await commands.find((entry) => entry.name === name)!.load()] as const,
    ),
  ),
);
