import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { RpmPackage } from '../../../prove/trial.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { packagesOf, rpmRoot } from '../../shared/rpm-system.ts';

/** An advisory in the form of Oracle's OVAL. */
export interface Elsa {
  id: string;
  cves?: readonly string[];
  severity?: string;
  issued?: string;
  /** Title after the id. */
  title?: string;
  class?: string;
  /** Rows by release and the system's architecture: `name < epoch:version-release`, then a module (`virt:kvm_utils`) or a flavour. */
  releases: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  /** Criteria instead of those of the releases. */
  criteria?: string;
}

export const keys = {
  ol7: '72f97b74ec551f03',
  ol8: '82562ea9ad986da3',
  ol9: 'bc4d06a08d8b756f',
  redHat: '199e2f91fd431d51',
} as const;

const keyOf: Readonly<Record<string, string>> = { 6: keys.ol7, 7: keys.ol7, 8: keys.ol8, 9: keys.ol9 };

const flavours: Readonly<Record<string, readonly [comment: string, pattern: string]>> = {
  ksplice: ['is ksplice-based', 'ksplice'],
  fips: ['is fips patched', '_fips$'],
};

const namespace = 'http://oval.mitre.org/XMLSchema/oval-definitions-5';

/** Oracle's OVAL: a test, an object and a state for every condition, each in the default namespace. */
export function elsaOval(advisories: readonly Elsa[]): string {
  const sections = { definitions: '', tests: '', objects: '', states: '' };
  const linux = `xmlns="${namespace}#linux"`;
  const objects = new Set<string>();
  for (const elsa of advisories) {
    const digits = elsa.id.replace(/\D/g, '');
    let count = 0;
    const criterion = (name: string, comment: string, state: string) => {
      count += 1;
      const id = `${digits}${String(count).padStart(3, '0')}`;
      sections.tests += `<rpminfo_test id="oval:com.oracle.elsa:tst:${id}"  version="501" comment="${comment}" check="at least one" ${linux}>\n<object object_ref="oval:com.oracle.elsa:obj:${name}" />\n<state state_ref="oval:com.oracle.elsa:ste:${id}" />\n</rpminfo_test>\n`;
      if (!objects.has(name))
        sections.objects += `<rpminfo_object ${linux} id="oval:com.oracle.elsa:obj:${name}" version="501">\n<name>${name}</name>\n</rpminfo_object>\n`;
      objects.add(name);
      sections.states += `<rpminfo_state ${linux} id="oval:com.oracle.elsa:ste:${id}" version="501">\n${state}\n</rpminfo_state>\n`;
      return `<criterion test_ref="oval:com.oracle.elsa:tst:${id}" comment="${comment}"/>\n`;
    };
    const moduleCriterion = (module: string) => {
      count += 1;
      const id = `${digits}${String(count).padStart(3, '0')}`;
      const [name = '', stream = ''] = module.split(':');
      sections.tests += `<ind-def:textfilecontent54_test id="oval:com.oracle.elsa:tst:${id}"  version="501" comment="Module ${module} is enabled" check="all" >\n<ind-def:object object_ref="oval:com.oracle.elsa:obj:${id}" />\n<ind-def:state state_ref="oval:com.oracle.elsa:ste:${id}" />\n</ind-def:textfilecontent54_test>\n`;
      sections.objects += `<ind-def:textfilecontent54_object id="oval:com.oracle.elsa:obj:${id}" version="641">\n <ind-def:filepath datatype="string">/etc/dnf/modules.d/${name}.module</ind-def:filepath>\n <ind-def:pattern operation="pattern match">\\[${name}\\][\\w\\W]*</ind-def:pattern>\n <ind-def:instance datatype="int">1</ind-def:instance>\n</ind-def:textfilecontent54_object>\n`;
      const enabled = String.raw`\nstate\s*=\s*(enabled|1|true)`;
      const ofStream = String.raw`\nstream\s*=\s*${stream.replaceAll('.', '\\.')}\b`;
      sections.states += `<ind-def:textfilecontent54_state id="oval:com.oracle.elsa:ste:${id}" version="641">\n <ind-def:text operation="pattern match">${ofStream}[\\w\\W]*${enabled}|${enabled}[\\w\\W]*${ofStream}</ind-def:text>\n</ind-def:textfilecontent54_state>\n`;
      return `<criterion test_ref="oval:com.oracle.elsa:tst:${id}" comment="Module ${module} is enabled"/>\n`;
    };
    const group = (operator: string, ...of: readonly string[]) =>
      `<criteria operator="${operator}">\n${of.join('')}</criteria>\n`;
    const rowOf = (row: string, release: string) => {
      const [name = '', , below = '', kind] = row.split(' ');
      const flavour = flavours[kind ?? ''];
      const own = group(
        'AND',
        criterion(
          name,
          `${name} is earlier than ${below}`,
          `<evr datatype="evr_string" operation="less than">${below}</evr>`,
        ),
        criterion(
          name,
          `${name} is signed with the Oracle Linux ${release} key`,
          `<signature_keyid operation="equals">${keyOf[release] ?? keys.ol9}</signature_keyid>`,
        ),
        ...(flavour
          ? [
              criterion(
                name,
                `${name} ${flavour[0]}`,
                `<release operation="pattern match">${flavour[1]}</release>`,
              ),
            ]
          : []),
      );
      return { module: flavour ? undefined : kind, own };
    };
    const archOf = (arch: string, rows: readonly string[], release: string) => {
      const made = rows.map((row) => rowOf(row, release));
      const plain = made.filter(({ module }) => module === undefined).map(({ own }) => own);
      const modules = [...new Set(made.flatMap(({ module }) => module ?? []))];
      const modular = modules.map((module) =>
        group(
          'AND',
          moduleCriterion(module),
          group('OR', ...made.filter((each) => each.module === module).map(({ own }) => own)),
        ),
      );
      return group(
        'AND',
        criterion(
          'oraclelinux-release',
          `Oracle Linux arch is ${arch}`,
          `<arch operation="pattern match">${arch}</arch>`,
        ),
        group('OR', ...plain, ...modular),
      );
    };
    const releaseOf = ([release, archs]: [string, Readonly<Record<string, readonly string[]>>]) =>
      group(
        'AND',
        criterion(
          'oraclelinux-release',
          `Oracle Linux ${release} is installed`,
          `<version operation="pattern match">^${release}</version>`,
        ),
        group('OR', ...Object.entries(archs).map(([arch, rows]) => archOf(arch, rows, release))),
      );
    const releases = Object.entries(elsa.releases).map(releaseOf);
    const page = `https://linux.oracle.com/errata/${elsa.id}.html`;
    const severity = elsa.severity ?? 'IMPORTANT';
    sections.definitions += [
      `<definition id="oval:com.oracle.elsa:def:${digits}" version="501" class="${elsa.class ?? 'patch'}">`,
      `<metadata>\n<title>\n${elsa.id}:  ${elsa.title ?? 'a security update'} (${severity})\n</title>`,
      `<reference source="elsa" ref_id="${elsa.id}" ref_url="${page}"/>`,
      ...(elsa.cves ?? []).map(
        (cve) =>
          `<reference source="CVE" ref_id="${cve}" ref_url="https://linux.oracle.com/cve/${cve}.html"/>`,
      ),
      `<description>\n[1.0-1]\n- a change\n</description>`,
      `<advisory>\n<severity>${severity}</severity>\n<issued date="${elsa.issued ?? '2026-09-22'}"/>\n</advisory>`,
      `</metadata>\n${elsa.criteria ?? (releases.length === 1 ? releases[0] : group('OR', ...releases))}</definition>\n`,
    ].join('\n');
  }
  const parts = Object.entries(sections).map(([name, text]) => `<${name}>\n${text}</${name}>\n`);
  return `<oval_definitions xmlns="${namespace}" xmlns:ind-def="${namespace}#independent" xmlns:oval="http://oval.mitre.org/XMLSchema/oval-common-5">\n<generator>\n<oval:product_name>Oracle Errata System</oval:product_name>\n<oval:schema_version>5.11</oval:schema_version>\n<oval:timestamp>2026-09-22T06:35:16</oval:timestamp>\n</generator>\n${parts.join('')}</oval_definitions>\n`;
}

/** A mirror with a document for each release, by gzip: the reader knows the compression by its first bytes. */
export function writeOracleMirror(documents: Readonly<Record<string, readonly Elsa[] | string>>): string {
  const mirror = temporaryFolder('mirror');
  for (const [release, of] of Object.entries(documents)) {
    const path = join(mirror, `linux.oracle.com/security/oval/com.oracle.elsa-ol${release}.xml.bz2`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, gzipSync(typeof of === 'string' ? of : elsaOval(of)));
  }
  return mirror;
}

/** `name-[epoch:]version-release.arch`, signed by Oracle Linux 8. */
export const rpm = packagesOf({ vendor: 'Oracle America', keyid: keys.ol8 });

/** A system of Oracle Linux as its release package makes it. */
export function oracleRoot(
  version: string,
  packages: readonly RpmPackage[],
  files: Readonly<Record<string, string>> = {},
): string {
  const [major] = version.split('.');
  const own = {
    'etc/os-release': `NAME="Oracle Linux Server"\nVERSION="${version}"\nID="ol"\nID_LIKE="fedora"\nVERSION_ID="${version}"\nPLATFORM_ID="platform:el${major}"\nPRETTY_NAME="Oracle Linux Server ${version}"\n`,
    'etc/oracle-release': `Oracle Linux Server release ${version}\n`,
    'etc/redhat-release': `Red Hat Enterprise Linux release ${version} (Ootpa)\n`,
    ...files,
  };
  const release = rpm(`oraclelinux-release-8:${version}-1.0.1.el${major}.x86_64`, {
    files: ['/etc/oracle-release'],
  });
  return rpmRoot(own, [release, ...packages]);
}

/** dnf's record of modules that are enabled. */
export function moduleRecords(modules: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    modules.map((module) => {
      const [name, stream] = module.split(':');
      return [
        `etc/dnf/modules.d/${name}.module`,
        `[${name}]\nname=${name}\nprofiles=\nstate=enabled\nstream=${stream}\n`,
      ];
    }),
  );
}
