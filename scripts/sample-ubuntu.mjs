// Ubuntu's part of the sample: an OSV record in the archive of all.
import { tar } from './oci-layout.mjs';
import { packedBy } from './packed.mjs';

const [cve, fixed] = ['CVE-2023-38545', '7.81.0-1ubuntu1.14'];

const record = {
  schema_version: '1.7.0',
  id: `UBUNTU-${cve}`,
  details: 'Long host names overflow a buffer of curl while it talks to a SOCKS5 proxy',
  ...{ aliases: [], upstream: [cve], related: ['USN-6429-1'] },
  severity: [{ type: 'Ubuntu', score: 'high' }],
  ...{ published: '2023-10-11T06:00:00Z', modified: '2025-09-08T16:47:00Z' },
  affected: [
    {
      package: {
        ecosystem: 'Ubuntu:22.04:LTS',
        name: 'curl',
        purl: `pkg:deb/ubuntu/curl@${fixed}?arch=source&distro=jammy`,
      },
      ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed }] }],
      versions: ['7.81.0-1ubuntu1.13'],
      ecosystem_specific: {
        binaries: ['curl', 'libcurl4'].map((binary_name) => ({ binary_name, binary_version: fixed })),
        availability: 'No subscription required',
      },
    },
  ],
  references: [{ type: 'REPORT', url: `https://ubuntu.com/security/${cve}` }],
};

/** Files of the mirror by path. */
export function ubuntuFiles() {
  const path = `osv/cve/2023/${record.id}.json`;
  return {
    'security-metadata.canonical.com/osv/osv-all.tar.xz': packedBy(
      'xz',
      tar({ [path]: `${JSON.stringify(record, null, 1)}\n` }),
    ),
  };
}
