// Ubuntu's part of the sample: an OSV record in the archive of all.
import { tar } from './oci-layout.mjs';
import { packedBy } from './packed.mjs';

const [cve, fixed] = ['CVE-2021-3782', '1.20.0-1ubuntu0.1'];

const record = {
  schema_version: '1.7.0',
  id: `UBUNTU-${cve}`,
  details: 'A count of references to buffers of Wayland overflows, and memory is used after it was freed',
  ...{ aliases: [], upstream: [cve], related: ['USN-5614-1', 'USN-5614-2'] },
  severity: [{ type: 'Ubuntu', score: 'medium' }],
  ...{ published: '2022-08-30T20:51:00Z', modified: '2026-04-22T07:39:49Z' },
  affected: [
    {
      package: {
        ecosystem: 'Ubuntu:22.04:LTS',
        name: 'wayland',
        purl: `pkg:deb/ubuntu/wayland@${fixed}?arch=source&distro=jammy`,
      },
      ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed }] }],
      versions: ['1.20.0-1'],
      ecosystem_specific: {
        binaries: ['libwayland-client0', 'libwayland-server0'].map((binary_name) => ({
          binary_name,
          binary_version: fixed,
        })),
        availability: 'No subscription required',
      },
    },
  ],
  references: [{ type: 'REPORT', url: `https://ubuntu.com/security/${cve}` }],
};

/** Files of the mirror by path. */
export function ubuntuFiles() {
  const path = `osv/cve/2021/${record.id}.json`;
  return {
    'security-metadata.canonical.com/osv/osv-all.tar.xz': packedBy(
      'xz',
      tar({ [path]: `${JSON.stringify(record, null, 1)}\n` }),
    ),
  };
}
