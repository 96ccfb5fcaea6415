import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createHttp } from '../../../src/io/http/create-http.ts';
import { Ledger, type Roster } from '../../../src/model/feed/index.ts';
import { fetchRepositories } from '../../../src/sources/repodata/fetch.ts';
import { repositoriesOf } from '../../../src/sources/repodata/repository.ts';
import { readRepositories } from '../../../src/sources/repodata/roster.ts';
import { openSnapshotStore } from '../../../src/sources/snapshots.ts';
import { hasOracle } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';

/** Packages as vendors have them: an epoch of one binary only, a version of its own, a module's release, marks of rpm. */
const specs = {
  bash: `Name: bash
Version: 5.1.8
Release: 9.el9
Summary: A shell & more
License: MIT
BuildArch: noarch
%package doc
Summary: its pages
%package static
Summary: with an epoch of its own
Epoch: 4
Version: 9.9~rc1
%description
%description doc
%description static
%files
%files doc
%files static`,
  nodejs: `Name: nodejs
Epoch: 1
Version: 18.17.1
Release: 1.module+el9.2.0+36+853e48f5
Summary: "modular" <packages>
License: MIT
BuildArch: noarch
%description
%files`,
  'gtk2+extra-7': `Name: gtk2+extra-7
Version: 3.0+git.12.abc~1
Release: 150600.3.9.1
Summary: ä ö ü
License: MIT
BuildArch: noarch
%package -n libgtk-extra
Summary: another name
%description
%description -n libgtk-extra
%files
%files -n libgtk-extra`,
} as const;

const packages = temporaryFolder('rpms');
const canMake = hasOracle('rpmbuild', 'rpm', 'createrepo_c', 'xz');

describe.skipIf(!canMake)('repositories that createrepo_c made of rpms', () => {
  beforeAll(() => {
    for (const [name, text] of Object.entries(specs)) {
      const top = temporaryFolder('rpmbuild');
      mkdirSync(join(top, 'SPECS'));
      const spec = join(top, 'SPECS', `${name}.spec`);
      writeFileSync(spec, `${text}\n`);
      const defines = [`_topdir ${top}`, `_rpmdir ${packages}`, `_srcrpmdir ${packages}/src`];
      execFileSync('rpmbuild', ['-ba', ...defines.flatMap((define) => ['--define', define]), spec], {
        stdio: 'pipe',
      });
    }
  });

  /** Each package as rpm prints it; a source package has no source. */
  function toldByRpm(): string[] {
    const files = readdirSync(packages, { recursive: true, encoding: 'utf8' }).filter((path) =>
      path.endsWith('.rpm'),
    );
    const format = '%{SOURCERPM} %{NAME}-%{VERSION}-%{RELEASE}.src.rpm\n';
    const told = execFileSync('rpm', ['-qp', '--qf', format, ...files.map((path) => join(packages, path))], {
      encoding: 'utf8',
    });
    const sources = told
      .trim()
      .split('\n')
      .map((line) => line.split(' '))
      .map(([source, own]) => (source === '(none)' ? own! : source!));
    return [...new Set(sources)].sort();
  }

  const rosterLines = (roster: Roster) =>
    [...roster]
      .flatMap(([name, { builds = [] }]) => builds.map((build) => `${name}-${build}.src.rpm`))
      .sort();

  it.each(['gz', 'xz', 'zstd', 'bz2'])(
    'ship what rpm says their packages were built from: %s',
    async (compression) => {
      const mirror = temporaryFolder();
      const folder = join(mirror, 'example.org/9/BaseOS/x86_64/os');
      mkdirSync(folder, { recursive: true });
      execFileSync('cp', ['-r', packages, join(folder, 'Packages')]);
      execFileSync('createrepo_c', ['--general-compress-type', compression, folder], { stdio: 'pipe' });
      const href = /href="(repodata\/[^"]+-primary\.xml[^"]*)"/.exec(
        readFileSync(join(folder, 'repodata/repomd.xml'), 'utf8'),
      )?.[1];
      expect(href).toMatch(new RegExp(`\\.${compression === 'zstd' ? 'zst' : compression}$`));
      const wanted = repositoriesOf('test', {
        packages: 'https://example.org',
        repositories: ['9/BaseOS/x86_64/os'],
      });
      const http = createHttp({ mirror });
      const store = openSnapshotStore(temporaryFolder());
      const told: string[] = [];
      const context = { http, store, now: new Date(), progress: (text: string) => void told.push(text) };
      const snapshots = await fetchRepositories(context, wanted);
      await http.close();
      const ledger = new Ledger('test');
      const { roster } = await readRepositories(wanted, snapshots, store, ledger, 'test');

      expect([ledger.findings(), told.filter((text) => text.includes('expected'))]).toEqual([[], []]);
      expect(rosterLines(roster!)).toEqual(toldByRpm());
      expect(rosterLines(roster!)).toContain('gtk2+extra-7-3.0+git.12.abc~1-150600.3.9.1.src.rpm');
    },
  );
});
