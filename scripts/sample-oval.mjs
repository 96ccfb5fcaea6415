// The sample's OVAL of vendors who publish nothing else: facts of scripts/sample/oval.tsv in each vendor's own form.
import { gzip } from './gzip.mjs';
import { packedBy } from './packed.mjs';

const definitions = 'http://oval.mitre.org/XMLSchema/oval-definitions-5';
const linux = `xmlns="${definitions}#linux"`;
const independent = `xmlns="${definitions}#independent"`;

/** Files of the mirror by path, from rows of oval.tsv. */
export function ovalFiles(rows) {
  const of = (vendor, release) =>
    rows.filter(([name, document]) => name === vendor && document === release).map(advisory);
  const microsoft = 'raw.githubusercontent.com/microsoft/AzureLinuxVulnerabilityData/main';
  return {
    'linux.oracle.com/security/oval/com.oracle.elsa-ol10.xml.bz2': packedBy(
      'bzip2',
      oracle(of('oracle', '10'), '10'),
    ),
    [`${microsoft}/azurelinux-3.0-oval.xml`]: flaws(of('azurelinux', '3.0'), 'azurelinux', 'Azure Linux'),
    [`${microsoft}/cbl-mariner-2.0-oval.xml`]: flaws(of('mariner', '2.0'), 'cbl-mariner', 'CBL-Mariner'),
    'packages.broadcom.com/photon/photon_oval_definitions/com.vmware.phsa-photon5.xml.gz': gzip(
      photon(of('photon', '5'), '5'),
    ),
    'anas.openanolis.cn/api/data/OVAL/anolis-23.oval.xml': anolis(of('anolis', '23'), '23'),
  };
}

function advisory([, , id, severity, issued, cves, packages, subject]) {
  const builds = packages.split(' ').map((each) => each.split('<'));
  return { id, severity, issued, cves: cves.split(' '), builds, subject };
}

/** Definitions, and the tests, objects and states that their criteria name, by ids that begin with `base`. */
class Document {
  #parts = { definitions: [], tests: [], objects: [], states: [] };
  #base;
  #prefix;

  constructor(base, prefix = '') {
    this.#base = base;
    this.#prefix = prefix;
  }

  id(part, number) {
    return `${this.#base}:${part}:${number}`;
  }

  /** A criterion about an installed package. */
  package(number, name, comment, state) {
    const test = {
      kind: 'rpminfo',
      space: this.#prefix === '' ? ` ${linux}` : '',
      check: 'at least one',
      object: this.#element('name', name),
      state,
    };
    return this.test(number, comment, test);
  }

  test(number, comment, { kind, space, check, object, state }) {
    const [element, own] = [(name, inner) => this.#element(name, inner), `version="1"${space}`];
    const named = (part) => `id="${this.id(part, number)}" ${own}`;
    const refs = ['object', 'state'].map(
      (part) =>
        `<${this.#prefix}${part} ${part}_ref="${this.id(part === 'object' ? 'obj' : 'ste', number)}"/>`,
    );
    const { tests, objects, states } = this.#parts;
    tests.push(element(`${kind}_test check="${check}" comment="${comment}" ${named('tst')}`, refs.join('')));
    objects.push(element(`${kind}_object ${named('obj')}`, object));
    states.push(element(`${kind}_state ${named('ste')}`, state));
    return `<criterion comment="${comment}" test_ref="${this.id('tst', number)}"/>`;
  }

  define(number, kind, metadata, criteria) {
    const head = `<definition class="${kind}" id="${this.id('def', number)}" version="1">`;
    this.#parts.definitions.push(
      `${head}\n<metadata>\n${metadata.join('\n')}\n</metadata>\n${criteria}\n</definition>`,
    );
  }

  text(product, schema = '5.11') {
    const sections = Object.entries(this.#parts).map(
      ([name, elements]) => `<${name}>\n${elements.join('\n')}\n</${name}>\n`,
    );
    const spaces = `xmlns="${definitions}" xmlns:oval="http://oval.mitre.org/XMLSchema/oval-common-5" xmlns:linux-def="${definitions}#linux"`;
    const generator = `<generator>\n<oval:product_name>${product}</oval:product_name>\n<oval:schema_version>${schema}</oval:schema_version>\n<oval:timestamp>2026-11-24T00:00:00</oval:timestamp>\n</generator>`;
    return `<?xml version="1.0" encoding="utf-8"?>\n<oval_definitions ${spaces}>\n${generator}\n${sections.join('')}</oval_definitions>\n`;
  }

  #element(start, inner) {
    const [name] = start.split(' ');
    return `<${this.#prefix}${start}>${inner}</${this.#prefix}${name}>`;
  }
}

const below = (evr) => `<evr datatype="evr_string" operation="less than">${evr}</evr>`;
const signedBy = (key) => `<signature_keyid operation="equals">${key}</signature_keyid>`;
const affected = (platform) => `<affected family="unix"><platform>${platform}</platform></affected>`;
const all = (...criteria) => `<criteria operator="AND">\n${criteria.join('\n')}\n</criteria>`;
const any = (...criteria) => `<criteria operator="OR">\n${criteria.join('\n')}\n</criteria>`;

/** A definition of an advisory: its release, an architecture, and packages with their builds and key. */
function oracle(advisories, release) {
  const document = new Document('oval:com.oracle.elsa');
  const system = `Oracle Linux ${release}`;
  for (const { id, severity, issued, cves, builds, subject } of advisories) {
    const digits = id.replace(/\D/g, '');
    const number = (at) => `${digits}${String(at).padStart(3, '0')}`;
    const page = 'https://linux.oracle.com';
    const metadata = [
      `<title>\n${id}:  ${subject} security update (${severity})\n</title>`,
      affected(system),
      `<reference source="elsa" ref_id="${id}" ref_url="${page}/errata/${id}.html"/>`,
      ...cves.map((cve) => `<reference source="CVE" ref_id="${cve}" ref_url="${page}/cve/${cve}.html"/>`),
      `<description>\nAn update of ${subject}\n</description>`,
      `<advisory>\n<severity>${severity}</severity>\n<issued date="${issued}"/>\n${cves
        .map((cve) => `<cve href="${page}/cve/${cve}.html">${cve}</cve>`)
        .join('\n')}\n</advisory>`,
    ];
    const packages = builds.map(([name, evr], at) =>
      all(
        document.package(number(3 + 2 * at), name, `${name} is earlier than ${evr}`, below(evr)),
        document.package(
          number(4 + 2 * at),
          name,
          `${name} is signed with the ${system} key`,
          signedBy('bc4d06a08d8b756f'),
        ),
      ),
    );
    const ofRelease = (at, comment, state) =>
      document.package(number(at), 'oraclelinux-release', comment, state);
    const criteria = all(
      ofRelease(1, `${system} is installed`, `<version operation="pattern match">^${release}</version>`),
      any(
        all(
          ofRelease(2, 'Oracle Linux arch is x86_64', '<arch operation="pattern match">x86_64</arch>'),
          any(...packages),
        ),
      ),
    );
    document.define(digits, 'patch', metadata, criteria);
  }
  return document.text('Oracle Errata System');
}

/** Microsoft's definitions: of one flaw in a source package each. */
function flaws(list, name, platform) {
  const document = new Document(`oval:com.microsoft.${name}`, 'linux-def:');
  for (const { id, severity, issued, cves, builds } of list) {
    const [cve] = cves;
    const [[source, evr]] = builds;
    const said = `${cve} affecting package ${source} for versions less than ${evr.replace(/^\d+:|\.\w+$/g, '')}`;
    const metadata = [
      `<title>${said}</title>`,
      affected(platform),
      `<reference ref_id="${cve}" ref_url="https://nvd.nist.gov/vuln/detail/${cve}" source="CVE"/>`,
      '<patchable>true</patchable>',
      `<advisory_date>${issued}</advisory_date>`,
      `<advisory_id>${id}-1</advisory_id>`,
      `<severity>${severity}</severity>`,
      `<description>${said}.</description>`,
    ];
    const state = `<linux-def:evr datatype="evr_string" operation="less than">${evr}</linux-def:evr>`;
    const comment = `Package ${source} is earlier than ${evr}, affected by ${cve}`;
    const criterion = document.package(`${id}000`, source, comment, state);
    document.define(id, 'vulnerability', metadata, `<criteria operator="AND">\n${criterion}\n</criteria>`);
  }
  return document.text(`${platform} OVAL Definition Generator`);
}

/** Ids and titles count definitions; the advisory is in the address of its page alone. */
function photon(advisories, major) {
  const document = new Document('oval:com.vmware.phsa');
  for (const [at, { id, severity, issued, cves, builds, subject }] of advisories.entries()) {
    const count = String(at + 1).padStart(5, '0');
    const number = `${issued.slice(0, 4)}${major}${count}`;
    const metadata = [
      `<title>PHSA-${issued.slice(0, 4)}:${count} ${subject} Security Update. (${severity})</title>`,
      affected(`Photon ${major}`),
      `<reference ref_id="PHSA:${count}:${id.replace('-', ':')}" ref_url="https://github.com/vmware/photon/wiki/Security-Updates-${id}" source="PHSA"/>`,
      ...cves.map(
        (cve) =>
          `<reference ref_id="CVE:${count}:${cve}" ref_url="https://nvd.nist.gov/vuln/detail?vulnId=${cve}" source="CVE"/>`,
      ),
      `<description>An update of ${subject}</description>`,
      `<advisory from="photon_security@vmware.com"><severity>${severity}</severity><issued date="${issued}"/><updated date="${issued}"/>${cves
        .map((cve) => `<cve>${cve}</cve>`)
        .join('')}</advisory>`,
    ];
    const packages = builds.map(([name, evr], index) =>
      all(
        document.package(`${number}1${index}2`, name, `${name} is earlier than ${evr}`, below(evr)),
        document.package(
          `${number}1${index}3`,
          name,
          `${name} is signed with VMware key`,
          signedBy('c0b5e0ab66fd4949'),
        ),
      ),
    );
    const installed = document.package(
      `${number}1`,
      'photon-release',
      `Photon OS ${major} is installed`,
      `<version operation="pattern match">^${major}[^\\d]</version>`,
    );
    document.define(number, 'patch', metadata, all(installed, any(...packages)));
  }
  return document.text('Photon OS OVAL Patch definition Updater');
}

/** A test of the release file, and no keys; the build of a subpackage begins with the rest of its name. */
function anolis(advisories, release) {
  const document = new Document('oval:cn.openanolis');
  const system = `Anolis OS ${release}`;
  const installed = document.test(1, `${system} is installed`, {
    ...{ kind: 'textfilecontent54', space: ` ${independent}`, check: 'at least one' },
    object:
      '<path>/etc</path><filename>anolis-release</filename><pattern operation="pattern match">(Anolis OS release) \\d.*</pattern><instance datatype="int">1</instance>',
    state: `<text operation="pattern match">${release}</text>`,
  });
  for (const { id, severity, issued, cves, builds, subject } of advisories) {
    const digits = id.replace(/\D/g, '');
    const metadata = [
      `<title>${id}: security update ${subject} (${severity})</title>`,
      affected(system),
      `<reference ref_id="${id}" ref_url="https://anas.openanolis.cn/errata/detail/${id}" source="ANSA"/>`,
      `<description>An update of ${subject}</description>`,
      `<advisory from="anas.openanolis.cn"><severity>${severity}</severity><issued date="${issued}"/><updated date="${issued}"/>${cves
        .map((cve) => `<cve impact="${severity}">${cve}</cve>`)
        .join('')}</advisory>`,
    ];
    const packages = builds.map(([name, evr], at) =>
      document.package(
        `${digits}${String(at + 1).padStart(3, '0')}`,
        name,
        `${name} is earlier than ${evr}`,
        below(evr),
      ),
    );
    document.define(digits, 'patch', metadata, all(installed, any(...packages)));
  }
  return document.text('Openanolis OVAL Generator', '5.11.2');
}
