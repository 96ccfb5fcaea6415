// The sample's errata as JSON: facts of scripts/sample/errata.tsv as AlmaLinux's list of a release and as a page of Rocky Linux's API.

/** Files of the mirror by path, from rows of errata.tsv. */
export function errataFiles(rows) {
  const of = (vendor) => rows.filter(([name]) => name === vendor);
  const rocky = of('rocky').map(advisory);
  return {
    'errata.almalinux.org/8/errata.full.json': json({
      schema_version: '1.0',
      data: of('almalinux').map(erratum),
    }),
    // A file of a mirror is named by the address with its query.
    'apollo.build.resf.org/api/v3/advisories/?size=100&page=1': json({
      advisories: rocky,
      total: rocky.length,
      page: 1,
      size: 100,
      links: { next: null, prev: null },
      last_updated_at: '2026-11-24T00:00:00Z',
    }),
  };
}

const json = (value) => `${JSON.stringify(value, null, 1)}\n`;

/** No package is at hand: the digests of their files are left empty. */
const noDigest = '0'.repeat(64);

function erratum([, release, id, severity, issued, cves, packages, subject]) {
  const seconds = Date.parse(issued) / 1000;
  const page = `https://errata.almalinux.org/${release}/${id.replace(':', '-')}.html`;
  return {
    ...{ id, issued_date: seconds, updated_date: seconds, severity },
    ...{ title: `${severity}: ${subject} security update`, description: `An update of ${subject}` },
    type: 'security',
    packages: packages.split(' ').map((nevra) => {
      const { name, epoch, version, release: build, arch } = parts(nevra);
      return {
        ...{ name, epoch, version, release: build, arch },
        src: `${name.replace(/-devel$/, '')}-${version}-${build}.src.rpm`,
        filename: `${name}-${version}-${build}.${arch}.rpm`,
        ...{ checksum: noDigest, checksum_type: 'sha256', reboot_suggested: 0 },
      };
    }),
    modules: [],
    references: [
      { id: id.replace(':', '-'), type: 'self', href: page },
      ...cves.split(' ').map((cve) => ({ id: cve, type: 'cve', href: `https://vulners.com/cve/${cve}` })),
    ],
  };
}

function advisory([, release, name, severity, issued, cves, packages, subject], at) {
  return {
    ...{ id: at + 1, created_at: issued, updated_at: issued, published_at: issued, name },
    synopsis: `${severity}: ${subject} security update`,
    description: `An update of ${subject}`,
    ...{ kind: 'Security', severity, topic: '', red_hat_advisory_id: 1, affected_products: [], fixes: [] },
    cves: cves.split(' ').map((cve, id) => ({
      id,
      cve,
      cvss3_scoring_vector: 'UNKNOWN',
      cvss3_base_score: 'UNKNOWN',
      cwe: 'UNKNOWN',
    })),
    packages: packages.split(' ').map((nevra, id) => ({
      ...{ id, nevra: `${nevra}.rpm`, checksum: noDigest, checksum_type: 'sha256' },
      ...{ module_context: null, module_name: null, module_stream: null, module_version: null },
      ...{ repo_name: 'AppStream', product_name: `Rocky Linux ${release} ${parts(nevra).arch}` },
    })),
  };
}

function parts(nevra) {
  return /^(?<name>.+)-(?<epoch>\d+):(?<version>[^-]+)-(?<release>[^-]+)\.(?<arch>[^.]+)$/.exec(nevra).groups;
}
