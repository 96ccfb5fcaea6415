// Documents of vendors that publish one: a few of their records each, in their forms.
import { createHash } from 'node:crypto';
import { gzip } from './gzip.mjs';
import { tar } from './oci-layout.mjs';
import { zip } from './zip.mjs';

export function documentFiles() {
  const secureos = gzip(json(secdb('https://apk.cve0.io', secured)));
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
    'packages.mini.dev/advisories/secdb/security.json': json(secdb('https://packages.mini.dev', minimos)),
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
  [
    'AVG-2845',
    'curl libcurl-compat libcurl-gnutls',
    'Fixed',
    'High',
    'multiple issues',
    '8.3.0-1',
    '8.4.0-1',
  ],
  ['AVG-2851', 'xz', 'Fixed', 'Critical', 'authentication bypass', '5.6.0-1', '5.6.1-2'],
  ['AVG-2847', 'minizip', 'Vulnerable', 'Critical', 'arbitrary code execution', '1:1.3-1', null],
];
const issuesOf = {
  'AVG-2845': ['CVE-2023-38546', 'CVE-2023-38545'],
  'AVG-2851': ['CVE-2024-3094'],
  'AVG-2847': ['CVE-2023-45853'],
};
const advisoriesOf = { 'AVG-2851': ['ASA-202403-1'] };

function group([name, packages, status, severity, type, affected, fixed]) {
  return {
    ...{ name, packages: packages.split(' '), status, severity, type, affected, fixed, ticket: null },
    ...{ issues: issuesOf[name], advisories: advisoriesOf[name] ?? [] },
  };
}

const advisories = {
  firefox: { 'CVE-2025-4091': {} },
  'firefox-esr': {
    'CVE-2025-4084': { fixed_version: '0' },
    'CVE-2025-4091': { fixed_version: '128.10.0esr-1~deb12u1' },
  },
};

const glsas = [
  {
    ...{ id: '202310-12', announced: '2023-10-11', title: 'curl: Multiple Vulnerabilities', impact: 'high' },
    ...{ name: 'net-misc/curl', cves: ['CVE-2023-38545', 'CVE-2023-38546'] },
    ...{ unaffected: ['ge 8.3.0-r2'], vulnerable: ['lt 8.3.0-r2'] },
  },
  {
    ...{ id: '202401-18', announced: '2024-01-15', title: 'zlib: Buffer Overflow', impact: 'high' },
    ...{ name: 'sys-libs/zlib', cves: ['CVE-2023-45853'] },
    ...{ unaffected: ['ge 1.2.13-r2'], vulnerable: ['lt 1.2.13-r2'] },
  },
  {
    ...{ id: '202403-04', announced: '2024-03-29', title: 'XZ utils: Backdoor in release tarballs' },
    ...{ impact: 'high', name: 'app-arch/xz-utils', cves: ['CVE-2024-3094'] },
    ...{ unaffected: ['lt 5.6.0', 'gt 5.6.1'], vulnerable: ['eq 5.6.0', 'eq 5.6.1'] },
  },
];

function glsa({ id, announced, title, impact, name, cves, unaffected, vulnerable }) {
  const ranges = (element, list) =>
    list.map((each) => {
      const [range, version] = each.split(' ');
      return `            <${element} range="${range}">${version}</${element}>\n`;
    });
  const links = cves.map(
    (cve) => `        <uri link="https://nvd.nist.gov/vuln/detail/${cve}">${cve}</uri>\n`,
  );
  const text = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE glsa SYSTEM "http://www.gentoo.org/dtd/glsa.dtd">
<glsa id="${id}">
    <title>${title}</title>
    <product type="ebuild">${name.split('/')[1]}</product>
    <announced>${announced}</announced>
    <affected>
        <package name="${name}" auto="yes" arch="*">
${[...ranges('unaffected', unaffected), ...ranges('vulnerable', vulnerable)].join('')}        </package>
    </affected>
    <impact type="${impact}"/>
    <references>
${links.join('')}    </references>
</glsa>
`;
  return [`glsa-master/glsa-${id}.xml`, text];
}

const minimos = {
  apache2: { 0: ['CVE-1999-0289', 'CVE-2007-0086'] },
  binutils: { '2.44-r0': ['CVE-2025-0840', 'GHSA-c5qp-mx9f-m5c7'] },
};

/** SecureOS. */
const secured = {
  busybox: { 0: ['CVE-2025-46394'] },
  zlib: { '1.3.1': ['CVE-2023-45853'] },
  'rqlite-9.3-client': { '9.3.0-r1': ['CVE-2025-47914', 'CVE-2025-58181'] },
};

/** By repository. */
const alpine = {
  main: { curl: { '8.4.0-r0': ['CVE-2023-38545', 'CVE-2023-38546'] } },
  community: { advancecomp: { '2.1-r2': ['CVE-2019-9210'] } },
};

/** CleanStart: half of its records name the ecosystem Alpine. */
const records = [
  ['CLEANSTART-2026-BS77615', 'curl', '8.11.1-r0', 'CVE-2024-11053', '2026-07-30T09:38:46Z'],
  ['CLEANSTART-2026-AG84392', 'busybox', '1.36.1-r2', 'CVE-2022-48174', '2026-07-30T09:38:12Z'],
].map(([id, name, fixed, flaw, modified]) => ({
  ...{ schema_version: '1.7.3', id, upstream: [flaw], published: '2026-07-30T07:10:53Z', modified },
  affected: [
    {
      package: { ecosystem: 'Alpine', name },
      ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed }] }],
      versions: [fixed],
    },
  ],
}));

/** What Docker tries its own readers with: no record of a Debian or Alpine package in a hardened image is at hand. */
const hardened = {
  ...{ schema_version: '1.6.0', id: 'DHI-CVE-2016-2781-coreutils', upstream: ['CVE-2016-2781'] },
  ...{ published: '2026-06-30T00:00:00Z', modified: '2026-06-30T00:00:00Z' },
  affected: [
    {
      package: {
        ecosystem: 'Docker Hardened Images:Alpine:3.24',
        name: 'coreutils',
        purl: 'pkg:apk/dhi/coreutils?os_distro=alpine&os_name=dhi&os_version=3.24',
      },
      ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '9.11-r1' }] }],
      versions: ['9.11-r0'],
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
