import { createHash } from 'node:crypto';
import { appendFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { zstdStored } from '../../../../scripts/zstd-stored.mjs';
import { majorsOf, redHatDefinition } from '../../../../src/distros/redhat/definition.ts';
import { readDocument, readerVersion } from '../../../../src/distros/redhat/document.ts';
import { readRedHat } from '../../../../src/distros/redhat/read.ts';
import type { Tree } from '../../../../src/distros/redhat/record.ts';
import { Assembly } from '../../../../src/distros/redhat/settle/assembly.ts';
import { Collector } from '../../../../src/feed/compile/index.ts';
import {
  openSnapshotStore,
  type SetDocument,
  type SnapshotStore,
} from '../../../../src/sources/snapshots.ts';
import { bodyOf } from '../../../support/sources.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { erratum, feedVex, legacyVex, type Said, type Saying } from '../support.ts';
import { tarOf } from '../tree-server.ts';

type Documents = Record<string, string>;

/** A tree as the store has it: the archive, and what came after it (undefined: gone). */
interface TreeState {
  archived: Documents;
  later: Record<string, string | undefined>;
}

type State = Partial<Record<Tree, TreeState>>;

const broken = '{"document": "torn';

async function store(state: State, into: SnapshotStore): Promise<void> {
  for (const [tree, { archived, later }] of Object.entries(state)) {
    const origin = { source: 'redhat', url: `https://redhat.test/${tree}/csaf_2026-05-01.tar.zst` };
    await into.save({ ...origin, id: `${tree}-archive` }, bodyOf(zstdStored(tarOf(archived))));
    const set: SetDocument[] = [];
    for (const [name, text = ''] of Object.entries(later))
      set.push({ name, ...(await into.put(bodyOf(text))) });
    await into.saveSet({ ...origin, id: tree }, set);
  }
}

async function built(into: SnapshotStore): Promise<unknown> {
  const collector = new Collector('redhat');
  await readRedHat(await into.list('redhat'), into, collector, { ...redHatDefinition, maps: {} });
  return plain(collector);
}

/** Expected result of a build of these documents, joined without any archive: all documents at once. */
function joined(state: State): ReturnType<typeof plain> {
  const collector = new Collector('redhat');
  const assembly = new Assembly(collector, redHatDefinition);
  for (const tree of ['redhat-vex', 'redhat-vex-feed', 'redhat-advisories'] as const) {
    const { archived, later } = state[tree] ?? { archived: {}, later: {} };
    for (const [path, text] of Object.entries({ ...archived, ...later })) {
      const stands = text === broken ? archived[path] : text;
      if (text === broken) collector.ledger.drop('document_malformed', '');
      if (stands !== undefined)
        assembly.add(
          readDocument(Buffer.from(stands), tree, path, majorsOf(redHatDefinition)),
          stands !== text,
        );
    }
  }
  assembly.finish();
  return plain(collector);
}

/** All that a collector holds, in an order of its own. */
function plain(collector: Collector) {
  const sorted = <T>(entries: Iterable<[string, T]>) => [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  const { ledger, vulnerabilities, advisories } = collector;
  const findings = ledger.findings().map(({ reason, dropped, count, examples }) => {
    const shown = reason === 'document_malformed' ? [] : examples;
    return { reason, dropped, count, shown };
  });
  return {
    platforms: sorted(collector.platforms.map((each) => [each.platform.id, each])).map(([id, each]) => ({
      id,
      inputs: each.data.inputs,
      binaries: sorted(each.data.binaries ?? []),
      packages: sorted(each.packages).map(([name, claims]) => [
        name,
        sorted(claims).map(([claim, ids]) => [claim, [...ids].sort()]),
      ]),
    })),
    vulnerabilities: sorted(vulnerabilities),
    advisories: sorted(advisories),
    account: [ledger.records, ledger.used],
    findings,
  };
}

function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
}

type Pick = <T>(...choices: T[]) => T;

/** Products that meet each other's: streams, modules told and not told, containers, binaries beside their source. */
function saying(pick: Pick): Saying {
  const release = pick(1, 2, 3);
  const fixes: Said[] = [
    {
      on: pick('BaseOS-9.2.0.Z.MAIN.EUS', 'BaseOS-9.4.0.Z.MAIN.EUS', 'BaseOS-9.2.0.Z.EUS'),
      packages: [`gnutls-0:3.8.${release}-4.el9_4`, `gnutls-dane-0:3.8.${pick(1, 2)}-4.el9_4`],
      advisory: `RHSA-2024:100${release}`,
    },
    {
      on: 'AppStream-8.8.0.Z.MAIN.EUS',
      packages: [`ruby-0:2.${release}-1.module+el8.8.0+1707${release}+aaaceaa4`],
      advisory: `RHSA-2024:200${release}`,
      ...pick({ module: `ruby:2.${release}` }, {}),
    },
    { on: '7Server-ELS', packages: [`firefox-0:1${release}-1.el7`], advisory: 'RHSA-2024:3000' },
  ];
  const containers = [1, 2, 3, 4].map(
    (n) => `pkg:oci/part${n}?repository_url=registry.redhat.io/openshift4/part${n}`,
  );
  const open: Said[] = [
    {
      on: pick('red_hat_enterprise_linux_9', 'BaseOS-9.4.0.Z.MAIN.EUS'),
      packages: ['gnutls', pick('vim', 'gnutls-dane')],
      state: pick('Affected', 'Will not fix'),
    },
    { on: '9Base-RHOSE-4.16', packages: containers.slice(pick(0, 1, 2)), arch: [''] },
  ];
  return {
    fixed: fixes.filter(() => pick(true, false)),
    known_affected: open.filter(() => pick(true, false)),
    known_not_affected: [
      { on: '9Base-RHOSE-4.16', packages: containers.slice(0, pick(1, 2, 3)), arch: [''] },
      { on: 'red_hat_enterprise_linux_8', packages: [pick('gnutls', 'ruby')] },
    ],
    updated: `2026-05-0${pick(1, 2, 3)}T00:00:00+00:00`,
    severity: pick('Moderate', 'Important'),
  };
}

function documents(tree: Tree, pick: Pick): Documents {
  const made: Documents = {};
  for (let number = 1; number <= 6; number++) {
    if (pick(true, true, false)) continue;
    const cve = (at: number) => `CVE-2024-000${at}`;
    const [path, document] =
      tree === 'redhat-advisories'
        ? [
            `2024/rhsa-2024_100${number}.json`,
            erratum(`RHSA-2024:100${number}`, {
              [cve(pick(1, 2, 3))]: saying(pick),
              [cve(pick(4, 5, 6))]: saying(pick),
            }),
          ]
        : [
            `2024/cve-2024-000${number}.json`,
            (tree === 'redhat-vex' ? legacyVex : feedVex)(cve(number), saying(pick)),
          ];
    made[path] = JSON.stringify(document);
  }
  return made;
}

function randomState(seed: number): State {
  const below = numbers(seed);
  const pick: Pick = (...choices) => choices[below(choices.length)]!;
  const trees: Tree[] = ['redhat-vex', 'redhat-vex-feed', 'redhat-advisories'];
  return Object.fromEntries(
    trees.map((tree) => {
      const archived = documents(tree, pick);
      const changed = documents(tree, pick);
      const lost = Object.keys(archived).filter(() => pick(true, false, false));
      const later = {
        ...changed,
        ...Object.fromEntries(lost.map((path) => [path, pick(undefined, broken)])),
      };
      return [tree, { archived, later }];
    }),
  );
}

describe('what is kept of archives', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])(
    'night %i: the same as all documents joined at once, with and without kept files',
    async (seed) => {
      const state = randomState(seed);
      const kept = openSnapshotStore(temporaryFolder());
      const before = Object.entries(state).map(([tree, { archived }]) => [tree, { archived, later: {} }]);
      await store(Object.fromEntries(before), kept);
      await built(kept);
      await store(state, kept);
      const fresh = openSnapshotStore(temporaryFolder());
      await store(state, fresh);

      const expected = joined(state);
      expect(await built(fresh)).toEqual(expected);
      expect(await built(kept)).toEqual(expected);
      expect(await built(kept)).toEqual(expected);
    },
  );

  it('those nights have contradictions, modules told elsewhere and documents that are torn', () => {
    const reasons = Array.from({ length: 12 }, (_, at) => joined(randomState(at + 1)).findings).flat();
    expect(new Set(reasons.map(({ reason }) => reason))).toEqual(
      new Set([
        'affected_beside_fix',
        'base_inferred',
        'contradicted',
        'document_malformed',
        'module_inferred',
        'older_fix_in_stream',
        'said_by_vex',
        'trees_disagree',
      ]),
    );
  });

  const spoilings: [string, (path: string, content: Buffer) => void][] = [
    ['empty', (path) => truncateSync(path, 0)],
    ['cut off', (path, content) => truncateSync(path, content.length >> 1)],
    ['longer', (path) => appendFileSync(path, '\n')],
    [
      'of other content that reads as well',
      (path, content) => writeFileSync(path, content.toString().replaceAll('gnutls', 'gnutlz')),
    ],
  ];
  it.each(spoilings)('a kept file that is %s is made again', async (_, spoil) => {
    const state = randomState(3);
    const folder = temporaryFolder();
    const kept = openSnapshotStore(folder);
    await store(state, kept);
    const expected = await built(kept);
    const names = readdirSync(join(folder, 'cache')).filter((name) => /\.(records|settled)$/.test(name));
    expect(names).toHaveLength(4);
    for (const name of names) {
      const path = join(folder, 'cache', name);
      const content = readFileSync(path);
      spoil(path, content);
      expect(await built(kept)).toEqual(expected);
      expect(readFileSync(path).equals(content)).toBe(true);
    }
  });

  it('of an earlier archive goes when the next one is read', async () => {
    const folder = temporaryFolder();
    const kept = openSnapshotStore(folder);
    for (const seed of [3, 4]) {
      await store(randomState(seed), kept);
      await built(kept);
    }
    expect(readdirSync(join(folder, 'cache'))).toHaveLength(7);
  });
});

/** Result of reading and settling fixed documents: when it changes, files kept by an earlier reader must not be read. */
it('readerVersion is raised with every change of what documents are read as', async () => {
  const state = randomState(7);
  const kept = openSnapshotStore(temporaryFolder());
  await store(state, kept);
  const digest = createHash('sha256')
    .update(JSON.stringify(await built(kept)))
    .digest('hex');
  expect({ readerVersion, digest: digest.slice(0, 16) }).toEqual({
    readerVersion: 6,
    digest: '4030ff4d49c7b20d',
  });
});
