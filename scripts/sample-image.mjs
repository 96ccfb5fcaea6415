// The sample image of the demo: a Debian 12 base of autumn 2023 and two layers on it, as an OCI layout of a few kB.
import { createHash } from 'node:crypto';
import { writeOciLayout } from './oci-layout.mjs';

const osRelease = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
`;

/** [binary, version, source with its version where dpkg writes it] as in a bookworm image of that time. */
const base = [
  ['apt', '2.6.1'],
  ['base-files', '12.4+deb12u2'],
  ['bash', '5.2.15-2+b2', 'bash (5.2.15-2)'],
  ['bsdutils', '1:2.38.1-5+b1', 'util-linux (2.38.1-5)'],
  ['coreutils', '9.1-1'],
  ['dpkg', '1.21.22'],
  ['libc6', '2.36-9+deb12u3', 'glibc'],
  ['libgnutls30', '3.7.9-2', 'gnutls28'],
  ['libpam0g', '1.5.2-6+deb12u1', 'pam'],
  ['libsystemd0', '252.17-1~deb12u1', 'systemd'],
  ['libzstd1', '1.5.4+dfsg2-5', 'libzstd'],
  ['perl-base', '5.36.0-7', 'perl'],
  ['tar', '1.34+dfsg-1.2'],
  ['util-linux', '2.38.1-5+b1', 'util-linux (2.38.1-5)'],
  ['zlib1g', '1:1.2.13.dfsg-1', 'zlib'],
];

const added = [
  ['curl', '7.88.1-10+deb12u3'],
  ['libcurl4', '7.88.1-10+deb12u3', 'curl'],
  ['libnghttp2-14', '1.52.0-1', 'nghttp2'],
  ['libssl3', '3.0.11-1~deb12u1', 'openssl'],
  ['libxml2', '2.9.14+dfsg-1.3~deb12u1'],
];

const stanza = ([name, version, source]) =>
  [
    `Package: ${name}`,
    'Status: install ok installed',
    'Architecture: amd64',
    ...(source ? [`Source: ${source}`] : []),
    `Version: ${version}`,
  ].join('\n') + '\n';

/** As dpkg writes it: a blank line after each paragraph, the last one too. */
const status = (packages) =>
  packages
    .map((each) => `${stanza(each)}\n`)
    .sort()
    .join('');

const tarProgram = '#!/bin/sh\n# stands for the program\n';
const tarDigest = createHash('md5').update(tarProgram).digest('hex');

/** dpkg's list of each package's files: only tar has one here. */
const fileLists = (packages) =>
  Object.fromEntries(packages.map(([name]) => [`var/lib/dpkg/info/${name}.list`, '/.\n']));

/** Packages of languages, as `npm install` and `pip install` leave them. */
const application = {
  command: '/bin/sh -c npm install && python3 -m venv /opt/venv && /opt/venv/bin/pip install jinja2==3.1.2',
  files: {
    'srv/app/node_modules/lodash/package.json': '{ "name": "lodash", "version": "4.17.20" }\n',
    'srv/app/node_modules/minimist/package.json': '{ "name": "minimist", "version": "1.2.5" }\n',
    'opt/venv/lib/python3.11/site-packages/Jinja2-3.1.2.dist-info/METADATA':
      'Metadata-Version: 2.1\nName: Jinja2\nVersion: 3.1.2\n\n',
  },
};

/** Writes the layout; its tag is `sample`. `more`: layers on those of the image. */
export function writeSampleImage(directory, more = []) {
  writeOciLayout(directory, {
    tag: 'sample',
    created: '2023-11-20T00:00:00Z',
    layers: [
      {
        command: '/bin/sh -c #(nop) ADD file:rootfs.tar in /',
        files: {
          'usr/lib/os-release': osRelease,
          'etc/os-release': osRelease,
          'etc/debian_version': '12.2\n',
          'etc/passwd': 'root:x:0:0:root:/root:/bin/bash\n',
          'etc/shadow': 'root:*:19661:0:99999:7:::\n',
          'usr/bin/tar': { program: tarProgram },
          'var/lib/dpkg/status': status(base),
          ...fileLists(base),
          'var/lib/dpkg/info/tar.list': '/.\n/usr\n/usr/bin\n/usr/bin/tar\n',
          'var/lib/dpkg/info/tar.md5sums': `${tarDigest}  usr/bin/tar\n`,
        },
      },
      {
        command: '/bin/sh -c apt-get install -y curl libxml2',
        files: { 'var/lib/dpkg/status': status([...base, ...added]), ...fileLists(added) },
      },
      {
        command: '/bin/sh -c curl -s https://get.example.org | sh',
        files: {
          'usr/bin/tar': { program: '#!/bin/sh\n# stands for another program\n' },
          'usr/local/bin/helper': { program: '#!/bin/sh\n' },
        },
      },
      ...more,
    ],
  });
}

/** The same with an application in JavaScript and Python. */
export function writeSampleApplication(directory) {
  writeSampleImage(directory, [application]);
}
