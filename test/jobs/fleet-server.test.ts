import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { hasOracle } from '../support/oracles.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { freePort } from './support/free-port.ts';
import { newMachine } from './support/machine.ts';

const release = 'PRETTY_NAME="Debian 12"\nID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n';
const installed = 'Package: a\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n\n';

it.skipIf(!hasOracle('jq'))(
  "a fleet is served: a token, a host's inventory by curl, a run, who has the flaw, metrics, a clean end, and evidence of the flaw",
  async () => {
    const machine = newMachine();
    const port = await freePort();
    const root = join(machine.home, 'root');
    for (const folder of ['etc', 'var/lib/dpkg']) mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, 'etc/os-release'), release);
    writeFileSync(join(root, 'var/lib/dpkg/status'), installed);
    const feed = writeSmallFeed([
      {
        platform: bookworm,
        statements: [
          {
            vulnerability: 'CVE-2024-0001',
            package: 'a',
            status: 'affected',
            fixState: 'none_yet',
            severity: 'high',
          },
        ],
      },
    ]);
    // One shell: the server lives as long as it. Each step ends it if it fails.
    writeFileSync(
      join(machine.home, 'job.sh'),
      `set -eu
scapfeed fleet add dir:root
scapfeed fleet token add ops --role write > token
at=http://127.0.0.1:${port}
get() { curl --silent --show-error --fail-with-body -H "authorization: Bearer $(cat token)" "$@"; }
scapfeed fleet serve --listen 127.0.0.1:${port} --feed ${feed} --max-age 0 2> log & server=$!
trap 'kill $server 2> /dev/null || true; cat log >&2' EXIT
for try in $(seq 120); do curl --silent $at/healthz > /dev/null && break; sleep 0.5; done
curl --silent --output /dev/null --write-out 'without a token %{http_code}\\n' $at/api/v1/images
curl --silent $at/readyz
scapfeed inventory root -o json | gzip | get --data-binary @- -H 'content-type: application/json' -H 'content-encoding: gzip' \\
  "$at/api/v1/inventories?name=web1" | jq -c .
get --request POST $at/api/v1/runs | jq -c .
for try in $(seq 120); do [ "$(get $at/api/v1/runs/1 | jq -r .state)" = finished ] && break; sleep 0.5; done
curl --silent $at/readyz
get $at/api/v1/vulnerabilities/CVE-2024-0001 | jq -c '[.found[0].package, .found[0].images]'
get $at/metrics | grep '^scapfeed_fleet_flaws{severity="high"}'
if scapfeed fleet list 2> refused; then exit 9; else grep -o FEED_LOCKED refused; fi
kill -TERM $server
wait $server && echo "ended with $?"
trap - EXIT
scapfeed fleet news | head -1 | cut -d' ' -f1-2
scapfeed fleet evidence CVE-2024-0001 -o html=evidence.html -o json | jq -c '[.run, (.images | length), [.names[].reference], .unknown]'
grep -o '<h1>CVE-2024-0001</h1>' evidence.html
`,
    );
    const { code, out, err } = machine.run('sh job.sh');
    expect(err).toBe('wrote html report to evidence.html\n');
    expect(out.split('\n')).toEqual([
      'added 1 image',
      'without a token 401',
      'not ready: no run has judged anything yet',
      '{"name":"web1","isNew":true}',
      '{"run":1}',
      'ready',
      `["a",["dir:${root}","web1"]]`,
      'scapfeed_fleet_flaws{severity="high"} 1',
      'FEED_LOCKED',
      'ended with 0',
      'run 1',
      `[1,1,["dir:${root}","web1"],[]]`,
      '<h1>CVE-2024-0001</h1>',
      '',
    ]);
    expect(code).toBe(0);
  },
  240_000,
);
