import { parseCommand } from '../../src/cli/command.ts';
import { fleetServe } from '../../src/cli/commands/fleet/serve.ts';
import { harborTools } from '../../src/cli/harbor/harbor-tools.ts';
import { Queue } from '../../src/fleet/queue/queue.ts';
import { HarborScans } from '../../src/fleet/serve/harbor/scans.ts';
import { file } from '../image/support/make-tar.ts';
import { quiet } from './fleet.ts';
import { newFleetServer } from './fleet-server.ts';
import { bookworm, bullseye, writeSmallFeed } from './small-feed.ts';
import { temporaryFolder } from './temporary.ts';

export const bookwormRelease =
  'PRETTY_NAME="Debian 12"\nID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n';
const status =
  'Package: a\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0-1\nDescription: a\n\n' +
  'Package: b\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2.0-1\nDescription: b\n\n';

/** A small image of Debian 12, or of another release. */
export const harborImage = (os = bookwormRelease) => ({
  layers: [[file('etc/os-release', os), file('var/lib/dpkg/status', status)]],
});

/** A feed with two flaws of that image. */
export const harborFeed = () =>
  writeSmallFeed(
    [
      {
        platform: bookworm,
        statements: [
          { vulnerability: 'CVE-2026-0001', package: 'a', status: 'fixed', fixed: '1.0-2', severity: 'high' },
          {
            ...{ vulnerability: 'CVE-2026-0002', package: 'b', status: 'affected' },
            ...{ fixState: 'will_not_fix', severity: 'negligible' },
          },
        ],
        vulnerabilities: [{ id: 'CVE-2026-0001', description: 'A flaw of a.' }],
      },
      {
        platform: bullseye,
        statements: [{ vulnerability: 'CVE-2026-0003', package: 'c', status: 'not_affected' }],
      },
    ],
    undefined,
    [
      {
        id: 'CVE-2026-0001',
        ratings: [
          {
            source: 'nvd',
            version: '3.1',
            score: 7.5,
            vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N',
          },
        ],
        cwe: ['CWE-79'],
      },
    ],
  );

/** The server of a fleet that answers Harbor, and Harbor's registration of it. */
export async function openHarbor(options: readonly string[]) {
  const given = parseCommand(fleetServe, ['--harbor', '--max-age', '0', ...options])!.options;
  const logged: string[] = [];
  const cache = temporaryFolder('harbor-cache');
  const terminal = {
    ...quiet,
    env: { ...quiet.env, XDG_CACHE_HOME: cache },
    err: (text: string) => void logged.push(text),
  };
  const stop = new AbortController();
  let kept: Promise<void> = Promise.resolve();
  let queue: Queue | undefined;
  const server = await newFleetServer({
    async before(context) {
      const { database } = context;
      queue = await Queue.open(database, (error) => logged.push(error.message));
      const tools = harborTools(given, terminal, { schedule: undefined, pulls: false });
      const scans = await HarborScans.open({
        database,
        queue,
        tools,
        now: () => new Date(),
        warn: terminal.err,
      });
      context.harbor = { tools, scans };
      kept = scans.keep(stop.signal);
    },
  });
  const token = await server.token('write');
  const auth = { authorization: `Bearer ${token}` };
  return {
    server,
    logged,
    cache,
    token,
    registration: { url: server.origin, auth },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await kept;
      await server.context.harbor!.scans.close();
      await queue!.stop();
      await server[Symbol.asyncDispose]();
    },
  };
}
