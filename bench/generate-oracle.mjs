// Oracle's OVAL at full size, as a mirror: each definition asks for the release, the architecture of the system, a module, and for
// each package for its build and its key, by tests and states of its own, as Oracle's documents have them. Deterministic.
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const namespace = 'http://oval.mitre.org/XMLSchema/oval-definitions-5';
const linux = `xmlns="${namespace}#linux"`;
const keys = { 6: '72f97b74ec551f03', 7: '72f97b74ec551f03', 8: '82562ea9ad986da3' };

/** Release -> advisories. */
const releases = { 6: 2000, 7: 2600, 8: 3000, 9: 2400, 10: 500 };

const sources = 900;

/** The binaries of a source: 13 on average; one in twelve is a kernel, one in ten a module of 60. */
export function binariesOf(source) {
  const count = isModule(source) ? 60 : source % 12 === 1 ? 14 : 1 + ((source * 7) % 16);
  return Array.from({ length: count }, (_, at) => `source${source}${at === 0 ? '' : `-part${at}`}`);
}

/** Writes the documents of all releases; returns their definitions, and their bytes before they are packed. */
export function generateOracle(mirror, share = 1) {
  const folder = join(mirror, 'linux.oracle.com/security/oval');
  mkdirSync(folder, { recursive: true });
  const made = { definitions: 0, bytes: 0 };
  for (const [release, count] of Object.entries(releases)) {
    const path = join(folder, `com.oracle.elsa-ol${release}.xml`);
    const advisories = Math.ceil(count * share);
    writeDocument(path, release, advisories);
    made.definitions += advisories;
    made.bytes += statSync(path).size;
    pack(path);
  }
  return made;
}

/** By bzip2, as Oracle does; where it is not installed by gzip, as readers go by the first bytes. */
function pack(path) {
  try {
    execFileSync('bzip2', ['-f', path], { stdio: 'ignore' });
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    writeFileSync(`${path}.bz2`, gzipSync(readFileSync(path)));
    rmSync(path);
  }
}

function writeDocument(path, release, count) {
  const file = openSync(path, 'w');
  writeSync(
    file,
    `<oval_definitions xmlns="${namespace}" xmlns:oval="http://oval.mitre.org/XMLSchema/oval-common-5" xmlns:ind-def="${namespace}#independent">
<generator>
<oval:product_name>Oracle Errata System</oval:product_name>
<oval:schema_version>5.11</oval:schema_version>
<oval:timestamp>2026-11-20T06:35:16</oval:timestamp>
</generator>
`,
  );
  for (const section of ['definitions', 'tests', 'objects', 'states']) {
    writeSync(file, `<${section}>\n`);
    for (let at = 0; at < count; at++) writeSync(file, advisoryOf(release, at)[section]);
    writeSync(file, `</${section}>\n`);
  }
  writeSync(file, '</oval_definitions>\n');
  closeSync(file);
}

/** The part of an advisory in each section of the document. */
function advisoryOf(release, at) {
  const source = (at * 37) % sources;
  const number = `${2007 + ((at * 7) % 20)}${1000 + at}`;
  const id = `ELSA-${number.slice(0, 4)}-${number.slice(4)}`;
  const parts = { tests: '', objects: '', states: '' };
  const ids = new Map();
  /** One id for equal parts of an advisory; `make` writes it the first time. */
  const once = (kind, key, make) => {
    const known = ids.get(kind + key);
    if (known !== undefined) return known;
    const own = `oval:com.oracle.elsa:${kind}:${number}${String(ids.size + 1).padStart(3, '0')}`;
    ids.set(kind + key, own);
    make(own);
    return own;
  };
  const object = (name) =>
    once('obj', name, (own) => {
      parts.objects += `<rpminfo_object ${linux} id="${own}" version="501">\n<name>${name}</name>\n</rpminfo_object>\n`;
    });
  const state = (entity) =>
    once('ste', entity, (own) => {
      parts.states += `<rpminfo_state ${linux} id="${own}" version="501">\n${entity}\n</rpminfo_state>\n`;
    });
  const criterion = (name, comment, entity) => {
    const test = once('tst', comment, (own) => {
      parts.tests += `<rpminfo_test id="${own}"  version="501" comment="${comment}" check="at least one" ${linux}>\n<object object_ref="${object(name)}" />\n<state state_ref="${state(entity)}" />\n</rpminfo_test>\n`;
    });
    return `<criterion test_ref="${test}" comment="${comment}"/>\n`;
  };
  const ofRelease = (comment, entity) => criterion('oraclelinux-release', comment, entity);
  const below = buildOf(release, source, at);
  const rows = () =>
    binariesOf(source).map((name) =>
      group('AND', [
        criterion(
          name,
          `${name} is earlier than ${below}`,
          `<evr datatype="evr_string" operation="less than">${below}</evr>`,
        ),
        criterion(
          name,
          `${name} is signed with the Oracle Linux ${release} key`,
          `<signature_keyid operation="equals">${keys[release] ?? 'bc4d06a08d8b756f'}</signature_keyid>`,
        ),
      ]),
    );
  const module = isModule(source) && Number(release) >= 8 ? `module${source}:${1 + (at % 3)}` : undefined;
  const systems = Number(release) === 6 ? ['x86_64', 'i386'] : ['x86_64', 'aarch64'];
  const criteria = group('AND', [
    ofRelease(
      `Oracle Linux ${release} is installed`,
      `<version operation="pattern match">^${release}</version>`,
    ),
    group(
      'OR',
      systems.map((arch) =>
        group('AND', [
          ofRelease(`Oracle Linux arch is ${arch}`, `<arch operation="pattern match">${arch}</arch>`),
          ...(module ? [moduleCriterion(module, once, parts)] : []),
          group('OR', rows()),
        ]),
      ),
    ),
  ]);
  return { ...parts, definitions: definitionOf({ id, number, at, source, release, criteria }) };
}

function isModule(source) {
  return source % 10 === 0;
}

/** One in forty of user space is for Ksplice, one in sixty is validated for FIPS. */
function buildOf(release, source, at) {
  const version = `${1 + Math.floor(at / sources)}.${at % 7}`;
  if (isModule(source) && Number(release) >= 8)
    return `0:${version}-${1 + (at % 30)}.module+el${release}.${at % 10}.0+${20000 + at}+8ee66348`;
  if (source % 40 === 3) return `2:${version}-${1 + (at % 30)}.0.1.ksplice1.el${release}`;
  return `${source % 60 === 7 ? '10' : '0'}:${version}-${1 + (at % 30)}.el${release}${source % 60 === 7 ? '_fips' : `_${at % 10}`}`;
}

function moduleCriterion(module, once, parts) {
  const [name, stream] = module.split(':');
  const comment = `Module ${module} is enabled`;
  const enabled = String.raw`\nstate\s*=\s*(enabled|1|true)`;
  const ofStream = String.raw`\nstream\s*=\s*${stream}\b`;
  const test = once('tst', comment, (own) => {
    const object = once('obj', comment, (id) => {
      parts.objects += `<ind-def:textfilecontent54_object id="${id}" version="641">\n <ind-def:filepath datatype="string">/etc/dnf/modules.d/${name}.module</ind-def:filepath>\n <ind-def:pattern operation="pattern match">\\[${name}\\][\\w\\W]*</ind-def:pattern>\n <ind-def:instance datatype="int">1</ind-def:instance>\n</ind-def:textfilecontent54_object>\n`;
    });
    const state = once('ste', comment, (id) => {
      parts.states += `<ind-def:textfilecontent54_state id="${id}" version="641">\n <ind-def:text operation="pattern match">${ofStream}[\\w\\W]*${enabled}|${enabled}[\\w\\W]*${ofStream}</ind-def:text>\n</ind-def:textfilecontent54_state>\n`;
    });
    parts.tests += `<ind-def:textfilecontent54_test id="${own}"  version="501" comment="${comment}" check="all" >\n<ind-def:object object_ref="${object}" />\n<ind-def:state state_ref="${state}" />\n</ind-def:textfilecontent54_test>\n`;
  });
  return `<criterion test_ref="${test}" comment="${comment}"/>\n`;
}

function group(operator, parts) {
  return `<criteria operator="${operator}">\n${parts.join('')}</criteria>\n`;
}

function definitionOf({ id, number, at, source, release, criteria }) {
  const severity = ['LOW', 'MODERATE', 'IMPORTANT', 'CRITICAL'][at % 4];
  const year = number.slice(0, 4);
  // A kernel's advisory names a dozen flaws.
  const count = source % 12 === 1 ? 12 : 1 + (at % 4);
  const cves = Array.from({ length: count }, (_, nth) => `CVE-${year}-${10_000 + (at % 2500) * 12 + nth}`);
  const page = `https://linux.oracle.com/errata/${id}.html`;
  const changes = Array.from(
    { length: 12 },
    (_, nth) => `- change ${at * 12 + nth} of source${source} [Orabug: ${30_000_000 + at * 12 + nth}]`,
  );
  return `<definition id="oval:com.oracle.elsa:def:${number}" version="501" class="patch">
<metadata>
<title>
${id}:  source${source} security update (${severity})
</title>
<affected family="unix">
<platform>Oracle Linux ${release}</platform>

</affected>
<reference source="elsa" ref_id="${id}" ref_url="${page}"/>
${cves.map((cve) => `<reference source="CVE" ref_id="${cve}" ref_url="https://linux.oracle.com/cve/${cve}.html"/>\n`).join('')}
<description>
[1.${at % 7}]
${changes.join('\n')}
</description>
<!--
 ~~~~~~~~~~~~~~~~~~~~   advisory details   ~~~~~~~~~~~~~~~~~~~
-->
<advisory>
<severity>${severity}</severity>
<rights>Copyright ${year} Oracle, Inc.</rights>
<issued date="${year}-${String(1 + (at % 12)).padStart(2, '0')}-15"/>
${cves.map((cve) => `<cve cvss3="7.5/CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H" href="https://linux.oracle.com/cve/${cve}.html" public="${year}0115">${cve}</cve>\n`).join('')}
</advisory>
</metadata>
${criteria}
</definition>
`;
}
