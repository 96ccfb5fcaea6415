import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { hasOracle } from '../support/oracles.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { freePort } from './support/free-port.ts';
import { type Machine, newMachine } from './support/machine.ts';

const release = 'PRETTY_NAME="Debian 12"\nID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n';
const installed = (name: string) =>
  `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n\n`;

function writeRoot(machine: Machine, folder: string, ...packages: string[]): void {
  const root = join(machine.home, folder);
  for (const each of ['etc', 'var/lib/dpkg']) mkdirSync(join(root, each), { recursive: true });
  writeFileSync(join(root, 'etc/os-release'), release);
  writeFileSync(join(root, 'var/lib/dpkg/status'), packages.map(installed).join(''));
}

const feed = () =>
  writeSmallFeed([
    {
      platform: bookworm,
      statements: [
        { vulnerability: 'CVE-2024-0001', package: 'a', status: 'fixed', fixed: '2', severity: 'critical' },
        {
          vulnerability: 'CVE-2024-0002',
          package: 'b',
          status: 'affected',
          fixState: 'none_yet',
          severity: 'high',
        },
      ],
    },
  ]);

it.skipIf(!hasOracle('jq'))(
  'two teams share a fleet: owners, tokens, a waiver of one team, what is due, and the log of who did what',
  async () => {
    const machine = newMachine();
    const port = await freePort();
    writeRoot(machine, 'pay/app', 'a');
    writeRoot(machine, 'shop/web', 'a', 'b');
    writeFileSync(
      join(machine.home, 'scapfeed.yaml'),
      `owners:
  - { owner: pay, names: "**/pay/*" }
  - { owner: shop, names: "**/shop/*" }
sla:
  days: { critical: 7 }
`,
    );
    // One shell: the server lives as long as it.
    writeFileSync(
      join(machine.home, 'job.sh'),
      `set -eu
scapfeed fleet add dir:pay/app dir:shop/web
scapfeed fleet owners --policy scapfeed.yaml -o csv=before.csv
scapfeed fleet run --feed ${feed()} --max-age 0 > run
scapfeed fleet owners | tr -s ' '
scapfeed fleet sla --policy scapfeed.yaml -o csv | cut -d, -f1-5 | tr -d '\\r'
scapfeed fleet token add ann --role team --owner pay > ann
scapfeed fleet token add zoe --role team --owner shop > zoe
at=http://127.0.0.1:${port}
as() { token="$1"; shift; curl --silent --show-error -H "authorization: Bearer $(cat "$token")" "$@"; }
scapfeed fleet serve --listen 127.0.0.1:${port} 2> log & server=$!
trap 'kill $server 2> /dev/null || true; cat log >&2' EXIT
for try in $(seq 120); do curl --silent $at/healthz > /dev/null && break; sleep 0.5; done
for who in ann zoe; do as $who $at/api/v1/images | jq -c '[.items[] | .reference | sub(".*/(?=[a-z]+/[a-z]+$)"; "")]'; done
for who in ann zoe; do as $who $at/api/v1/vulnerabilities | jq -c '[.items[].id]'; done
as ann -H 'content-type: application/json' --data '{"vulnerability":"CVE-2024-0001","reason":"not built"}' $at/api/v1/waivers | jq -c .id
as zoe --output /dev/null --write-out 'the waiver of another team %{http_code}\\n' --request DELETE $at/api/v1/waivers/1
as ann --output /dev/null --write-out 'the log %{http_code}\\n' $at/api/v1/audit
kill -TERM $server
wait $server
trap - EXIT
scapfeed fleet sla -o csv | cut -d, -f1-5 | tr -d '\\r'
scapfeed fleet audit -o json | jq -r 'reverse[] | select(.kind != "read") | [.kind, .act | sub(" \\\\(sha256.*"; "")] | join(": ")' | grep -v 'fleet add'
`,
    );
    const { code, out, err } = machine.run('bash job.sh');
    expect(out.split('\n'), err).toEqual([
      'added 2 images',
      'OWNER IMAGES NOT IN FULL FLAWS EXPLOITED',
      'pay 1 0 1 0',
      'shop 1 0 2 0',
      '2 owners',
      'owner,images,not_in_full,overdue_images,overdue',
      'pay,1,0,0,0',
      'shop,1,0,0,0',
      '["pay/app"]',
      '["shop/web"]',
      '["CVE-2024-0001"]',
      '["CVE-2024-0001","CVE-2024-0002"]',
      '1',
      'the waiver of another team 404',
      'the log 403',
      'owner,images,not_in_full,overdue_images,overdue',
      'pay,1,0,0,0',
      'shop,1,0,0,0',
      'change: fleet owners --policy scapfeed.yaml',
      'change: fleet sla --policy scapfeed.yaml',
      'change: fleet token add ann --role team of pay',
      'change: fleet token add zoe --role team of shop',
      'change: waiver 1 of CVE-2024-0001 of pay: not built',
      'refused: GET /api/v1/audit',
      '',
    ]);
    expect(code).toBe(0);
  },
  240_000,
);

it('VEX lifts only what the policy gives its issuer: the rest is shown, with its document, and fails the gate', () => {
  const machine = newMachine();
  writeRoot(machine, 'image', 'a', 'b');
  const statement = (vulnerability: string, name: string) => ({
    ...{
      vulnerability: { name: vulnerability },
      products: [{ '@id': `pkg:deb/debian/${name}@1?arch=amd64` }],
    },
    ...{ status: 'not_affected', justification: 'vulnerable_code_not_in_execute_path' },
  });
  mkdirSync(join(machine.home, 'vex'));
  for (const [file, statements] of [
    ['vex/ours.json', [statement('CVE-2024-0001', 'a')]],
    ['hub.json', [statement('CVE-2024-0002', 'b')]],
  ] as const)
    writeFileSync(
      join(machine.home, file),
      JSON.stringify({
        ...{
          '@context': 'https://openvex.dev/ns/v0.2.0',
          '@id': `https://example.org/${file}`,
          author: file,
        },
        ...{ timestamp: '2026-11-01T00:00:00Z', version: 1, statements },
      }),
    );
  writeFileSync(
    join(machine.home, 'scapfeed.yaml'),
    `vex:
  - by: [{ file: "vex/*.json" }]
    purls: "*"
    statuses: not_affected
scan:
  fail-on: high
  allow-unrated: true
`,
  );
  const scan = `scapfeed scan dir:image --feed ${feed()} --max-age 0 --vex vex --vex hub.json`;
  const { code, out, err } = machine.run(`${scan} -o json`);
  const { verdicts } = JSON.parse(out) as { verdicts: Record<string, unknown>[] };
  expect(verdicts.map(({ vulnerability, notLifted }) => [vulnerability, notLifted !== undefined])).toEqual([
    ['CVE-2024-0001', false],
    ['CVE-2024-0002', true],
  ]);
  expect(JSON.stringify(verdicts[1]!['notLifted'])).toContain('hub.json');
  expect([code, err]).toEqual([1, expect.stringContaining('policy: 1 flaw at or above --fail-on')]);
  // Without the section, each document lifts what it says.
  expect(machine.run(`${scan} --no-policy --fail-on high --allow-unrated`).code).toBe(0);
});
