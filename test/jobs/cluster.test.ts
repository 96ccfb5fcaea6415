import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, inject, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { imageLayout, writeFiles } from '../image/support/make-image.ts';
import { file } from '../image/support/make-tar.ts';
import { startRegistry } from '../image/support/servers.ts';
import { debianRelease, project, stanza } from '../support/cli.ts';
import { hasOracle } from '../support/oracles.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { freePort } from './support/free-port.ts';
import { newMachine } from './support/machine.ts';

const recipe = (name: string) => readFileSync(join(project, 'examples/fleet/kubernetes', name), 'utf8');

it.skipIf(!hasOracle('docker-registry', 'skopeo', 'openssl', 'curl', 'jq'))(
  "a cluster's images are judged by the recipes: the job lists pods, owners are namespaces, the webhook admits",
  async () => {
    const registry = await startRegistry();
    afterAll(() => registry.stop());
    const machine = newMachine();
    const at = (name: string) => join(machine.home, name);
    const image = (name: string, ...packages: string[]) => {
      const layer = [
        file('etc/os-release', debianRelease('12', 'bookworm')),
        file('var/lib/dpkg/status', packages.map((each) => stanza(each, '1')).join('')),
      ];
      const layout = writeFiles(temporaryFolder(), imageLayout({ layers: [layer] }));
      const reference = `${registry.host}/${name}`;
      execFileSync('skopeo', [
        'copy',
        '--dest-tls-verify=false',
        `oci:${layout}:latest`,
        `docker://${reference}`,
      ]);
      return reference;
    };
    const clean = image('shop/web:1', 'b');
    const fixable = image('pay/app:1', 'a');
    const feed = writeSmallFeed([
      {
        platform: bookworm,
        statements: [
          { vulnerability: 'CVE-2024-0001', package: 'a', status: 'fixed', fixed: '2', severity: 'critical' },
        ],
      },
    ]);

    // The cluster's answer to its job.
    const pod = (namespace: string, name: string, spec: object) => ({
      ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, spec },
    });
    const pods = [
      pod('shop', 'web-1', { containers: [{ name: 'web', image: clean }] }),
      pod('shop', 'web-2', { containers: [{ name: 'web', image: clean }] }),
      pod('pay', 'app-1', {
        containers: [{ name: 'app', image: fixable }],
        initContainers: [{ image: clean }],
      }),
    ];
    writeFileSync(at('cluster.json'), JSON.stringify({ apiVersion: 'v1', kind: 'List', items: pods }));
    for (const folder of ['bin', 'tmp']) mkdirSync(at(folder));
    const asked = 'get pods --all-namespaces --output json';
    writeFileSync(at('bin/kubectl'), `#!/bin/sh\ntest "$*" = "${asked}" && cat "$HOME/cluster.json"\n`, {
      mode: 0o755,
    });

    // The job's containers, one after the other, with a folder of this machine as their volume.
    const job = parseAllDocuments(recipe('cluster-images.yaml'), { merge: true })
      .map((each) => each.toJS())
      .find(({ kind }) => kind === 'CronJob');
    const { initContainers, containers } = job.spec.jobTemplate.spec.template.spec;
    const inVolume = (word: string) => word.replaceAll('/tmp/', `${machine.home}/tmp/`);
    const [shell, flag, script] = initContainers[0].command as string[];
    expect([shell, flag]).toEqual(['sh', '-c']);
    machine.does(`export PATH="$HOME/bin:$PATH"; ${inVolume(script!)}`);
    const args = (containers[0].args as string[]).map(inVolume).join(' ');
    expect(machine.does(`scapfeed ${args}`)).toBe('added 2 images\n');
    expect(machine.does(`scapfeed ${args}`)).toBe('added 0 images, 2 known before\n');

    writeFileSync(
      at('scapfeed.yaml'),
      'owners:\n  - { owner: shop, namespaces: [shop] }\n  - { owner: pay, namespaces: [pay] }\n',
    );
    machine.does('scapfeed fleet owners --policy scapfeed.yaml');
    machine.does(`scapfeed fleet run --feed ${feed} --max-age 0`);
    const owned = machine.does("scapfeed fleet owners -o json | jq -c '[.[] | [.owner, .images]]'");
    expect(JSON.parse(owned)).toEqual([
      ['shop', 1],
      ['pay', 2],
    ]);

    // The server as the webhook knows it, by TLS.
    machine.does(
      `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=fleet -addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out fleet.pem 2>&1`,
    );
    machine.does('scapfeed fleet token add cluster --role read > token');
    const listen = `127.0.0.1:${await freePort()}`;
    const server = spawn(
      'scapfeed',
      ['fleet', 'serve', '--listen', listen, '--tls-cert', 'fleet.pem', '--tls-key', 'key.pem'],
      {
        ...{ cwd: machine.home, stdio: 'ignore' },
        env: { PATH: `${inject('installation')}/bin:${process.env['PATH']}`, HOME: machine.home },
      },
    );
    const ended = once(server, 'exit');
    try {
      const curl = 'curl --silent --show-error --cacert fleet.pem';
      machine.does(`for try in $(seq 120); do ${curl} https://${listen}/healthz && break; sleep 0.5; done`);
      const [webhook] = parse(recipe('admission.yaml'), { merge: true }).webhooks;
      const { path } = webhook.clientConfig.service;
      const review = (...images: string[]) => {
        const object = pod('shop', 'new', { containers: images.map((each) => ({ image: each })) });
        const request = { uid: 'u1', kind: { version: 'v1', kind: 'Pod' }, operation: 'CREATE', object };
        const asks = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request };
        writeFileSync(at('review.json'), JSON.stringify(asks));
        const headers = '-H "authorization: Bearer $(cat token)" -H "content-type: application/json"';
        const url = `https://${listen}${path}?timeout=${webhook.timeoutSeconds}s`;
        const { response } = JSON.parse(machine.does(`${curl} ${headers} --data @review.json '${url}'`));
        expect(response.uid).toBe('u1');
        return response.allowed ? 'allowed' : response.status.message;
      };
      expect(review(clean)).toBe('allowed');
      expect(review(clean, fixable)).toContain('a fix can be installed for CVE-2024-0001 (critical) in a');
      expect(review(`${registry.host}/other:1`)).toContain('the fleet does not have it');
    } finally {
      server.kill('SIGTERM');
      await ended;
    }
  },
);
