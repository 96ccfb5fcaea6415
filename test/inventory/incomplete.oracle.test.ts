import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readInventory } from '../../src/inventory/index.ts';
import { ScapfeedError } from '../../src/model/error.ts';
import { dataPath, hasData } from '../support/data.ts';
import { memoryView } from '../support/memory-view.ts';
import { hasOracle } from '../support/oracles.ts';
import { rpmHeader } from '../support/rpm-header.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { share } from '../support/trials.ts';

/** A list that is shorter than its database is an error or says so, wherever the packager's own tools see damage. */
let folder: string;
beforeAll(() => {
  folder = temporaryFolder('incomplete');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function reading(path: string, content: Buffer): { packages: number; silent: boolean } {
  try {
    const { packages, databases } = readInventory(memoryView({ [path]: content }));
    return { packages: packages.length, silent: databases.every(({ incomplete }) => !incomplete) };
  } catch (error) {
    if (error instanceof ScapfeedError) return { packages: 0, silent: false };
    throw error;
  }
}

const pageSize = 4096;

describe.skipIf(!hasData('rpm') || !hasOracle('db5.3_load', 'rpm'))(
  'Berkeley DB, as db_verify judges it',
  () => {
    test.each(['edge-bdb-inline', 'synth/centos8-bdb'])('%s with a hash page overwritten', (name) => {
      const good = readFileSync(dataPath('rpm', name, 'Packages'));
      const path = '/var/lib/rpm/Packages';
      const whole = reading(path, good);
      expect(whole.silent).toBe(true);
      expect(verifies(good)).toBe(true);
      let losses = 0;
      const pages = Array.from({ length: good.length / pageSize - 1 }, (_, at) => (at + 1) * pageSize);
      const hashPages = pages.filter((at) => good[at + 25] === 13);
      for (const at of share(hashPages, 30)) {
        const bytes = Buffer.from(good);
        bytes.fill(0, at, at + pageSize);
        if (verifies(bytes)) continue;
        losses += 1;
        expect({ at, ...reading(path, bytes) }).toMatchObject({ at, silent: false });
      }
      expect(losses).toBeGreaterThan(15);
    });

    test('rpm itself is silent about a page that was overwritten', () => {
      const good = readFileSync(dataPath('rpm', 'edge-bdb-inline', 'Packages'));
      const at = [...Array(good.length / pageSize).keys()].findLast(
        (page) => good[page * pageSize + 25] === 13,
      )!;
      const bytes = Buffer.from(good);
      bytes.fill(0, at * pageSize, (at + 1) * pageSize);
      const database = join(folder, 'rpm');
      mkdirSync(database);
      writeFileSync(join(database, 'Packages'), bytes);
      const args = ['--dbpath', database, '-qa', '--nosignature', '--nodigest'];
      const { status, stdout } = spawnSync('rpm', args, { encoding: 'utf8' });
      const found = reading('/var/lib/rpm/Packages', bytes);

      expect(status).toBe(0);
      expect(stdout.trim().split('\n')).toHaveLength(found.packages);
      expect(found.silent).toBe(false);
    });

    function verifies(bytes: Buffer): boolean {
      const file = join(folder, 'Packages');
      writeFileSync(file, bytes);
      return spawnSync('db5.3_verify', ['-q', file], { stdio: 'ignore' }).status === 0;
    }
  },
);

describe.skipIf(!hasData('rpm') || !hasOracle('sqlite3'))('sqlite', () => {
  test.each(['hist-sqlite-a', 'cbl-mariner-2.0'])('%s without a row that the index by name lists', (name) => {
    const good = readFileSync(dataPath('rpm', name, 'rpmdb.sqlite'));
    const path = '/var/lib/rpm/rpmdb.sqlite';
    const file = join(folder, `${name}.sqlite`);
    writeFileSync(file, good);
    const sql =
      'PRAGMA journal_mode=delete; DELETE FROM Packages WHERE hnum=(SELECT min(hnum) FROM Packages);';
    execFileSync('sqlite3', [file, sql]);
    expect(execFileSync('sqlite3', [file, 'PRAGMA integrity_check'], { encoding: 'utf8' })).toBe('ok\n');

    expect(reading(path, good).silent).toBe(true);
    expect(reading(path, readFileSync(file))).toEqual({
      packages: reading(path, good).packages - 1,
      silent: false,
    });
  });

  test('a database that lost rows and was used on is complete: free blocks, fragments, free pages', () => {
    const file = join(folder, 'used.sqlite');
    const create =
      'PRAGMA page_size=1024; CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL);' +
      'CREATE TABLE Name (key TEXT NOT NULL, hnum INTEGER NOT NULL, idx INTEGER NOT NULL);';
    const rows = Array.from({ length: 400 }, (_, at) => {
      const hex = header(`p${at}`, (at * 37) % 700).toString('hex');
      return `INSERT INTO Packages (hnum, blob) VALUES (${at + 1}, x'${hex}'); INSERT INTO Name VALUES ('p${at}', ${at + 1}, 0);`;
    });
    const change = [3, 5, 7].map(
      (step) =>
        `DELETE FROM Packages WHERE hnum % ${step} = 1; DELETE FROM Name WHERE hnum % ${step} = 1;` +
        rows.map((_, at) => (at % step === 1 ? updated(at + 1, step * 90) : '')).join(''),
    );
    execFileSync('sqlite3', [file], { input: [create, 'BEGIN;', ...rows, 'COMMIT;', ...change].join('\n') });
    const count = Number(
      execFileSync('sqlite3', [file, 'SELECT count(*) FROM Packages'], { encoding: 'utf8' }),
    );
    const { databases, notes } = readInventory(
      memoryView({ '/var/lib/rpm/rpmdb.sqlite': readFileSync(file) }),
    );

    expect(databases).toEqual([{ kind: 'rpm-sqlite', path: '/var/lib/rpm/rpmdb.sqlite', packages: count }]);
    expect(notes).toEqual([]);
  });
});

describe.skipIf(!hasOracle('dpkg-query'))('dpkg, as dpkg-query judges it', () => {
  const names = ['adduser', 'base-files', 'libc6', 'zlib1g'];
  const good = Buffer.from(
    names
      .map(
        (name, at) =>
          `Package: ${name}\nStatus: install ok installed\nPriority: optional\nInstalled-Size: 1${at}\nMaintainer: x <x@y>\n` +
          `Architecture: amd64\nSource: src-${name}\nVersion: 1.${at}-1\nDepends: libc6 (>= 2.36)\nDescription: of ${name}\n more\n .\n end\n\n`,
      )
      .join(''),
  );

  test('one byte changed: never fewer packages than before without a word, never more than dpkg-query lists', () => {
    const database = join(folder, 'dpkg');
    mkdirSync(join(database, 'updates'), { recursive: true });
    mkdirSync(join(database, 'info'));
    writeFileSync(join(database, 'info/format'), '1\n');
    let refused = 0;
    for (let at = 0; at < good.length; at += 1) {
      const bytes = Buffer.from(good);
      bytes[at] = [0, 10, 32, 35, 58, 255, 13, 9][at % 8]!;
      const found = reading('/var/lib/dpkg/status', bytes);
      if (found.silent) expect({ at, ...found }).toMatchObject({ at, packages: names.length });
      if (at % 5 !== 0) continue;
      writeFileSync(join(database, 'status'), bytes);
      const query = ['--admindir', database, '-W'];
      const { status, stdout } = spawnSync('dpkg-query', query, { encoding: 'latin1' });
      refused += status === 0 ? 0 : 1;
      if (status === 0 && found.silent) expect(stdout.split('\n').length - 1).toBe(found.packages);
    }
    expect(refused).toBeGreaterThan(20);
  });
});

function updated(hnum: number, padding: number): string {
  const hex = header(`updated${hnum}`, padding).toString('hex');
  return `UPDATE Packages SET blob = x'${hex}' WHERE hnum = ${hnum};`;
}

function header(name: string, padding: number): Buffer {
  return rpmHeader({ name, version: '1', release: String(padding), padding });
}
