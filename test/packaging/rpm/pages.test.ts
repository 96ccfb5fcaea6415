import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readInventory } from '../../../src/inventory/index.ts';
import { memoryView } from '../../support/memory-view.ts';
import { rpmHeader } from '../../support/rpm-header.ts';
import { rpmSqlite, sqliteWal } from '../../support/rpm-sqlite.ts';

describe('an sqlite database whose pages lie apart', () => {
  const sizes = fc.array(fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 60_000 })), {
    minLength: 1,
    maxLength: 12,
  });
  /** Names the source, which stands behind the padding, on the last page. */
  const headersOf = (bytes: readonly number[]) =>
    bytes.map((padding, at) =>
      rpmHeader({
        ...{ name: `p${at}`, version: '1', release: String(at), arch: 'x', padding },
        sourceRpm: `s${at}-2-${at}.src.rpm`,
      }),
    );
  const namesOf = (bytes: readonly number[]) => bytes.map((_, at) => `p${at} 1-${at} s${at} 2-${at}`).sort();

  /** Numbers from 3 on, in pieces that are in order themselves. */
  const pieces = fc.infiniteStream(fc.tuple(fc.integer({ min: 1, max: 20 }), fc.boolean()));

  function scattered(stream: Iterator<[number, boolean]>): number[] {
    const numbers: number[] = [];
    for (let first = 3; first < 400; ) {
      const [length, before] = stream.next().value as [number, boolean];
      const piece = Array.from({ length }, (_, at) => first + at);
      if (before) numbers.unshift(...piece);
      else numbers.push(...piece);
      first += length;
    }
    return numbers;
  }

  const packages = (database: Buffer, wal?: Buffer) =>
    readInventory(
      memoryView({
        '/var/lib/rpm/rpmdb.sqlite': database,
        ...(wal && { '/var/lib/rpm/rpmdb.sqlite-wal': wal }),
      }),
    )
      .packages.map(({ name, version, source }) => `${name} ${version} ${source.name} ${source.version}`)
      .sort();

  test('has the packages of one in order', () => {
    fc.assert(
      fc.property(sizes, pieces, (bytes, stream) => {
        const headers = headersOf(bytes);
        expect(packages(rpmSqlite(headers))).toEqual(namesOf(bytes));
        expect(packages(rpmSqlite(headers, scattered(stream)))).toEqual(namesOf(bytes));
      }),
      { numRuns: 150 },
    );
  });

  test('has them when any of its pages stand in the log', () => {
    fc.assert(
      fc.property(sizes, fc.array(fc.nat({ max: 400 }), { maxLength: 30 }), (bytes, chosen) => {
        const headers = headersOf(bytes);
        const database = rpmSqlite(headers);
        const pageCount = database.length / 4096;
        const numbers = [...new Set(chosen.map((each) => each % pageCount))];
        const frames = numbers.map((at) => ({
          number: at + 1,
          page: Buffer.from(database.subarray(at * 4096, (at + 1) * 4096)),
        }));
        // Pages in the log are stale in the file. The first one stays: without it, the file is no database.
        for (const at of numbers) if (at > 0) database.fill(0xee, at * 4096, (at + 1) * 4096);
        const wal = frames.length > 0 ? sqliteWal(frames, { pageCount }) : undefined;
        expect(packages(database, wal)).toEqual(namesOf(bytes));
      }),
      { numRuns: 150 },
    );
  });
});
