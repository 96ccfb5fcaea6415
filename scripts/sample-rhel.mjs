// Red Hat's part of the demo: an image like UBI 9.3 as an OCI layout, and the root file system of a RHEL 10 host.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeOciLayout } from './oci-layout.mjs';
import { rpmDatabase } from './rpm-database.mjs';

const signed = { vendor: 'Red Hat, Inc.', keyId: '199e2f91fd431d51' };

const rpm = (name, version, release, source) => ({ name, version, release, source, ...signed });

const ubi = [
  rpm('redhat-release', '9.3', '0.5.el9'),
  rpm('bash', '5.1.8', '6.el9_1'),
  rpm('curl-minimal', '7.76.1', '26.el9', 'curl'),
  rpm('libcurl-minimal', '7.76.1', '26.el9', 'curl'),
  rpm('gnutls', '3.7.6', '23.el9'),
  rpm('python3-libs', '3.9.18', '1.el9_3', 'python3.9'),
  { ...rpm('htop', '3.3.0', '1.el9'), vendor: 'Fedora Project', keyId: '8a3872bf3228467c' },
];

const host = [
  rpm('redhat-release', '10.1', '5.el10'),
  rpm('bash', '5.2.26', '6.el10'),
  rpm('firefox', '140.5.0', '1.el10_1'),
  rpm('python3-libs', '3.12.9', '1.el10', 'python3.12'),
  rpm('python3.12', '3.12.9', '1.el10'),
];

/** Says which repositories an image was made from. */
const contentManifest = {
  'root/buildinfo/content_manifests/ubi9-container-9.3-1610.json': `${JSON.stringify({
    content_sets: ['rhel-9-for-x86_64-baseos-rpms', 'rhel-9-for-x86_64-appstream-rpms'],
  })}\n`,
};

/** Writes the layout; its tag is `sample`. */
export function writeSampleUbi(directory) {
  const files = { ...systemFiles('9.3', 'Plow', ubi), ...contentManifest };
  writeOciLayout(directory, {
    tag: 'sample',
    created: '2023-12-01T00:00:00Z',
    layers: [{ command: '/bin/sh -c #(nop) ADD file:rootfs.tar in /', files }],
  });
}

/** Writes the root file system. */
export function writeSampleHost(directory) {
  rmSync(directory, { recursive: true, force: true });
  for (const [path, content] of Object.entries(systemFiles('10.1', 'Coughlan', host))) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
}

function systemFiles(version, codename, packages) {
  const name = `Red Hat Enterprise Linux ${version} (${codename})`;
  return {
    'etc/os-release': `NAME="Red Hat Enterprise Linux"\nID="rhel"\nVERSION_ID="${version}"\nPRETTY_NAME="${name}"\n`,
    'etc/redhat-release': `Red Hat Enterprise Linux release ${version} (${codename})\n`,
    'var/lib/rpm/Packages.db': rpmDatabase(packages),
  };
}
