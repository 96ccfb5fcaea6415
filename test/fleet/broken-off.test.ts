import { expect, it } from 'vitest';
import { parseCommand } from '../../src/cli/command.ts';
import { fleetRun } from '../../src/cli/commands/fleet/run.ts';
import { fleetTools } from '../../src/cli/fleet-tools.ts';
import { openChosenFeed } from '../../src/cli/options/feed-choice.ts';
import { runChoice } from '../../src/cli/options/fleet-run.ts';
import { openFleet } from '../../src/fleet/open-fleet.ts';
import { runFleet } from '../../src/fleet/run.ts';
import type { Platform } from '../../src/model/feed/index.ts';
import { rootWith, stanza } from '../support/cli.ts';
import { addImages, newEmbedded, night, quiet } from '../support/fleet.ts';
import { expectScans } from '../support/fleet-equals-scan.ts';
import { trixie, writeSmallFeed } from '../support/small-feed.ts';

const sid: Platform = {
  id: 'debian-sid',
  name: 'Debian GNU/Linux unstable (sid)',
  aliases: ['sid'],
  os: { id: 'debian', codename: 'sid' },
  packaging: 'deb',
  life: [],
};

const flawOf = (name: string) =>
  [
    { vulnerability: 'CVE-2024-0001', package: name, status: 'fixed', fixed: '1.9', severity: 'high' },
  ] as const;

/** A run by a feed that dies when it begins to judge: what it decided of systems is in the store already. */
async function breakOff(place: string, feedFolder: string): Promise<void> {
  const given = parseCommand(fleetRun, ['--max-age', '0'])!.options;
  const feed = openChosenFeed(feedFolder, {});
  const fleet = await openFleet(place, feed, {
    ...fleetTools('fleet run', given, quiet, given),
    progress(step) {
      if (step === 'judging packages') throw new Error('died');
    },
  });
  await expect(runFleet(fleet, runChoice(given), { signed: false })).rejects.toThrow('died');
  await fleet.close();
  feed.close();
}

it('systems for which a run chose another platform before it was broken off are judged by the next one', async () => {
  const image = `dir:${rootWith({
    'etc/os-release': 'ID=debian\nVERSION_CODENAME=trixie\n',
    'etc/apt/sources.list': 'deb http://mirror.example/debian sid main\n',
    'var/lib/dpkg/status': stanza('a', '1.5'),
  })}`;
  const testing = { platform: trixie, statements: flawOf('a') };
  const both = writeSmallFeed([testing, { platform: sid, statements: flawOf('b') }]);
  // The image's platform is gone. That of testing, which judges it now, did not change, and the other never named the package.
  const one = writeSmallFeed([testing]);
  const place = await newEmbedded();
  await addImages(place, [image]);
  await night(place, both, [], (fleet) => expectScans(fleet, [image]));
  await breakOff(place, one);
  const { news } = await night(place, one, [], (fleet) => expectScans(fleet, [image]));
  expect(news.map(({ kind, vulnerability }) => [kind, vulnerability])).toEqual([['new', 'CVE-2024-0001']]);
}, 60_000);
