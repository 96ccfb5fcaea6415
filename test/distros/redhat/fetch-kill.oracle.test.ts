import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { runProcess } from '../../publish/support/cli.ts';
import { type Behaviour, serve } from '../../support/http-server.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { shareOf } from '../../support/trials.ts';
import { legacyVex } from './support.ts';
import { type TreeState, treeFiles, treePath, withEtag } from './tree-server.ts';

/** Moments at which a run is killed, evenly over its time: a share of two hundred. */
const all = 200;
const chosen = shareOf(all, 2);

const place = '/security.access.redhat.com/data/csaf/v2/vex/';

function document(number: number, release: number): string {
  const packages = [`pkg${number}-0:1.0-${release}.el9`];
  const fixed = [{ on: 'BaseOS-9.4.0.Z.MAIN.EUS', packages, advisory: `RHSA-2024:${1000 + number}` }];
  return JSON.stringify(legacyVex(`CVE-2024-${1000 + number}`, { fixed }));
}

const path = (number: number) => `2024/cve-2024-${1000 + number}.json`;
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);

/** Thirty documents in the archive, as many changed since, some of them deleted again. */
const state: TreeState = {
  archiveDay: '2026-05-01',
  archived: Object.fromEntries(numbers(0, 30).map((at) => [path(at), document(at, 1)])),
  changed: Object.fromEntries(
    numbers(20, 60).map((at) => [
      path(at),
      { text: document(at, 2), time: `2026-05-02T10:${String(at).padStart(2, '0')}:00+00:00` },
    ]),
  ),
  deleted: { [path(3)]: '2026-05-03T00:00:00+00:00', [path(45)]: '2026-05-03T00:00:01+00:00' },
};

/** A slow server that now and then hangs up in the middle of a document, and one whose document is gone already. */
async function slowServer(asked: () => void) {
  const files = await treeFiles(state);
  const behaviours: Record<string, Behaviour> = {};
  for (const [name, content] of Object.entries(files)) {
    if (name.endsWith('.asc')) continue;
    const good = withEtag(content);
    behaviours[place + name.slice(treePath.length)] = async (request, response, count) => {
      asked();
      await sleep(8);
      if (!name.endsWith(path(33)) || count % 2 === 0) return good(request, response, count);
      response.writeHead(200, { 'content-length': content.length }).write(content.subarray(0, 100));
      response.destroy();
    };
  }
  behaviours[place + path(51)] = (_, response) => response.writeHead(404).end();
  return serve(behaviours);
}

it('a fetch that is killed goes on where it was: the same snapshots and the same feed', {
  timeout: 150_000 + 20_000 * chosen.length,
}, async () => {
  let asked = () => {};
  await using server = await slowServer(() => asked());
  const run = (folder: string, killAfter?: number | AbortSignal) => {
    const options = [
      '--mirror',
      server.origin,
      '--unsigned-mirror',
      '--snapshots',
      join(folder, 'snapshots'),
      '--no-oval',
    ];
    return runProcess(['build', '--source', 'redhat', ...options, '--out', join(folder, 'out')], {
      killAfter,
    });
  };
  const undisturbed = temporaryFolder();
  const whole = await run(undisturbed);
  expect(whole.code, whole.err).toBe(0);
  const requests = server.requests.length;
  let killed = 0;
  let spared = 0;
  // Half of the moments by the clock, half by requests: these are in the middle of the fetch whatever else the machine does.
  for (const [at, place] of chosen.entries()) {
    const moment = (place + 0.5) / all;
    const folder = temporaryFolder();
    const cut = new AbortController();
    let left = Math.ceil(moment * requests);
    asked = () => --left === 0 && cut.abort();
    const first = await run(folder, at % 2 === 0 ? moment * whole.milliseconds : cut.signal);
    asked = () => {};
    if (first.signal === 'SIGKILL') killed += 1;
    const before = server.requests.length;
    const again = await run(folder);
    expect(again.code, again.err).toBe(0);
    if (server.requests.length - before < requests) spared += 1;
    expect(readFileSync(join(folder, 'out/manifest.json'), 'utf8')).toBe(
      readFileSync(join(undisturbed, 'out/manifest.json'), 'utf8'),
    );
    expect(indexOf(folder)).toEqual(indexOf(undisturbed));
    expect(stored(folder)).toEqual(stored(undisturbed));
    rmSync(folder, { recursive: true });
  }
  expect(killed).toBeGreaterThan(0);
  // Documents fetched before the kill are not fetched again.
  expect(spared).toBeGreaterThan(0);
});

/** The snapshots that are current, but for when they came. */
function indexOf(folder: string): unknown {
  const text = readFileSync(join(folder, 'snapshots/redhat.json'), 'utf8');
  return JSON.parse(text, (key, value) => (key === 'fetched' ? undefined : value));
}

/** Every file of a store, cached ones too: nothing half-written is left by a run that ended well. */
function stored(folder: string): string[] {
  const root = join(folder, 'snapshots');
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  return (
    entries
      .filter((entry) => entry.isFile())
      // Records about a feed are kept under the address of its folder, which differs.
      .map(({ parentPath, name }) =>
        join(parentPath, name)
          .slice(root.length)
          .replace(/built-\w+/, 'built'),
      )
      .sort()
  );
}
