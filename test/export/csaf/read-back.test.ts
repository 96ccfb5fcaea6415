import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { csafTarget } from '../../../src/export/csaf/write-csaf.ts';
import { replaceExports } from '../../../src/export/write-exports.ts';
import { shardLines } from '../../../src/feed/read/whole-file.ts';
import { readInventory } from '../../../src/inventory/index.ts';
import { type Feed, matchInventory, openFeed } from '../../../src/runtime/node.ts';
import { applyVex } from '../../../src/vex/apply.ts';
import { readVexPlace } from '../../../src/vex/read-vex.ts';
import type { VexDocument } from '../../../src/vex/statement.ts';
import { alpineTrial } from '../../prove/alpine-trials.ts';
import { compileTrial, writeRoot } from '../../prove/compare.ts';
import { debianTrial, ubuntuTrial } from '../../prove/dpkg-trials.ts';
import type { Trial } from '../../prove/trial.ts';
import { dirView } from '../../support/dir-view.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const size = { packages: 60, flawsPerPackage: 12 };

async function exported(
  trial: Trial,
): Promise<{ feed: Feed; documents: readonly VexDocument[]; root: string }> {
  const work = temporaryFolder();
  const [root, out] = [join(work, 'root'), join(work, 'exports')];
  writeRoot(root, trial);
  compileTrial(trial, join(work, 'feed'));
  const feed = openFeed(join(work, 'feed'));
  await replaceExports(out, { feed, targets: [csafTarget], toolVersion: '0.0.0', progress: () => undefined });
  const { documents, skipped } = await readVexPlace(join(out, 'csaf', trial.platform.os.id));
  expect(skipped).toEqual([]);
  return { feed, documents, root };
}

/** Statements of the documents: id, system, package, status, and the version that it depends on. */
function* statementsOf(documents: readonly VexDocument[]): Generator<string> {
  for (const { statements } of documents) {
    for (const { vulnerabilities, status, targets } of statements) {
      for (const { product, inside } of targets) {
        const [, name, version = '', distro] =
          /^pkg:(?:apk|deb)\/[a-z]+\/([^@?]+)(?:@([^?]+))?\?arch=source(?:&distro=(.*))?$/.exec(
            product.ids[0]!,
          )!;
        const [rule] = product.versions ?? [];
        const below = rule && 'range' in rule ? rule.range.replace(/vers:[a-z]+\//, '') : '';
        const system = distro ?? inside!.name!;
        yield [vulnerabilities[0], system, name, status, decodeURIComponent(version) || below].join(' ');
      }
    }
  }
}

/** The same from the index. */
function* claimsOf(feed: Feed, { platform }: Trial): Generator<string> {
  const { id, name: title } = platform;
  for (const { package: name, claims } of shardLines(feed, id)) {
    for (const { ids, status, fixed, channelFix, channel } of claims) {
      const system = channel === undefined ? id : `${title}, ${channel}`;
      for (const cve of ids) {
        const about = [cve, system, encodeURIComponent(name)];
        if (fixed !== undefined) {
          yield [...about, 'affected', `<${fixed}`].join(' ');
          yield [...about, 'fixed', fixed].join(' ');
        } else yield [...about, status, channelFix === undefined ? '' : `<${channelFix}`].join(' ');
      }
    }
  }
}

describe.each([
  ['Debian', debianTrial(1, size)],
  ['Ubuntu', ubuntuTrial(1, size)],
  ['Alpine', alpineTrial(1, size)],
])('CSAF documents of %s', (_, trial) => {
  test('are read back as the statements that they were made from', async () => {
    const { feed, documents } = await exported(trial);

    const expected = [...new Set(claimsOf(feed, trial))].sort();
    expect([...new Set(statementsOf(documents))].sort()).toEqual(expected);
    expect(expected.length).toBeGreaterThan(700);
    feed.close();
  });

  test('clear what the index clears, and nothing that it reports', async () => {
    const { feed, documents, root } = await exported(trial);
    const inventory = readInventory(dirView(root));
    const { verdicts } = matchInventory(feed, feed.shard(trial.platform.id)!, inventory, { all: true });

    const image = { reference: 'image', os: inventory.os };
    const { verdicts: judged } = applyVex(verdicts, documents, image, new Date(feed.manifest.created));

    // A random fix of the archive may have the version of a build of FIPS or ESM, which is judged by its own channel.
    const ordinary = judged.filter(({ package: { source } }) => !/esm|fips|realtime/i.test(source.version));
    const reported = ordinary.filter(({ status }) => /^(affected|under_investigation)$/.test(status));
    expect(reported.length).toBeGreaterThan(100);
    expect(reported.filter(({ ignored }) => ignored)).toEqual([]);
    const cleared = ordinary.filter(
      ({ status, channel, marks }) =>
        status === 'not_affected' && channel === undefined && !marks.includes('judged_by_other_release'),
    );
    expect(cleared.length).toBeGreaterThan(10);
    expect(cleared.filter(({ ignored }) => !ignored)).toEqual([]);
    feed.close();
  });
});
