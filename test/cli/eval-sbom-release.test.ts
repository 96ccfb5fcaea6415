import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rootWith, scapfeed, stanza } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';

const folder = temporaryFolder('eval-sbom-release');
const schema = 'http://oval.mitre.org/XMLSchema/oval-definitions-5';

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

interface Check {
  /** Content of the object of the release check. */
  object: string;
  state: string;
  /** Debian's definitions test the processor, Canonical's extend a definition of class inventory. */
  extended?: boolean;
}

/** Three definitions in the shape that Debian and Canonical write: of a flaw, of a fixed one, and of a missing package. */
function vendorOval({ object, state, extended = false }: Check): string {
  const packages = [
    ['bash', '0:5.2-3'],
    ['zlib', '1:1.2-1'],
    ['not-there', '0:9-1'],
  ] as const;
  const criteria = (n: number) =>
    extended
      ? `<criteria><extend_definition definition_ref="oval:v:def:100"/><criteria operator="OR"><criterion test_ref="oval:v:tst:${n}"/></criteria></criteria>`
      : `<criteria operator="AND"><criterion test_ref="oval:v:tst:100"/><criteria operator="OR"><criteria operator="AND"><criterion test_ref="oval:v:tst:101"/><criterion test_ref="oval:v:tst:${n}"/></criteria></criteria></criteria>`;
  const definition = (n: number) =>
    `<definition id="oval:v:def:${n}" version="1" class="vulnerability"><metadata><title>CVE-2026-${1000 + n}</title><affected family="unix"/><reference source="CVE" ref_id="CVE-2026-${1000 + n}"/><description>.</description></metadata>${criteria(n)}</definition>`;
  const installed =
    '<definition id="oval:v:def:100" version="1" class="inventory"><metadata><title>installed</title><description>.</description></metadata><criteria><criterion test_ref="oval:v:tst:102"/><criterion test_ref="oval:v:tst:100"/></criteria></definition>';
  return `<oval_definitions xmlns="${schema}" xmlns:oval="http://oval.mitre.org/XMLSchema/oval-common-5" xmlns:ind="${schema}#independent" xmlns:unix="${schema}#unix" xmlns:linux="${schema}#linux">
<generator><oval:schema_version>5.11.2</oval:schema_version><oval:timestamp>2026-01-02T03:04:05</oval:timestamp></generator>
<definitions>${extended ? installed : ''}${packages.map((_, n) => definition(n)).join('')}</definitions>
<tests><ind:textfilecontent54_test id="oval:v:tst:100" version="1" check="all" check_existence="at_least_one_exists" comment="the release"><ind:object object_ref="oval:v:obj:100"/><ind:state state_ref="oval:v:ste:100"/></ind:textfilecontent54_test>
<unix:uname_test id="oval:v:tst:101" version="1" check="all" check_existence="at_least_one_exists" comment="all architecture"><unix:object object_ref="oval:v:obj:101"/></unix:uname_test>
<ind:family_test id="oval:v:tst:102" version="1" check="at least one" comment="unix"><ind:object object_ref="oval:v:obj:102"/><ind:state state_ref="oval:v:ste:102"/></ind:family_test>
${packages.map(([name], n) => `<linux:dpkginfo_test id="oval:v:tst:${n}" version="1" check="all" check_existence="at_least_one_exists" comment="${name} is earlier"><linux:object object_ref="oval:v:obj:${n}"/><linux:state state_ref="oval:v:ste:${n}"/></linux:dpkginfo_test>`).join('\n')}</tests>
<objects><ind:textfilecontent54_object id="oval:v:obj:100" version="1">${object}</ind:textfilecontent54_object>
<unix:uname_object id="oval:v:obj:101" version="1"/><ind:family_object id="oval:v:obj:102" version="1"/>
${packages.map(([name], n) => `<linux:dpkginfo_object id="oval:v:obj:${n}" version="1"><linux:name>${name}</linux:name></linux:dpkginfo_object>`).join('\n')}</objects>
<states><ind:textfilecontent54_state id="oval:v:ste:100" version="1">${state}</ind:textfilecontent54_state>
<ind:family_state id="oval:v:ste:102" version="1"><ind:family>unix</ind:family></ind:family_state>
${packages.map(([, evr], n) => `<linux:dpkginfo_state id="oval:v:ste:${n}" version="1"><linux:evr datatype="debian_evr_string" operation="less than">${evr}</linux:evr></linux:dpkginfo_state>`).join('\n')}</states>
</oval_definitions>`;
}

const equals = (value: string) => `<ind:subexpression operation="equals">${value}</ind:subexpression>`;
const instance = '<ind:instance datatype="int">1</ind:instance>';
const pattern = (text: string) => `<ind:pattern operation="pattern match">${text}</ind:pattern>`;
const debian = (version: string): Check => ({
  object: `<ind:path>/etc</ind:path><ind:filename>debian_version</ind:filename>${pattern('(\\d+)\\.\\d')}${instance}`,
  state: equals(version),
});
const ubuntu = (codename: string): Check => ({
  object: `<ind:filepath datatype="string">/etc/lsb-release</ind:filepath>${pattern('^[\\s\\S]*DISTRIB_CODENAME=([a-z]+)$')}${instance}`,
  state: equals(codename),
  extended: true,
});

function evaluate(reference: string, content: string, ...args: string[]) {
  const { code, out, err } = scapfeed([
    'eval',
    reference,
    '--content',
    content,
    '--all',
    '-o',
    'json',
    ...args,
  ]);
  const json = out === '' ? undefined : JSON.parse(out);
  return {
    code,
    err,
    notes: (json?.notes ?? []) as { code: string; detail?: string }[],
    found: json && {
      applies: json.applies,
      reason: json.reason,
      definitions: json.definitions,
      counts: json.counts,
    },
  };
}

/** The document as it is, and compiled. */
function forms(name: string, check: Check): string[] {
  const content = file(`${name}.xml`, vendorOval(check));
  expect(scapfeed(['compile', content, '-o', `${content}.jsonl`]).code).toBe(0);
  return [content, `${content}.jsonl`];
}

const packages = stanza('bash', '5.2-2') + stanza('zlib', '1:1.2-9');
const bookworm = rootWith({
  'var/lib/dpkg/status': packages,
  'etc/os-release': 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n',
  'etc/debian_version': '12.13\n',
});
const jammy = rootWith({
  'var/lib/dpkg/status': packages,
  'etc/os-release': 'ID=ubuntu\nVERSION_ID="22.04"\nVERSION_CODENAME=jammy\n',
  'etc/lsb-release':
    'DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=22.04\nDISTRIB_CODENAME=jammy\nDISTRIB_DESCRIPTION="Ubuntu 22.04.5 LTS"\n',
  'etc/debian_version': 'bookworm/sid\n',
});

/** As trivy and syft write a system: an element with the number that it knows, and the packages' `distro`. */
function bom(name: string, version: string | undefined, distro = ''): string {
  const component = (pkg: string, at: string) => {
    const purl = `pkg:deb/${name}/${pkg}@${encodeURIComponent(at)}?arch=amd64${distro === '' ? '' : `&distro=${distro}`}`;
    return { type: 'library', 'bom-ref': purl, name: pkg, version: at, purl };
  };
  return JSON.stringify({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    components: [
      { type: 'operating-system', 'bom-ref': 'os', name, ...(version === undefined ? {} : { version }) },
      component('bash', '5.2-2'),
      component('zlib', '1:1.2-9'),
    ],
  });
}

describe("a release check of Debian's and Canonical's OVAL, on an SBOM that states the release", () => {
  it.each([
    ['debian 12', bookworm, debian('12'), 'yes', ['12', '12.13']],
    ['debian 12, content for 11', bookworm, debian('11'), 'no', ['12', '12.13']],
    ['ubuntu 22.04', jammy, ubuntu('jammy'), 'yes', ['22.04', '22.04.5']],
    ['ubuntu 22.04, content for noble', jammy, ubuntu('noble'), 'no', ['22.04', '22.04.5']],
  ] as const)('has the results of the image: %s', (name, root, check, applies, versions) => {
    const [system] = name.split(' ');
    const own = ['cyclonedx', 'spdx', 'json'].map((format) => {
      const sbom = join(folder, `${name}.${format}`);
      expect(scapfeed(['inventory', `dir:${root}`, '-o', `${format}=${sbom}`]).code).toBe(0);
      return sbom;
    });
    const others = versions.map((version) =>
      file(`${name} ${version}.cdx.json`, bom(system!, version, `${system}-${version}`)),
    );
    for (const content of forms(name, check)) {
      const image = evaluate(`dir:${root}`, content, '--fail-on', 'any');
      expect(image.found).toMatchObject({ applies });
      expect(image.code).toBe(applies === 'yes' ? 1 : 4);
      for (const sbom of [...own, ...others]) {
        const { found, code, notes } = evaluate(`sbom:${sbom}`, content, '--fail-on', 'any');
        expect(withoutPlaces(found), sbom).toEqual(withoutPlaces(image.found));
        expect(code).toBe(image.code);
        expect(notes).toContainEqual(
          expect.objectContaining({
            code: 'stated_release',
            detail: expect.stringMatching(/^(debian 12|ubuntu 22\.04), stated there, answers .* \/etc\//),
          }),
        );
      }
      expect(image.notes.map((note) => note.code)).not.toContain('stated_release');
    }
  });

  it.each([
    ['an SBOM without a release', debian('12'), bom('debian', undefined)],
    ['an unreleased version', debian('12'), bom('debian', 'forky/sid')],
    ['another distribution', debian('12'), bom('ubuntu', '22.04')],
    ['a derivative', debian('12'), bom('raspbian', '12')],
    ['a number without a known codename', ubuntu('jammy'), bom('ubuntu', '99.04')],
    ['packages of another release', debian('12'), bom('debian', '12', 'debian-11')],
    [
      'another pattern',
      { ...debian('12'), object: debian('12').object.replace('\\d+', '\\d\\d') },
      bom('debian', '12'),
    ],
    [
      'another file',
      { ...debian('12'), object: debian('12').object.replace('debian_version', 'acme_version') },
      bom('debian', '12'),
    ],
    [
      'another match',
      { ...debian('12'), object: debian('12').object.replace('>1<', '>2<') },
      bom('debian', '12'),
    ],
    [
      'behaviors',
      { ...debian('12'), object: `<ind:behaviors multiline="false"/>${debian('12').object}` },
      bom('debian', '12'),
    ],
    ['the whole match', { ...debian('12'), state: '<ind:text>12.1</ind:text>' }, bom('debian', '12.1')],
  ])('is unknown, and passes no gate: %s', (name, check, sbom) => {
    const reference = `sbom:${file(`${name}.cdx.json`, sbom)}`;
    for (const content of forms(name, check as Check)) {
      const { found, code } = evaluate(reference, content, '--fail-on', 'critical');
      expect(found).toMatchObject({ applies: 'unknown' });
      expect(code).toBe(4);
    }
  });
});

/** Evidence names the database, which is the SBOM. */
function withoutPlaces(found: object): unknown {
  return JSON.parse(JSON.stringify(found, (key, value) => (key === 'evidence' ? undefined : value)));
}
