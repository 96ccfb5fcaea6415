import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ImageInput, makeImage } from '../image/support/make-image.ts';
import { file } from '../image/support/make-tar.ts';
import { debianRelease, project } from '../support/cli.ts';
import { hasOracle } from '../support/oracles.ts';
import { freePort } from './support/free-port.ts';
import { type Machine, newMachine } from './support/machine.ts';
import { nginx } from './support/web-servers.ts';

// The questions that a head of security asks, each answered by commands: is it of the base image or ours, since when, and what is the
// evidence, also of a past day.

const installed = (source: string, version: string, name = source) =>
  `Package: ${name}\nSource: ${source}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n\n`;

const release = file('etc/os-release', debianRelease('12', 'bookworm'));
const oldCurl = installed('curl', '7.88.1-10+deb12u3');
const newCurl = installed('curl', '7.88.1-10+deb12u7');
const oldServer = installed('openssh', '1:9.2p1-2+deb12u2', 'openssh-server');

function writeRoot({ home }: Machine, ...packages: string[]): void {
  for (const each of ['etc', 'var/lib/dpkg']) mkdirSync(join(home, 'root', each), { recursive: true });
  writeFileSync(join(home, 'root/etc/os-release'), debianRelease('12', 'bookworm'));
  writeFileSync(join(home, 'root/var/lib/dpkg/status'), packages.join(''));
}

/** Debian's part of the sample, as it was built from a mirror. */
const build = (mirror: string, out: string) =>
  `scapfeed build --quiet --source debian --no-ratings --no-oval --mirror ${mirror} --unsigned-mirror --snapshots snapshots --out ${out}`;

describe.skipIf(!hasOracle('jq', 'nginx', 'curl'))('is it of the base image, or ours?', () => {
  /** A folder that a web server serves as a registry. */
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-registry-'));
  let host = '';
  beforeAll(async () => {
    const url = await nginx(
      folder,
      'location = /v2/ { return 200 "{}"; }',
      'location ~ /manifests/ { default_type application/vnd.oci.image.manifest.v1+json; }',
    );
    host = new URL(url).host;
  });

  /** Names are `base:12`. Returns the digest. */
  function push(name: string, input: ImageInput): string {
    const [repository, tag] = name.split(':');
    const { manifest, config, layers } = makeImage(input);
    const put = (kind: string, at: string, bytes: Buffer) => {
      const path = join(folder, 'v2/lab', repository!, kind, at);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, bytes);
    };
    for (const { digest, bytes } of [config, ...layers]) put('blobs', digest, bytes);
    for (const at of [tag!, manifest.digest]) put('manifests', at, manifest.bytes);
    return manifest.digest;
  }

  it('scan says it in table, JSON and SARIF by the labels or by names; a fleet on pages, in CSV, JSON and by base', async () => {
    const status = (...packages: string[]) => file('var/lib/dpkg/status', packages.join(''));
    const bottom = [release, status(oldCurl)];
    const built = push('base:12', { layers: [bottom] });
    push('base:12', { layers: [[release, status(newCurl)]] });
    const labels = {
      'org.opencontainers.image.base.name': `${host}/lab/base:12`,
      'org.opencontainers.image.base.digest': built,
    };
    const app = push('app:1', { layers: [bottom, [status(oldCurl, oldServer)]], labels });
    const machine = newMachine();
    const port = await freePort();
    writeFileSync(
      join(machine.home, 'job.sh'),
      `set -eu
${build(`${project}/feeds/sample`, 'feed')} > built
how='--feed feed --max-age 0 --insecure-registry ${host}'
scapfeed scan ${host}/lab/app:1 --base labels $how -o table=table -o json=labels.json -o sarif=found.sarif
scapfeed scan ${host}/lab/app:1 --base ${host}/lab/base@${built} --base ${host}/lab/base:12 $how -o json=names.json
grep -o '4 flaws of the base image, 1 of own layers; its newer build fixes 3' table
verdicts='[.verdicts[] | [.vulnerability, .base.origin, .base.rebuild]] | sort'
jq -c "$verdicts | .[]" labels.json
[ "$(jq -c "$verdicts" labels.json)" = "$(jq -c "$verdicts" names.json)" ] && echo 'the same by names'
jq -c '[.runs[0].results[].properties | .origin] | group_by(.) | map([.[0], length])' found.sarif
scapfeed fleet add ${host}/lab/app:1
scapfeed fleet run --base labels $how | grep 'base image'
scapfeed fleet list -o json | jq -c '.[0].base.digest'
at=http://127.0.0.1:${port}
scapfeed fleet serve --listen 127.0.0.1:${port} 2> log & server=$!
trap 'kill $server 2> /dev/null || true; cat log >&2' EXIT
for try in $(seq 120); do curl --silent $at/healthz > /dev/null && break; sleep 0.5; done
curl --silent --fail "$at/api/v1/images/${app}/verdicts" | jq -c '[.verdicts[] | [.vulnerability, .base.origin, .base.rebuild]] | sort' > fleet.json
[ "$(cat fleet.json)" = "$(jq -c "$verdicts" labels.json)" ] && echo 'the same in the fleet'
curl --silent --fail "$at/images/${app}?origin=own&format=json" | jq -c '[.rows[].vulnerability]'
curl --silent --fail "$at/images/${app}" | grep -o 'its newer build fixes 3'
curl --silent --fail "$at/packages?table=bases&format=csv" | tr -d '\\r' | tail -1 | cut -d, -f2-4,7-
kill -TERM $server
wait $server
trap - EXIT
`,
    );
    const { code, out, err } = machine.run('bash job.sh');
    expect(out.split('\n'), err).toEqual([
      '4 flaws of the base image, 1 of own layers; its newer build fixes 3',
      '["CVE-2023-38545","base","fixes"]',
      '["CVE-2023-38546","base","fixes"]',
      '["CVE-2024-6387","own",null]',
      '["CVE-2024-7264","base","fixes"]',
      '["CVE-2025-9086","base","keeps"]',
      'the same by names',
      '[["base",4],["own",1]]',
      'added 1 image',
      'base image known of 1 image, unknown of 0',
      `"${built}"`,
      'the same in the fleet',
      '["CVE-2024-6387"]',
      'its newer build fixes 3',
      `${built},1,4,3,1,0`,
      '',
    ]);
    expect(code).toBe(0);
  });
});

/** The fix of CVE-2024-6387 was announced on 2024-07-01 (DSA-5724-1). */
describe.skipIf(!hasOracle('faketime', 'jq'))('since when?', () => {
  it('a fix fails the gate when it is older than 30 days, and a fleet lists its images from then on', () => {
    const machine = newMachine();
    writeRoot(machine, oldServer);
    machine.does(build(`${project}/feeds/sample`, 'feed'));
    const scan = (day: string) =>
      machine.run(
        `faketime '${day}' scapfeed scan dir:root --feed feed --max-age 0 --fail-on any --fixed-before 30d -o json=found.json`,
      ).code;
    expect(scan('2024-07-30 12:00')).toBe(0);
    expect(scan('2024-07-31 12:00')).toBe(1);
    expect(machine.does(`jq -c '.policy.fixedBefore' found.json`)).toBe('{"hours":720,"undated":0}\n');

    machine.does('scapfeed fleet add dir:root');
    machine.does(`faketime '2024-07-06 03:00' scapfeed fleet run --feed feed --max-age 0`);
    const listed = (day: string) =>
      machine.does(`faketime '${day}' scapfeed fleet list --fixed-before 30d -o json | jq length`);
    // A fleet counts from its first night with the fix.
    expect(listed('2024-08-05 02:00')).toBe('0\n');
    expect(listed('2024-08-05 04:00')).toBe('1\n');

    writeRoot(machine, installed('openssh', '1:9.2p1-2+deb12u3', 'openssh-server'));
    expect(scan('2024-08-02 00:00')).toBe(0);
    machine.does(`faketime '2024-08-06 03:00' scapfeed fleet run --feed feed --max-age 0`);
    expect(listed('2024-12-01 00:00')).toBe('0\n');
  });
});

describe.skipIf(!hasOracle('faketime', 'jq'))('what is the evidence?', () => {
  it('is the same for a past day after later nights, and the feed of that night is built again from kept snapshots', () => {
    const machine = newMachine();
    writeRoot(machine, oldCurl);
    machine.does(`cp -r ${project}/feeds/sample mirror && chmod -R u+w mirror`);
    const night = (day: string, feed: string) => {
      machine.does(build('mirror', feed));
      machine.does(`faketime '${day} 03:00' scapfeed fleet run --feed ${feed} --max-age 0`);
    };
    const evidence = (to: string, options = '') =>
      machine.does(
        `faketime '2026-10-20 12:00' scapfeed fleet evidence CVE-2025-9086 ${options} -o json=${to}.json -o html=${to}.html`,
      );
    machine.does(`faketime '2026-09-30 12:00' scapfeed fleet add dir:root`);
    night('2026-10-01', 'first');
    evidence('then', '--as-of 2026-10-01');
    const state = (of: string) =>
      machine.does(
        `jq -c '[.run, (.images[].packages[].verdicts[] | [.from, .status, .fixState, .fixedVersion])]' ${of}.json`,
      );
    expect(state('then')).toBe('[1,[1,"affected","none_yet",null]]\n');

    // The vendor has a fix now.
    const tracker = 'mirror/security-tracker.debian.org/tracker/data/json';
    machine.does(
      `jq '.curl["CVE-2025-9086"].releases.bookworm |= (.status = "resolved" | .fixed_version = "7.88.1-10+deb12u15")' ${tracker} > edited && mv edited ${tracker}`,
    );
    night('2026-10-08', 'second');
    writeRoot(machine, installed('curl', '7.88.1-10+deb12u15'));
    night('2026-10-15', 'third');

    evidence('again', '--as-of 2026-10-01');
    machine.does('cmp then.json again.json && cmp then.html again.html');
    evidence('now');
    expect(state('now')).toContain('"available","7.88.1-10+deb12u15"');
    expect(machine.does(`jq -c '[.news[] | [.run, .kind]]' now.json`)).toBe(
      '[[2,"fix_available"],[3,"fixed"]]\n',
    );

    // The feed of that night by its digest, made again of the documents that were kept, and what it says of the package of then.
    const feedOf = machine.does(`jq -r '.nights[0].feed.digest' then.json`).trim();
    machine.does('scapfeed validate first --rebuild --snapshots snapshots');
    expect(`sha256:${machine.does('sha256sum first/manifest.json').slice(0, 64)}`).toBe(feedOf);
    writeRoot(machine, oldCurl);
    const explained = machine.does('scapfeed explain dir:root CVE-2025-9086 curl --feed first --max-age 0');
    expect(explained).toContain('debian-tracker');
    expect(explained).toContain('affected');
  });
});
