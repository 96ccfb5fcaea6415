import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RpmPackage } from '../../../prove/trial.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { packagesOf, rpmRoot } from '../../shared/rpm-system.ts';

/** A definition in the form of Microsoft's OVAL. */
export interface Flaw {
  /** Number in its id. */
  id: number;
  cve: string;
  /** Name of a source package. */
  name: string;
  /** `< 0:1.2-3.azl3`; `<=` of what has no fix, `>` a lower bound beside. */
  builds: readonly string[];
  severity?: string;
  /** Default: `true`, without a fix `false`. */
  patchable?: string;
  date?: string;
  class?: string;
}

const namespace = 'http://oval.mitre.org/XMLSchema/oval-definitions-5';

const operations: Readonly<Record<string, string>> = {
  '<': 'less than',
  '<=': 'less than or equal',
  '>': 'greater than',
};

/** Microsoft's OVAL: one test, object and state for every bound, in the prefix `linux-def`. */
export function flawOval(flaws: readonly Flaw[]): string {
  const sections = { definitions: '', tests: '', objects: '', states: '' };
  for (const { id, cve, name, builds, severity = 'High', patchable, date, class: kind } of flaws) {
    const isOpen = builds.some((build) => build.startsWith('<='));
    const criteria = builds.map((build, at) => {
      const [sign = '', evr = ''] = build.split(' ');
      const number = `${id}00${at * 3}`;
      const ref = (part: string) => `oval:com.microsoft.azurelinux:${part}:${number}`;
      const comment = `Package ${name} is ${operations[sign]} ${evr}, affected by ${cve}`.replaceAll('<', '');
      sections.tests += `<linux-def:rpminfo_test check="at least one" comment="${comment}" id="${ref('tst')}" version="1"><linux-def:object object_ref="${ref('obj')}"/><linux-def:state state_ref="${ref('ste')}"/></linux-def:rpminfo_test>\n`;
      sections.objects += `<linux-def:rpminfo_object id="${ref('obj')}" version="1"><linux-def:name>${name}</linux-def:name></linux-def:rpminfo_object>\n`;
      sections.states += `<linux-def:rpminfo_state id="${ref('ste')}" version="1"><linux-def:evr datatype="evr_string" operation="${operations[sign]}">${evr}</linux-def:evr></linux-def:rpminfo_state>\n`;
      return `<criterion comment="${comment}" test_ref="${ref('tst')}"/>`;
    });
    sections.definitions += [
      `<definition class="${kind ?? 'vulnerability'}" id="oval:com.microsoft.azurelinux:def:${id}" version="1">`,
      `<metadata><title>${cve} affecting package ${name}</title>`,
      `<affected family="unix"><platform>Azure Linux</platform></affected>`,
      `<reference ref_id="${cve}" ref_url="https://nvd.nist.gov/vuln/detail/${cve}" source="CVE"/>`,
      `<patchable>${patchable ?? String(!isOpen)}</patchable>`,
      date === undefined ? '' : `<advisory_date>${date}</advisory_date>`,
      `<advisory_id>${id}-1</advisory_id><severity>${severity}</severity>`,
      `<description>${cve} affecting package ${name}.</description></metadata>`,
      `<criteria operator="AND">${criteria.join('')}</criteria></definition>\n`,
    ].join('\n');
  }
  const parts = Object.entries(sections).map(([part, text]) => `<${part}>\n${text}</${part}>\n`);
  return `<oval_definitions xmlns="${namespace}" xmlns:oval="http://oval.mitre.org/XMLSchema/oval-common-5" xmlns:linux-def="${namespace}#linux">\n<generator><oval:product_name>Azure Linux OVAL Definition Generator</oval:product_name><oval:schema_version>5.11</oval:schema_version><oval:timestamp>2026-09-22T06:35:16Z</oval:timestamp></generator>\n${parts.join('')}</oval_definitions>\n`;
}

/** A mirror with these documents: `azurelinux-3.0`, `cbl-mariner-2.0`. */
export function writeAzureMirror(documents: Readonly<Record<string, readonly Flaw[] | string>>): string {
  const mirror = temporaryFolder('mirror');
  for (const [name, of] of Object.entries(documents)) {
    const path = join(
      mirror,
      `raw.githubusercontent.com/microsoft/AzureLinuxVulnerabilityData/main/${name}-oval.xml`,
    );
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof of === 'string' ? of : flawOval(of));
  }
  return mirror;
}

export const microsoftKey = '0cd9fed33135ce90';

/** `name-[epoch:]version-release.arch`, signed by Microsoft. */
export const rpm = packagesOf({ vendor: 'Microsoft Corporation', keyid: microsoftKey });

const releases: Readonly<Record<string, readonly [id: string, version: string, tag: string]>> = {
  'azurelinux-3.0': ['azurelinux', '3.0', 'azl3'],
  'mariner-2.0': ['mariner', '2.0', 'cm2'],
  'mariner-1.0': ['mariner', '1.0', 'cm1'],
};

/** A system of a platform as its release package makes it. */
export function azureRoot(platform: string, packages: readonly RpmPackage[]): string {
  const [id = '', version = '', tag = ''] = releases[platform]!;
  const name = id === 'mariner' ? 'Common Base Linux Mariner' : 'Microsoft Azure Linux';
  const osRelease = `NAME="${name}"\nVERSION="${version}.20240824"\nID=${id}\nVERSION_ID="${version}"\nPRETTY_NAME="${name} ${version}"\n`;
  return rpmRoot({ 'etc/os-release': osRelease }, [
    rpm(`${id}-release-${version}-1.${tag}.noarch`),
    ...packages,
  ]);
}
