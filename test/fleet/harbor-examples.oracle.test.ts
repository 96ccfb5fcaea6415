import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { parseCommand } from '../../src/cli/command.ts';
import { fleetCommands } from '../../src/cli/commands/fleet-commands.ts';
import { project } from '../support/cli.ts';
import { hasJudges, hasOracle, judgesFolder } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';

const folder = join(project, 'examples/harbor');
const read = (name: string) => readFileSync(join(folder, name), 'utf8');

interface PodSpec {
  securityContext: object;
  automountServiceAccountToken: boolean;
  containers: { args: string[]; securityContext: object }[];
}

interface Manifest {
  apiVersion: string;
  kind: string;
  spec: { template?: { spec: PodSpec } };
}

const manifests = () =>
  parseAllDocuments(read('kubernetes/scanner.yaml')).map((each) => each.toJS() as Manifest);
const pods = () => manifests().flatMap(({ spec }) => spec.template?.spec ?? []);

describe('the recipes for Harbor', () => {
  it('give the commands options that they have', async () => {
    const { services } = parse(read('compose.yaml')) as { services: Record<string, { command: string[] }> };
    const commands = [
      ...Object.values(services).map(({ command }) => command),
      ...pods().flatMap(({ containers }) => containers.map(({ args }) => args)),
    ];
    expect(commands).toHaveLength(3);
    for (const [first, second, ...rest] of commands) {
      expect(first).toBe('fleet');
      const entry = fleetCommands.find(({ name }) => name === `fleet ${second}`);
      expect(parseCommand(await entry!.load(), rest)).toBeDefined();
    }
  });

  it('let nothing run as root, write outside its volumes, or hold a capability', () => {
    expect(pods()).toHaveLength(2);
    for (const { securityContext, automountServiceAccountToken, containers } of pods()) {
      expect(securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 65532 });
      expect(automountServiceAccountToken).toBe(false);
      for (const container of containers)
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
    }
  });

  it.skipIf(!hasOracle('docker-compose'))('are taken by docker compose', () => {
    const place = temporaryFolder();
    const file = join(place, 'compose.yaml');
    copyFileSync(join(folder, 'compose.yaml'), file);
    const check = () => spawnSync('docker-compose', ['-f', file, 'config'], { encoding: 'utf8' });
    const { status, stdout, stderr } = check();
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(parse(stdout)).toMatchObject({ services: { scanner: { user: '65532:65532', read_only: true } } });
    writeFileSync(file, readFileSync(file, 'utf8').replace('read_only:', 'readonly:'));
    expect(check().status).not.toBe(0);
  });

  it.skipIf(!hasJudges())("fit Kubernetes' own schemas", async () => {
    const all = manifests();
    expect(all.map(({ kind }) => kind)).toEqual([
      ...['PersistentVolumeClaim', 'Job', 'Deployment', 'Service', 'NetworkPolicy'],
    ]);
    for (const manifest of all) {
      const path = join(judgesFolder, 'kubernetes-models', manifest.apiVersion, `${manifest.kind}.js`);
      const module = (await import(pathToFileURL(path).href)) as Record<
        string,
        new (
          data: object,
        ) => { validate(): void }
      >;
      new module[manifest.kind]!(manifest).validate();
    }
  });
});
