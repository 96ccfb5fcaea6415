import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RpmPackage } from '../../../prove/trial.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { packagesOf, rpmRoot } from '../../shared/rpm-system.ts';

/** An advisory in the form of Anolis's OVAL. */
export interface Ansa {
  id: string;
  cves?: readonly string[];
  severity?: string;
  /** `name < epoch:version-release`, as in the document. */
  rows: readonly string[];
  /** Release in the release file, according to the document; default: the document's release. */
  installedOn?: string;
}

const namespace = 'http://oval.mitre.org/XMLSchema/oval-definitions-5';

export const ansaId = (id: string) => `oval:cn.openanolis:def:${id.replace(/\D/g, '')}`;

/** Anolis's OVAL of a release: a test of the release file, and no keys. */
export function ansaOval(advisories: readonly Ansa[], release: string): string {
  const sections = { definitions: '', tests: '', objects: '', states: '' };
  const [linux, independent] = [`xmlns="${namespace}#linux"`, `xmlns="${namespace}#independent"`];
  const releases = [...new Set(advisories.map(({ installedOn = release }) => installedOn))];
  for (const [at, text] of releases.entries()) {
    const number = at + 1;
    sections.tests += `<textfilecontent54_test ${independent} check="at least one" version="1" comment="Anolis OS is installed" id="oval:cn.openanolis:tst:${number}"><object object_ref="oval:cn.openanolis:obj:${number}"/><state state_ref="oval:cn.openanolis:ste:${number}"/></textfilecontent54_test>\n`;
    sections.objects += `<textfilecontent54_object ${independent} id="oval:cn.openanolis:obj:${number}" version="1"><path>/etc</path><filename>anolis-release</filename><pattern operation="pattern match">(Anolis OS release) \\d.*</pattern><instance datatype="int">1</instance></textfilecontent54_object>\n`;
    sections.states += `<textfilecontent54_state ${independent} id="oval:cn.openanolis:ste:${number}" version="1"><text operation="pattern match">${text}</text></textfilecontent54_state>\n`;
  }
  for (const { id, cves = [], severity = 'Important', rows, installedOn = release } of advisories) {
    const digits = id.replace(/\D/g, '');
    const criteria = rows.map((row, at) => {
      const [name = '', , below = ''] = row.split(' ');
      const number = `${digits}${String(at + 1).padStart(3, '0')}`;
      const comment = `${name} is earlier than ${below}`;
      sections.tests += `<rpminfo_test ${linux} check="all" comment="${comment}" version="1" id="oval:cn.openanolis:tst:${number}"><object object_ref="oval:cn.openanolis:obj:${number}"/><state state_ref="oval:cn.openanolis:ste:${number}"/></rpminfo_test>\n`;
      sections.objects += `<rpminfo_object ${linux} id="oval:cn.openanolis:obj:${number}" version="1"><name>${name}</name></rpminfo_object>\n`;
      sections.states += `<rpminfo_state ${linux} id="oval:cn.openanolis:ste:${number}" version="1"><evr datatype="evr_string" operation="less than">${below}</evr></rpminfo_state>\n`;
      return `<criterion comment="${comment}" test_ref="oval:cn.openanolis:tst:${number}"/>`;
    });
    sections.definitions += [
      `<definition class="patch" id="${ansaId(id)}" version="1"><metadata>`,
      `<title>${id}: security update some (${severity})</title>`,
      `<reference ref_id="${id}" ref_url="https://anas.openanolis.cn/errata/detail/${id}" source="ANSA"/>`,
      `<description>Package updates are available</description>`,
      `<advisory from="anas.openanolis.cn"><severity>${severity}</severity><issued date="2026-04-24"/><updated date="2026-04-25"/>`,
      ...cves.map((cve) => `<cve impact="Important">${cve}</cve>`),
      `</advisory></metadata><criteria operator="AND">`,
      `<criterion comment="Anolis OS is installed" test_ref="oval:cn.openanolis:tst:${releases.indexOf(installedOn) + 1}"/>`,
      `<criteria operator="OR">${criteria.join('')}</criteria></criteria></definition>\n`,
    ].join('');
  }
  const parts = Object.entries(sections).map(([name, text]) => `<${name}>\n${text}</${name}>\n`);
  return `<?xml version="1.0" encoding="utf-8"?>\n<oval_definitions xmlns="${namespace}" xmlns:oval="http://oval.mitre.org/XMLSchema/oval-common-5"><generator><oval:product_name>Openanolis OVAL Generator</oval:product_name><oval:schema_version>5.11.2</oval:schema_version><oval:timestamp>2026-09-22T06:35:16</oval:timestamp></generator>\n${parts.join('')}</oval_definitions>\n`;
}

/** A mirror with a document for each release. */
export function writeAnolisMirror(documents: Readonly<Record<string, readonly Ansa[] | string>>): string {
  const mirror = temporaryFolder('mirror');
  for (const [release, of] of Object.entries(documents)) {
    const path = join(mirror, `anas.openanolis.cn/api/data/OVAL/anolis-${release}.oval.xml`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof of === 'string' ? of : ansaOval(of, release));
  }
  return mirror;
}

/** `name-[epoch:]version-release.arch`, by the vendor field alone. */
export const rpm = packagesOf({ vendor: 'OpenAnolis Community' });

/** A system of Anolis OS as its release package makes it. */
export function anolisRoot(version: string, packages: readonly RpmPackage[]): string {
  const [major] = version.split('.');
  const files = {
    'etc/os-release': `NAME="Anolis OS"\nVERSION="${version}"\nID="anolis"\nID_LIKE="rhel fedora centos"\nVERSION_ID="${version}"\nPLATFORM_ID="platform:an${major}"\nPRETTY_NAME="Anolis OS ${version}"\n`,
    'etc/anolis-release': `Anolis OS release ${version}\n`,
    'etc/redhat-release': `Anolis OS release ${version}\n`,
  };
  return rpmRoot(files, [rpm(`anolis-release-${version}-1.an${major}.x86_64`), ...packages]);
}
