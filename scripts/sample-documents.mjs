// Documents of vendors that publish one: samples in their forms, with flaws that everybody knows.
import { createHash } from 'node:crypto';
import { gzip } from './gzip.mjs';
import { tar } from './oci-layout.mjs';
import { zip } from './zip.mjs';

export function documentFiles() {
  const secureos = gzip(json(secdb('https://apk.cve0.io', fixes)));
  return {
    'security.archlinux.org/all.json': json(groups.map(group)),
    'github.com/cleanstart-dev/cleanstart-security-advisories/archive/HEAD.zip': zip(
      Object.fromEntries(records.map((each) => [`advisories/${each.id}.json`, json(each)])),
    ),
    'github.com/docker-hardened-images/advisories/archive/HEAD.zip': zip({
      [`advisories/osv/dhi/${hardened.id}.json`]: json(hardened),
    }),
    'advisory.echohq.com/data.json': json(advisories),
    ...Object.fromEntries(
      Object.entries(alpine).map(([reponame, packages]) => [
        `secdb.alpinelinux.org/v3.18/${reponame}.json`,
        json({
          ...secdb('https://dl-cdn.alpinelinux.org/alpine', packages),
          reponame,
          distroversion: 'v3.18',
        }),
      ]),
    ),
    'packages.mini.dev/advisories/secdb/security.json': json(secdb('https://packages.mini.dev', fixes)),
    'gitweb.gentoo.org/data/glsa.git/snapshot/glsa-master.tar.gz': gzip(
      tar(Object.fromEntries(glsas.map(glsa))),
    ),
    'security.secureos.io/v1/secdb.json.gz': secureos,
    'security.secureos.io/v1/latest.json': json({
      sha256: createHash('sha256').update(secureos).digest('hex'),
      published_at: Date.UTC(2026, 10, 24) / 1000,
    }),
  };
}

const json = (value) => `${JSON.stringify(value, null, 1)}\n`;

const groups = [
  [900001, 'curl lib32-curl', 'Fixed', 'High', '8.3.0-1', '8.4.0-1', 'CVE-2023-38545'],
  [900002, 'xz', 'Fixed', 'Critical', '5.6.1-1', '5.6.1-2', 'CVE-2024-3094'],
  [900003, 'zlib', 'Vulnerable', 'Medium', '1:1.3-1', null, 'CVE-2023-45853'],
];

function group([number, packages, status, severity, affected, fixed, ...issues]) {
  const names = { name: `AVG-${number}`, packages: packages.split(' '), status, severity };
  return { ...names, type: 'multiple issues', affected, fixed, ticket: null, issues, advisories: [] };
}

const advisories = {
  curl: { 'CVE-2023-38545': { fixed_version: '7.88.1-10+e2', severity: 'critical' } },
  zlib: { 'CVE-2023-45853': {} },
  xz: { 'CVE-2024-3094': { fixed_version: '0' } },
};

const glsas = [
  ['202310-90', '2023-10-11', 'curl: Heap overflow', 'high', 'net-misc/curl', '8.3.0-r2', 'CVE-2023-38545'],
  ['202403-90', '2024-03-29', 'XZ utils: Backdoor', 'high', 'app-arch/xz-utils', '5.6.1-r1', 'CVE-2024-3094'],
  [
    '202401-90',
    '2024-01-24',
    'zlib: Integer overflow',
    'normal',
    'sys-libs/zlib',
    '1.2.13-r2',
    'CVE-2023-45853',
  ],
];

function glsa([id, announced, title, impact, name, fixed, cve]) {
  const text = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE glsa SYSTEM "http://www.gentoo.org/dtd/glsa.dtd">
<glsa id="${id}">
    <title>${title}</title>
    <product type="ebuild">${name.split('/')[1]}</product>
    <announced>${announced}</announced>
    <affected>
        <package name="${name}" auto="yes" arch="*">
            <unaffected range="ge">${fixed}</unaffected>
            <vulnerable range="lt">${fixed}</vulnerable>
        </package>
    </affected>
    <impact type="${impact}"/>
    <references>
        <uri link="https://nvd.nist.gov/vuln/detail/${cve}">${cve}</uri>
    </references>
</glsa>
`;
  return [`glsa-master/glsa-${id}.xml`, text];
}

const fixes = {
  curl: { '8.4.0-r0': ['CVE-2023-38545'] },
  xz: { 0: ['CVE-2024-3094'] },
  zlib: { '1.3.1-r0': ['CVE-2023-45853'] },
};

/** By repository. */
const alpine = {
  main: { curl: { '8.4.0-r0': ['CVE-2023-38545', 'CVE-2023-38546'] } },
  community: { advancecomp: { '2.1-r2': ['CVE-2019-9210'] } },
};

const records = [
  ['curl', '8.4.0-r0', 'CVE-2023-38545'],
  ['zlib', '1.3.1-r0', 'CVE-2023-45853'],
].map(([name, fixed, flaw], at) => ({
  ...{ schema_version: '1.7.3', id: `CLEANSTART-2026-SAMPLE${at}`, upstream: [flaw] },
  modified: '2026-11-24T00:00:00Z',
  affected: [
    {
      package: { ecosystem: 'CleanStart', name },
      ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed }] }],
    },
  ],
}));

const hardened = {
  ...{ schema_version: '1.6.0', id: 'DHI-CVE-2023-38545-curl', upstream: ['CVE-2023-38545'] },
  modified: '2026-11-24T00:00:00Z',
  affected: [
    {
      package: {
        ecosystem: 'Docker Hardened Images:Debian:13',
        name: 'curl',
        purl: 'pkg:deb/dhi/curl?os_distro=debian&os_name=dhi&os_version=13',
      },
      ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '8.4.0-1+dhi1' }] }],
    },
  ],
};

function secdb(urlprefix, packages) {
  return {
    apkurl: '{{urlprefix}}/{{reponame}}/{{arch}}/{{pkg.name}}-{{pkg.ver}}.apk',
    archs: ['x86_64'],
    ...{ reponame: 'os', urlprefix },
    packages: Object.entries(packages).map(([name, secfixes]) => ({ pkg: { name, secfixes } })),
  };
}
