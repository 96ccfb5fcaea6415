// Libraries and files that the executable needs of a system, from Debian's packages: the C and C++ libraries and the certificate authorities. apt
// checks Debian's signatures; the release is that of this machine.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const names = ['libc6', 'libgcc-s1', 'libstdc++6', 'gcc-14-base', 'ca-certificates', 'base-files'];

/** Of libc6, what a program is started with; its other libraries are for other programs. */
const wanted =
  /\/(?:ld-linux-[a-z0-9-]+\.so\.[12]|lib(?:c|m|dl|pthread|rt|resolv|nss_dns|nss_files)\.so\.\d+|libstdc\+\+\.so\.6(?:\.[0-9.]+)?|libgcc_s\.so\.1)$/;

/** Packages of an architecture, unpacked in `.ci/debian`, with their control files. */
export function debianLibraries(architecture) {
  const folder = resolve('.ci/debian', architecture);
  if (!existsSync(join(folder, 'complete'))) bring(folder, architecture);
  const packages = readdirSync(join(folder, 'unpacked'))
    .sort()
    .map((name) => {
      const root = join(folder, 'unpacked', name);
      const control = readFileSync(join(root, 'DEBIAN/control'), 'utf8');
      const version = /^Version: (.*)$/m.exec(control)[1];
      return { name, version, architecture, root, control };
    });
  return packages;
}

/** Files of the image that are from these packages: path to content and kind. */
export function libraryFiles(packages) {
  const files = new Map();
  const authorities = [];
  for (const { name, root, control } of packages) {
    for (const path of readdirSync(root, { recursive: true }).sort()) {
      const merged = path.replace(/^lib(?=\/|64\/)/, 'usr/lib');
      if (wanted.test(`/${path}`)) files.set(merged, join(root, path));
      else if (/^usr\/share\/ca-certificates\/.*\.crt$/.test(path))
        authorities.push(readFileSync(join(root, path), 'utf8'));
      else if (path === `usr/share/doc/${name}/copyright` || path === 'usr/lib/os-release')
        files.set(path, join(root, path));
    }
    // As distroless images tell scanners what they have.
    files.set(`var/lib/dpkg/status.d/${name}`, { content: control });
  }
  files.set('etc/ssl/certs/ca-certificates.crt', { content: authorities.join('') });
  return files;
}

function bring(folder, architecture) {
  rmSync(folder, { recursive: true, force: true });
  for (const part of ['lists/partial', 'archives/partial', 'unpacked'])
    mkdirSync(join(folder, part), { recursive: true });
  writeFileSync(join(folder, 'status'), '');
  const options = Object.entries({
    'APT::Architecture': architecture,
    'APT::Architectures::': architecture,
    'Dir::State': folder,
    'Dir::State::Lists': join(folder, 'lists'),
    'Dir::State::status': join(folder, 'status'),
    'Dir::Cache': folder,
    'Debug::NoLocking': '1',
    'APT::Sandbox::User': 'root',
  }).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const apt = (...args) =>
    execFileSync('apt-get', ['-q', ...options, ...args], { cwd: join(folder, 'archives'), stdio: 'pipe' });
  apt('update');
  apt('download', ...names);
  for (const file of readdirSync(join(folder, 'archives')).filter((one) => one.endsWith('.deb'))) {
    const name = file.replace(/_.*/, '');
    execFileSync(
      'dpkg-deb',
      ['--raw-extract', join(folder, 'archives', file), join(folder, 'unpacked', name)],
      { stdio: 'pipe' },
    );
  }
  rmSync(join(folder, 'lists'), { recursive: true });
  writeFileSync(join(folder, 'complete'), '');
}
