import { describe, expect, it } from 'vitest';
import {
  debianDefinition,
  indexInputs,
  isEndOfLife,
  platformOf,
} from '../../../src/distros/debian/definition.ts';
import { source as debian } from '../../../src/distros/debian/source.ts';
import { createHttp } from '../../../src/io/http/create-http.ts';
import { openSnapshotStore } from '../../../src/sources/snapshots.ts';
import { collectingSink, findingCounts } from '../../support/sources.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const release = (codename: string) => debianDefinition.releases.find((one) => one.codename === codename)!;

describe('feeds/debian.json', () => {
  it('names archives that are there, and each platform and codename once', () => {
    const { archives, releases } = debianDefinition;
    for (const { archive } of releases.flatMap(({ suites }) => suites))
      expect(archives).toHaveProperty(archive);
    for (const names of [
      releases.map(({ platform }) => platform),
      releases.map(({ codename }) => codename),
    ]) {
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it('has phases in the order they end', () => {
    for (const { life } of debianDefinition.releases) {
      const days = life.map(({ until }) => until);
      expect(days).toEqual([...days].sort());
    }
  });

  it.each([
    { codename: 'buster', day: '2026-11-24', ended: true },
    { codename: 'bullseye', day: '2026-08-31', ended: false },
    { codename: 'bullseye', day: '2026-09-01', ended: true },
    { codename: 'bookworm', day: '2026-11-24', ended: false },
    { codename: 'forky', day: '2099-01-01', ended: false },
    { codename: 'sid', day: '2099-01-01', ended: false },
  ])('$codename on $day has ended: $ended', ({ codename, day, ended }) => {
    expect(isEndOfLife(release(codename), day)).toBe(ended);
  });

  it('testing and sid have no version, as their os-release has none', () => {
    expect(platformOf(release('forky')).os).toEqual({ id: 'debian', codename: 'forky' });
    expect(platformOf(release('sid')).os).toEqual({ id: 'debian', codename: 'sid' });
    expect(platformOf(release('trixie')).os).toEqual({ id: 'debian', version: '13', codename: 'trixie' });
  });

  it('leads to the addresses of the archive, another architecture on demand', () => {
    const inputs = indexInputs(release('trixie'), { ...debianDefinition, architectures: ['amd64', 'arm64'] });

    expect(inputs).toHaveLength(6);
    expect(inputs[5]).toEqual({
      id: 'debian-packages-trixie-security-main-arm64',
      paths: ['main/binary-arm64/Packages.xz', 'main/binary-arm64/Packages.gz'],
      maxBytes: 2 ** 28,
    });
  });
});

describe('feeds/sample', () => {
  it('reads without a malformed record, and has every status', async () => {
    const http = createHttp({ mirror: new URL('../../../feeds/sample', import.meta.url).pathname });
    const store = openSnapshotStore(temporaryFolder());
    const sink = collectingSink('debian');

    await debian.read(
      await debian.fetch({ http, store, now: new Date(), progress: () => {}, unsignedMirror: true }),
      store,
      sink,
    );

    const kinds = new Set(
      sink.statements.map(({ status, fixState, reason }) =>
        [status, fixState, reason].filter(Boolean).join(' '),
      ),
    );
    expect([...kinds].sort()).toEqual([
      'affected end_of_life package',
      'affected fix_deferred',
      'affected none_yet',
      'affected none_yet minor',
      'affected will_not_fix',
      'fixed',
      'not_affected vulnerable_code_not_present',
      'under_investigation nobody_looked',
    ]);
    expect(findingCounts(sink.ledger)).toEqual({
      '-advisory_row_absent': 8,
      '-advisory_without_package': 1,
      release_absent: 5,
    });
    const [bookworm] = sink.platforms.filter(({ platform }) => platform.id === 'debian-12');
    const inRoster = bookworm!.data.roster!;
    const unknown = sink.statements.filter(
      ({ platform, package: name }) => platform === 'debian-12' && !inRoster.has(name),
    );
    expect(unknown.map(({ package: name }) => name)).toEqual([]);
  });
});
