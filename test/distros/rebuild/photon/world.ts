import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { RpmPackage } from '../../../prove/trial.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { packagesOf, rpmRoot } from '../../shared/rpm-system.ts';

/** A definition in the form of Photon's OVAL: some packages of one advisory. */
export interface Phsa {
  /** Number of the advisory's page, `3.0-0036`; absent: the definition names none. */
  page?: string;
  cves?: readonly string[];
  severity?: string;
  issued?: string;
  class?: string;
  /** Of the test of the release; default: the document's. '': there is none. */
  major?: string;
  /** `name < epoch:version-release` */
  rows: readonly string[];
}

export const photonKey = 'c0b5e0ab66fd4949';

const namespace = 'http://oval.mitre.org/XMLSchema/oval-definitions-5';
const wiki = 'https://github.com/vmware/photon/wiki/Security-Updates';

/** The id of the definition at a place of the document. */
export function phsaId(major: string, at: number): string {
  return `oval:com.vmware.phsa:def:2026${major}${String(at + 1).padStart(5, '0')}`;
}

/** Photon's OVAL of a major: ids and titles count definitions, and the advisory is in the address of its page alone. */
export function phsaOval(definitions: readonly Phsa[], major: string): string {
  const sections = { definitions: '', tests: '', objects: '', states: '' };
  const linux = `xmlns="${namespace}#linux"`;
  for (const [at, own] of definitions.entries()) {
    const number = String(at + 1).padStart(5, '0');
    const ref = (part: string, end: string) => `oval:com.vmware.phsa:${part}:2026${major}${number}${end}`;
    const criterion = (comment: string, name: string, end: string, state: string) => {
      sections.tests += `<rpminfo_test check="at least one" comment="${comment}" id="${ref('tst', end)}" version="1" ${linux}><object object_ref="${ref('obj', end)}"/><state state_ref="${ref('ste', end)}"/></rpminfo_test>\n`;
      sections.objects += `<rpminfo_object id="${ref('obj', end)}" version="1" ${linux}><name>${name}</name></rpminfo_object>\n`;
      sections.states += `<rpminfo_state id="${ref('ste', end)}" version="1" ${linux}>${state}</rpminfo_state>\n`;
      return `<criterion comment="${comment}" test_ref="${ref('tst', end)}"/>`;
    };
    const rows = own.rows.map((row, index) => {
      const [name = '', , below = ''] = row.split(' ');
      const evr = `<evr datatype="evr_string" operation="less than">${below}</evr>`;
      const key = `<signature_keyid operation="equals">${photonKey}</signature_keyid>`;
      return `<criteria operator="AND">${criterion(`${name} is earlier than ${below}`, name, `1${index}2`, evr)}${criterion(`${name} is signed with VMware key`, name, `1${index}3`, key)}</criteria>`;
    });
    const installed = criterion(
      `Photon OS ${own.major ?? major} is installed`,
      'photon-release',
      '1',
      `<version operation="pattern match">^${own.major ?? major}[^\\d]</version>`,
    );
    const { page, cves = [], issued = '2026-09-22', severity = 'Important' } = own;
    const release = page?.replace('-', ':');
    sections.definitions += [
      `<definition class="${own.class ?? 'patch'}" id="${phsaId(major, at)}" version="1"><metadata>`,
      `<title>PHSA-2026:${number} some Security Update. (${severity})</title>`,
      page === undefined
        ? ''
        : `<reference ref_id="PHSA:${number}:${release}" ref_url="${wiki}-${page}" source="PHSA"/>`,
      ...cves.map((cve) => `<reference ref_id="CVE:${number}:${cve}" ref_url="" source="CVE"/>`),
      `<description>This update upgrade some #Fixes</description>`,
      `<advisory from="somebody"><severity>${severity}</severity><issued date="${issued}"/><updated date="${issued}"/>`,
      ...cves.map((cve) => `<cve>${cve}</cve>`),
      `</advisory></metadata><criteria operator="AND">${own.major === '' ? '' : installed}<criteria operator="OR">${rows.join('')}</criteria></criteria></definition>\n`,
    ].join('');
  }
  const parts = Object.entries(sections).map(([name, text]) => `<${name}>\n${text}</${name}>\n`);
  return `<?xml version="1.0" encoding="utf-8"?>\n<oval_definitions xmlns="${namespace}" xmlns:oval="http://oval.mitre.org/XMLSchema/oval-common-5"><generator><oval:product_name>Photon OS OVAL Patch definition Updater</oval:product_name><oval:schema_version>5.11</oval:schema_version><oval:timestamp>2026-09-22T06:35:16</oval:timestamp></generator>\n${parts.join('')}</oval_definitions>\n`;
}

/** A mirror with a document for each major. */
export function writePhotonMirror(documents: Readonly<Record<string, readonly Phsa[] | string>>): string {
  const mirror = temporaryFolder('mirror');
  for (const [major, of] of Object.entries(documents)) {
    const name = `packages.broadcom.com/photon/photon_oval_definitions/com.vmware.phsa-photon${major}.xml.gz`;
    mkdirSync(dirname(join(mirror, name)), { recursive: true });
    writeFileSync(join(mirror, name), gzipSync(typeof of === 'string' ? of : phsaOval(of, major)));
  }
  return mirror;
}

/** `name-[epoch:]version-release.arch`, signed by VMware. */
export const rpm = packagesOf({ vendor: 'VMware, Inc.', keyid: photonKey });

/** A system of Photon OS as its release package makes it. */
export function photonRoot(version: string, packages: readonly RpmPackage[]): string {
  const osRelease = `NAME="VMware Photon OS"\nVERSION="${version}"\nID=photon\nVERSION_ID=${version}\nPRETTY_NAME="VMware Photon OS/Linux"\n`;
  const files = {
    'etc/os-release': osRelease,
    'etc/photon-release': `VMware Photon Linux ${version}\nPHOTON_BUILD_NUMBER=a1b2c3d\n`,
  };
  const [major] = version.split('.');
  return rpmRoot(files, [rpm(`photon-release-${version}-4.ph${major}.noarch`), ...packages]);
}
