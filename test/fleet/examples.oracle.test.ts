import { spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { parseCommand } from '../../src/cli/command.ts';
import { fleetCommands } from '../../src/cli/commands/fleet-commands.ts';
import { project } from '../support/cli.ts';
import { hasJudges, hasOracle, judgesFolder } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';

const folder = join(project, 'examples/fleet');
const read = (name: string) => readFileSync(join(folder, name), 'utf8');
const units = readdirSync(join(folder, 'systemd'));

interface Container {
  args: string[];
  securityContext: Record<string, unknown>;
}

interface PodSpec {
  securityContext: Record<string, unknown>;
  automountServiceAccountToken: boolean;
  containers: Container[];
  initContainers?: Container[];
}

interface Webhook {
  clientConfig: { service: { path: string; namespace: string } };
  namespaceSelector: { matchExpressions: { values: string[] }[] };
}

/** One object of a manifest, as far as these tests look at it. */
interface Manifest {
  apiVersion: string;
  kind: string;
  spec?: { template?: { spec: PodSpec }; jobTemplate?: { spec: { template: { spec: PodSpec } } } };
}

const manifests = (file = 'fleet') =>
  parseAllDocuments(read(`kubernetes/${file}.yaml`)).map((each) => each.toJS() as Manifest);

const podsOf = (all: readonly Manifest[]) =>
  all.flatMap(({ spec }) => spec?.template?.spec ?? spec?.jobTemplate?.spec.template.spec ?? []);

/** The command accepts the recipe's arguments. */
async function expectTaken(args: readonly string[]): Promise<void> {
  expect(args[0]).toBe('fleet');
  const entry = fleetCommands.find(({ name }) => name === `fleet ${args[1]}`);
  expect(entry, args.join(' ')).toBeDefined();
  expect(parseCommand(await entry!.load(), args.slice(2))).toBeDefined();
}

describe('the recipes for a fleet', () => {
  it('give the commands options that they have', async () => {
    const { services } = parse(read('compose.yaml'), { merge: true }) as {
      services: Record<string, { command?: string[] }>;
    };
    const commands = [
      ...Object.values(services).flatMap(({ command }) => (command ? [command] : [])),
      ...podsOf([...manifests(), ...manifests('cluster-images')]).flatMap(({ containers }) =>
        containers.map(({ args }) => args),
      ),
      ...units.flatMap((unit) =>
        [...read(`systemd/${unit}`).matchAll(/^ExecStart=\S+ scapfeed (.*)$/gm)].map(([, line]) =>
          line!.split(' '),
        ),
      ),
    ];
    expect(commands).toHaveLength(9);
    for (const command of commands) await expectTaken(command);
  });

  it('let nothing run as root, write outside its volumes, or hold a capability', () => {
    const pods = podsOf([...manifests(), ...manifests('cluster-images')]);
    // Only the job that lists pods speaks with the cluster.
    expect(pods.map(({ automountServiceAccountToken: token }) => token)).toEqual([false, false, false, true]);
    for (const { securityContext, containers, initContainers = [] } of pods) {
      expect(securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 65532 });
      for (const container of [...initContainers, ...containers])
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
    }
  });
});

describe.skipIf(!hasOracle('systemd-analyze'))('systemd', () => {
  it('takes the units', () => {
    const paths = units.map((unit) => join(folder, 'systemd', unit));
    const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', ...paths], {
      encoding: 'utf8',
    });
    expect(`${stdout}${stderr}`).not.toContain('scapfeed');
    expect(status).toBe(0);
  });
});

describe.skipIf(!hasOracle('docker-compose'))('docker compose', () => {
  const check = (change: (text: string) => string) => {
    const place = temporaryFolder();
    const file = join(place, 'compose.yaml');
    copyFileSync(join(folder, 'compose.yaml'), file);
    writeFileSync(file, change(readFileSync(file, 'utf8')));
    for (const name of ['fleet.env', 'database.env']) writeFileSync(join(place, name), '');
    return spawnSync('docker-compose', ['-f', file, '--profile', 'night', 'config'], { encoding: 'utf8' });
  };

  it('takes the file', () => {
    const { status, stdout, stderr } = check((text) => text);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const { services } = parse(stdout) as {
      services: Record<string, { user?: string; read_only?: boolean }>;
    };
    const own = Object.entries(services).filter(([name]) => name !== 'database');
    expect(own.map(([name]) => name)).toEqual(['night', 'serve', 'worker']);
    for (const [, service] of own) expect(service).toMatchObject({ user: '65532:65532', read_only: true });
  });

  it('would find a word that it does not know', () => {
    expect(check((text) => text.replace('read_only:', 'readonly:'))).toMatchObject({
      status: expect.not.toSatisfy((status) => status === 0),
    });
  });
});

describe.skipIf(!hasJudges())("Kubernetes' own schemas", () => {
  type Model = new (data: object) => { validate(): void };
  const models = new Map<string, Model>();
  const all = ['fleet', 'cluster-images', 'admission'].flatMap((file) => manifests(file));
  beforeAll(async () => {
    for (const { apiVersion, kind } of all) {
      const path = join(judgesFolder, 'kubernetes-models', apiVersion, `${kind}.js`);
      const module = (await import(pathToFileURL(path).href)) as Record<string, Model>;
      models.set(kind, module[kind]!);
    }
  });

  const validate = (manifest: Manifest) => new (models.get(manifest.kind)!)(manifest).validate();

  it('find nothing wrong', () => {
    expect(all.map(({ kind }) => kind)).toEqual([
      ...['Deployment', 'Service', 'Deployment', 'HorizontalPodAutoscaler', 'CronJob'],
      ...['NetworkPolicy', 'NetworkPolicy', 'ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'CronJob'],
      'ValidatingWebhookConfiguration',
    ]);
    for (const manifest of all) validate(manifest);
  });

  it('the webhook asks an address that the server has', () => {
    const [webhook] = (manifests('admission') as unknown as { webhooks: Webhook[] }[])[0]!.webhooks;
    expect(webhook!.clientConfig.service.path).toMatch(/^\/api\/v1\/admission\/critical\/24$/);
    // Of a pod that starts the fleet, nobody could ask.
    expect(webhook!.namespaceSelector.matchExpressions[0]!.values).toContain(
      webhook!.clientConfig.service.namespace,
    );
  });

  it('would find a text in the place of a number', () => {
    const [autoscaler] = manifests().filter(({ kind }) => kind === 'HorizontalPodAutoscaler');
    Object.assign(autoscaler!.spec!, { maxReplicas: 'many' });
    expect(() => validate(autoscaler!)).toThrow(/maxReplicas/);
  });
});
