import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OvalEngine } from '../../../src/comply/oval/engine.ts';
import { lookupOf } from '../../../src/comply/oval/lookup.ts';
import { readOval } from '../../../src/comply/oval/read-oval.ts';
import {
  foreignFamilies,
  imageCollector,
  uncollectedTypes,
} from '../../../src/comply/probes/image-collector.ts';
import { probeOf, probes } from '../../../src/comply/probes/registry.ts';
import { hasOracle, isRoot } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { systemOf } from '../support/roots.ts';

const schemas = '/usr/share/openscap/schemas/oval/5.11.3';
const oval = 'http://oval.mitre.org/XMLSchema/oval-definitions-5';
const here = hasOracle('oscap') && isRoot();

/** Rows of the table in docs/compliance.md: object type to our result and to oscap's. */
const rows = tableRows(readFileSync('docs/compliance.md', 'utf8'));

function tableRows(page: string): [type: string, ours: string, oscap: string][] {
  const form = /^\| (independent|linux|unix) (`[^|]+) \| [^|]+ \| ([a-z ]+?) +\| ([a-z ]+?) +\|$/gm;
  return [...page.matchAll(form)].flatMap(([, family = '', names = '', ours = '', oscap = '']) =>
    [...names.matchAll(/`(\w+)`/g)].map(
      ([, name]) => [`${family}/${name}`, ours, oscap] as [string, string, string],
    ),
  );
}

const file = '<t:filepath>/etc/motd</t:filepath>';
const absent = '<t:filepath>/etc/absent</t:filepath>';
const entity = (name: string, value: string, attributes = '') =>
  `<t:${name}${attributes}>${value}</t:${name}>`;
const int = ' datatype="int"';

/** One object of each type, for a root that has only an os-release of Debian and a motd. */
const objects: Readonly<Record<string, string>> = {
  'independent/environmentvariable': entity('name', 'ABSENT'),
  'independent/environmentvariable58': entity('pid', '1', int) + entity('name', 'ABSENT'),
  'independent/family': '',
  'independent/filehash': absent,
  'independent/filehash58': absent + entity('hash_type', 'SHA-256'),
  'independent/ldap': entity('suffix', 'x') + entity('relative_dn', 'x') + entity('attribute', 'x'),
  'independent/ldap57': entity('suffix', 'x') + entity('relative_dn', 'x') + entity('attribute', 'x'),
  'independent/sql': ['engine', 'version', 'connection_string', 'sql']
    .map((name) => entity(name, 'x'))
    .join(''),
  'independent/sql57': ['engine', 'version', 'connection_string', 'sql']
    .map((name) => entity(name, 'x'))
    .join(''),
  'independent/textfilecontent':
    entity('path', '/etc') +
    entity('filename', 'absent') +
    entity('line', '^x', ' operation="pattern match"'),
  'independent/textfilecontent54':
    absent + entity('pattern', '^x', ' operation="pattern match"') + entity('instance', '1', int),
  'independent/variable': entity('var_ref', 'oval:x:var:1'),
  'independent/xmlfilecontent': absent + entity('xpath', '/x'),
  'independent/yamlfilecontent': absent + entity('yamlpath', '.x'),
  'linux/apparmorstatus': '',
  'linux/dpkginfo': entity('name', 'absent'),
  'linux/fwupdsecattr': entity('stream-id', 'x'),
  'linux/iflisteners': entity('interface_name', 'eth0'),
  'linux/inetlisteningservers':
    entity('protocol', 'tcp') + entity('local_address', '::') + entity('local_port', '1', int),
  'linux/partition': entity('mount_point', '/tmp'),
  'linux/rpminfo': entity('name', 'absent'),
  'linux/rpmverify': entity('name', 'absent') + file,
  'linux/rpmverifyfile':
    ['name', 'epoch', 'version', 'release', 'arch'].map((name) => entity(name, 'absent')).join('') + file,
  'linux/rpmverifypackage': ['name', 'epoch', 'version', 'release', 'arch']
    .map((name) => entity(name, 'absent'))
    .join(''),
  'linux/selinuxboolean': entity('name', 'absent'),
  'linux/selinuxsecuritycontext': file,
  'linux/slackwarepkginfo': entity('name', 'absent'),
  'linux/systemdunitdependency': entity('unit', 'absent.service'),
  'linux/systemdunitproperty': entity('unit', 'absent.service') + entity('property', 'LoadState'),
  'unix/dnscache': entity('domain_name', 'x'),
  'unix/file': absent,
  'unix/fileextendedattribute': file + entity('attribute_name', 'user.absent'),
  'unix/gconf': entity('key', '/x') + entity('source', 'x'),
  'unix/inetd': entity('protocol', 'tcp') + entity('service_name', 'x'),
  'unix/interface': entity('name', 'eth0'),
  'unix/password': entity('username', 'absent'),
  'unix/process': entity('command', 'x'),
  'unix/process58': entity('command_line', 'absent') + entity('pid', '99999999', int),
  'unix/routingtable': entity('destination', '0.0.0.0', ' datatype="ipv4_address"'),
  'unix/runlevel': entity('service_name', 'absent') + entity('runlevel', '3'),
  'unix/sccs': absent,
  'unix/shadow': entity('username', 'absent'),
  'unix/symlink': absent,
  'unix/sysctl': entity('name', 'kernel.absent'),
  'unix/uname': '',
  'unix/xinetd': entity('protocol', 'tcp') + entity('service_name', 'x'),
};

/** oscap loses its place where two elements touch. A definition "true AND a test of this type": what a rule that mixes both comes to. */
function document(type: string): string {
  const [family, name] = type.split('/');
  const common = 'http://oval.mitre.org/XMLSchema/oval-common-5';
  const object =
    name === 'unknown'
      ? ''
      : `<t:${name}_object id="oval:x:obj:2" version="1">${objects[type]?.replaceAll('><t:', '>\n<t:')}</t:${name}_object>`;
  const reference = name === 'unknown' ? '' : '<t:object object_ref="oval:x:obj:2"/>';
  return `<oval_definitions xmlns="${oval}" xmlns:i="${oval}#independent" xmlns:t="${oval}#${family}" xmlns:oval="${common}"><generator><oval:schema_version>5.11.2</oval:schema_version><oval:timestamp>2026-01-01T00:00:00</oval:timestamp></generator>
<definitions><definition id="oval:x:def:1" version="1" class="compliance"><metadata><title>x</title><description>x</description></metadata><criteria><criterion test_ref="oval:x:tst:1"/><criterion test_ref="oval:x:tst:2"/></criteria></definition></definitions>
<tests><i:family_test id="oval:x:tst:1" version="1" check="all" comment="x"><i:object object_ref="oval:x:obj:1"/></i:family_test>
<t:${name}_test id="oval:x:tst:2" version="1" check="all" comment="x">${reference}</t:${name}_test></tests>
<objects><i:family_object id="oval:x:obj:1" version="1"/>
${object}</objects>
<variables><constant_variable id="oval:x:var:1" version="1" datatype="string" comment="x"><value>x</value></constant_variable></variables>
</oval_definitions>`;
}

function bareRoot(): string {
  const root = temporaryFolder('bare');
  mkdirSync(join(root, 'etc'));
  writeFileSync(join(root, 'etc/motd'), 'hello\n');
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  mkdirSync(join(root, 'var/lib/dpkg'), { recursive: true });
  writeFileSync(join(root, 'var/lib/dpkg/status'), '');
  writeFileSync(join(root, 'etc/shadow'), 'root:*:19000:0:99999:7:::\n');
  return root;
}

describe('object types', () => {
  it('of another platform do not apply', () => {
    const engine = new OvalEngine({
      document: lookupOf(
        readOval(
          document('unix/dnscache').replaceAll('#unix', '#windows').replaceAll('dnscache', 'registry'),
          'x',
        ),
      ),
      collect: imageCollector(systemOf(bareRoot())),
    });
    expect(engine.test('oval:x:tst:2').result).toBe('not applicable');
  });
});

describe.skipIf(!here)('every object type of the OVAL schemas for Linux', () => {
  const root = here ? bareRoot() : '';
  const testNames = (family: string) =>
    [
      ...readFileSync(join(schemas, `${family}-definitions-schema.xsd`), 'utf8').matchAll(
        /element name="(\w+)_test"/g,
      ),
    ].map(([, name]) => `${family}/${name}`);

  it('is in the table of docs/compliance.md, once, and either has a probe or a reason', () => {
    const all = ['independent', 'linux', 'unix'].flatMap(testNames).sort();
    expect(rows.map(([type]) => type).sort()).toEqual(all);
    const settled = new Set([
      ...probes.map(({ type }) => type),
      ...Object.keys(uncollectedTypes),
      'independent/unknown',
    ]);
    expect(all.filter((type) => !settled.has(type))).toEqual([]);
    expect(Object.keys(uncollectedTypes).filter(probeOf)).toEqual([]);
  });

  it('names every other platform that has a schema of its own', () => {
    const found = execFileSync('sh', [
      '-c',
      `grep -ho 'targetNamespace="[^"]*"' ${schemas}/*-definitions-schema.xsd`,
    ])
      .toString()
      .match(/#\w+/g);
    const others = (found ?? []).map((name) => name.slice(1));
    // Apache httpd runs on Linux: what cannot be collected of it is unknown.
    const own = ['independent', 'linux', 'unix', 'apache'];
    expect(others.filter((family) => !own.includes(family)).sort()).toEqual([...foreignFamilies].sort());
  });

  it.each(rows)('%s: %s, by oscap %s', (type, ours, theirs) => {
    const text = document(type);
    const engine = new OvalEngine({
      document: lookupOf(readOval(text, 'oval.xml')),
      collect: imageCollector(systemOf(root)),
    });
    expect([engine.test('oval:x:tst:2').result, engine.definition('oval:x:def:1')]).toEqual([ours, ours]);
    expect(oscapResult(text, root)).toBe(theirs);
  });
});

/** Result of test 2 by oscap; `crash` where it writes none. */
function oscapResult(text: string, root: string): string | undefined {
  const folder = temporaryFolder('oscap');
  writeFileSync(join(folder, 'oval.xml'), text);
  spawnSync('oscap', ['oval', 'eval', '--skip-validation', '--results', 'results.xml', 'oval.xml'], {
    cwd: folder,
    env: { ...process.env, OSCAP_PROBE_ROOT: root, OSCAP_CONTAINER_VARS: 'HOME=/root' },
    stdio: 'ignore',
  });
  const written = join(folder, 'results.xml');
  if (!existsSync(written)) return 'crash';
  const results = readFileSync(written, 'utf8');
  return /<test test_id="oval:x:tst:2"[^>]* result="([^"]+)"/.exec(results)?.[1];
}
