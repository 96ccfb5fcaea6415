// Packages for systems: the executable, manual pages, completions, systemd units, documents and licences as a .deb and an .rpm.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { commands } from '../../src/cli/commands/index.ts';
import { runtimePackages } from './contents.mjs';
import { description, documents } from './documents.mjs';
import { nodeVersion } from './nodes.mjs';

const maintainer = 'scapfeed maintainers <maintainers@users.noreply.r-seed-04bc7d80.example>';
const summary = "judges container images by vendors' security data, offline";

/** The files of a package by their paths, whatever its kind and architecture, but for the executable. */
export function packageFiles({ licences, date }) {
  const text = (content) => ({ content: Buffer.from(content), mode: 0o644 });
  const written = (...args) =>
    execFileSync(process.execPath, ['dist/cli.cjs', ...args], { encoding: 'utf8' });
  const doc = 'usr/share/doc/scapfeed';
  const files = new Map([
    ['usr/share/bash-completion/completions/scapfeed', text(written('completion', 'bash'))],
    ['usr/share/zsh/vendor-completions/_scapfeed', text(written('completion', 'zsh'))],
    ['usr/share/fish/vendor_completions.d/scapfeed.fish', text(written('completion', 'fish'))],
    [`${doc}/copyright`, text(copyright())],
    [`${doc}/third-party.txt.gz`, { content: packed(licences), mode: 0o644 }],
    ['usr/share/lintian/overrides/scapfeed', text(overrides)],
  ]);
  const page = (name, content) =>
    files.set(`usr/share/man/man1/${name}.1.gz`, { content: packed(content), mode: 0o644 });
  page('scapfeed', written('help', '--man'));
  for (const { name } of commands) page(`scapfeed-${name}`, written('help', name, '--man'));
  for (const name of readdirSync('examples/systemd').sort()) {
    const unit = readFileSync(join('examples/systemd', name), 'utf8');
    // The package knows where its command is.
    const content = unit
      .replace(/^#.*npm.*\n/m, '')
      .replace('ExecStart=/usr/bin/env scapfeed', 'ExecStart=/usr/bin/scapfeed');
    files.set(`usr/lib/systemd/system/${name}`, text(content));
  }
  for (const path of documents()) files.set(`${doc}/${path}`, text(readFileSync(path)));
  files.set(`${doc}/changelog.gz`, { content: packed(debianChangelog(date)), mode: 0o644 });
  return files;
}

export function makeDeb({ files, architecture, version, date, out }) {
  return inFolder(date, files, (root) => {
    const size = Math.ceil([...files.values()].reduce((sum, { content }) => sum + content.length, 0) / 1024);
    const control = [
      'Package: scapfeed',
      `Version: ${version}`,
      `Architecture: ${architecture}`,
      `Maintainer: ${maintainer}`,
      `Installed-Size: ${size}`,
      'Depends: libc6 (>= 2.28), libgcc-s1 (>= 3.4), libstdc++6 (>= 6)',
      'Suggests: openscap-common',
      'Section: admin',
      'Priority: optional',
      `Description: ${summary}`,
      ...description.map((line) => ` ${line}`),
    ];
    mkdirSync(join(root, 'DEBIAN'));
    writeFileSync(join(root, 'DEBIAN/control'), `${control.join('\n')}\n`);
    const sums = [...files].map(
      ([path, { content }]) => `${createHash('md5').update(content).digest('hex')}  ${path}\n`,
    );
    writeFileSync(join(root, 'DEBIAN/md5sums'), sums.join(''));
    const file = join(out, `scapfeed_${version}_${architecture}.deb`);
    // lintian knows no zstd, and more than the least of xz takes a minute. How many threads there are would decide the bytes.
    const args = ['--root-owner-group', '--threads-max=1', '-Zxz', '-z0', '--build', root, file];
    execFileSync('dpkg-deb', args, {
      env: { ...process.env, SOURCE_DATE_EPOCH: String(date) },
      stdio: 'pipe',
    });
    return file;
  });
}

export function makeRpm({ files, architecture, version, date, out }) {
  return inFolder(date, files, (root) => {
    const build = mkdtempSync(join(tmpdir(), 'scapfeed-rpm-'));
    try {
      const listed = [...files].map(
        ([path, { mode }]) => `%attr(${mode.toString(8)}, root, root) "/${path}"`,
      );
      const spec = [
        'Name: scapfeed',
        `Version: ${version}`,
        'Release: 1',
        `Summary: ${summary.replace(/^j/, 'J')}`,
        'License: Apache-2.0 AND MIT AND ISC AND BSD-3-Clause AND BlueOak-1.0.0 AND LGPL-3.0-or-later',
        'AutoReqProv: no',
        'Requires: glibc >= 2.28, libstdc++ >= 8, libgcc',
        '%description',
        ...description,
        '%files',
        ...listed,
      ];
      writeFileSync(join(build, 'scapfeed.spec'), `${spec.join('\n')}\n`);
      const defined = {
        _topdir: build,
        _rpmdir: build,
        _rpmfilename: 'scapfeed.rpm',
        _buildhost: 'localhost',
        _binary_payload: 'w10.zstdio',
        _build_id_links: 'none',
        __os_install_post: '%{nil}',
        use_source_date_epoch_as_buildtime: '1',
        clamp_mtime_to_source_date_epoch: '1',
        _source_date_epoch_from_changelog: '0',
      };
      const args = Object.entries(defined).flatMap(([name, value]) => ['--define', `${name} ${value}`]);
      execFileSync(
        'rpmbuild',
        [
          '-bb',
          '--quiet',
          '--target',
          `${architecture}-linux`,
          '--buildroot',
          root,
          ...args,
          join(build, 'scapfeed.spec'),
        ],
        { env: { ...process.env, SOURCE_DATE_EPOCH: String(date) }, stdio: 'pipe' },
      );
      const file = join(out, `scapfeed-${version}-1.${architecture}.rpm`);
      cpSync(join(build, 'scapfeed.rpm'), file);
      return file;
    } finally {
      rmSync(build, { recursive: true, force: true });
    }
  });
}

/** The files in a folder, all of one date; what `make` returns. */
function inFolder(date, files, make) {
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-root-'));
  const root = resolve(folder, 'root');
  try {
    mkdirSync(root);
    for (const [path, { content, mode }] of files) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
      chmodSync(join(root, path), mode);
    }
    for (const name of readdirSync(root, { recursive: true })) {
      const path = join(root, name);
      lutimesSync(path, date, date);
    }
    return make(root);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function copyright() {
  const packages = runtimePackages().map(({ name, version, licence }) => ` ${name} ${version}: ${licence}`);
  return `Copyright: the authors of scapfeed

scapfeed is under the Apache License 2.0, which is /usr/share/common-licenses/Apache-2.0.

The program contains Node.js ${nodeVersion} (MIT, with libraries of other licences) and these npm packages:
${packages.join('\n')}

The texts of all licences are in /usr/share/doc/scapfeed/third-party.txt.gz, and \`scapfeed --licenses\` prints them. The source of
everything that is not scapfeed's own is in the npm registry under these names and versions.
`;
}

/** Node and everything in it is one file. */
const overrides = `# zlib is part of Node.js, which is in the program.
scapfeed: embedded-library zlib [usr/bin/scapfeed]
`;

function debianChangelog(date) {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const day = new Date(date * 1000).toUTCString().replace('GMT', '+0000');
  return `scapfeed (${version}) unstable; urgency=medium\n\n  * CHANGELOG.md beside this file says what changed.\n\n -- ${maintainer}  ${day}\n`;
}

/** gzip -n: without name and time. */
function packed(text) {
  return gzipSync(text, { level: 9 });
}
