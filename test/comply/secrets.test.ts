import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { debianRelease, rootWith, scapfeed } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { benchmark, rule } from './support/small-content.ts';

const secret = '$6$saltsalt$Kw1Zs0xUqE9hJc3yVbTn';
const legacy = 'aaSECRETdes13';
const grub = 'grub.pbkdf2.sha512.10000.0A1B2C3D4E5F.99AABBCCDDEEFF';
const root = rootWith({
  'etc/os-release': debianRelease('12', 'bookworm'),
  'etc/passwd': `root:${legacy}:0:0:root:/root:/bin/bash\n`,
  'etc/shadow': `root:${secret}:20000:0:99999:7:::\n`,
  'boot/grub2/user.cfg': `GRUB2_PASSWORD=${grub}\n`,
  'etc/shadow.rpmsave': `root:${legacy}:20000:0:99999:7:::\n`,
  'root/ks.cfg': `rootpw --iscrypted ${secret}\n`,
});

const oval = 'http://oval.mitre.org/XMLSchema/oval-definitions-5';
const shadowTest = (id: number, state: number) =>
  `<unix:shadow_test id="oval:x:tst:${id}" version="1" check="all" comment="shadow"><unix:object object_ref="oval:x:obj:1"/><unix:state state_ref="oval:x:ste:${state}"/></unix:shadow_test>`;
const variableTest = (id: number) =>
  `<ind:variable_test id="oval:x:tst:${id}" version="1" check="all" comment="variable"><ind:object object_ref="oval:x:obj:${id}"/><ind:state state_ref="oval:x:ste:6"/></ind:variable_test>`;
const variableObject = (id: number, variable: number) =>
  `<ind:variable_object id="oval:x:obj:${id}" version="1"><ind:var_ref>oval:x:var:${variable}</ind:var_ref></ind:variable_object>`;
const localVariable = (id: number, component: string) =>
  `<local_variable id="oval:x:var:${id}" version="1" datatype="string" comment="x">${component}</local_variable>`;
const passwordOf = '<object_component object_ref="oval:x:obj:1" item_field="password"/>';

/** Tests of both databases, and of what is made of them, that fail, so that every report tells what was found. */
const accounts = `<oval_definitions xmlns="${oval}" xmlns:unix="${oval}#unix" xmlns:ind="${oval}#independent">
<definitions><definition id="oval:x:def:1" version="1" class="compliance"><criteria><criterion test_ref="oval:x:tst:1"/><criterion test_ref="oval:x:tst:2"/><criterion test_ref="oval:x:tst:3"/><criterion test_ref="oval:x:tst:4"/><criterion test_ref="oval:x:tst:5"/><criterion test_ref="oval:x:tst:6"/><criterion test_ref="oval:x:tst:7"/><criterion test_ref="oval:x:tst:8"/><criterion test_ref="oval:x:tst:9"/></criteria></definition></definitions>
<tests>
<unix:shadow_test id="oval:x:tst:1" version="1" check="all" comment="shadow"><unix:object object_ref="oval:x:obj:1"/><unix:state state_ref="oval:x:ste:1"/></unix:shadow_test>
<unix:password_test id="oval:x:tst:2" version="1" check="all" comment="passwd"><unix:object object_ref="oval:x:obj:2"/><unix:state state_ref="oval:x:ste:2"/></unix:password_test>
<ind:textfilecontent54_test id="oval:x:tst:3" version="1" check="all" comment="lines"><ind:object object_ref="oval:x:obj:3"/><ind:state state_ref="oval:x:ste:3"/></ind:textfilecontent54_test>
<ind:textfilecontent54_test id="oval:x:tst:4" version="1" check="all" comment="hashes of other programs"><ind:object object_ref="oval:x:obj:4"/><ind:state state_ref="oval:x:ste:3"/></ind:textfilecontent54_test>
${shadowTest(5, 5)}${variableTest(6)}${variableTest(7)}${variableTest(8)}
<ind:textfilecontent54_test id="oval:x:tst:9" version="1" check="all" comment="a pattern that is a secret"><ind:object object_ref="oval:x:obj:9"/><ind:state state_ref="oval:x:ste:3"/></ind:textfilecontent54_test>
</tests>
<objects>
<unix:shadow_object id="oval:x:obj:1" version="1"><unix:username operation="pattern match">.*</unix:username></unix:shadow_object>
<unix:password_object id="oval:x:obj:2" version="1"><unix:username operation="pattern match">.*</unix:username></unix:password_object>
<ind:textfilecontent54_object id="oval:x:obj:3" version="1"><ind:filepath operation="pattern match">^/etc/(shadow|gshadow|passwd)-?$</ind:filepath><ind:pattern operation="pattern match">^root:(\\S+)$</ind:pattern><ind:instance datatype="int">1</ind:instance></ind:textfilecontent54_object>
<ind:textfilecontent54_object id="oval:x:obj:4" version="1"><ind:filepath operation="pattern match">^/(boot/grub2/user|root/ks)\\.cfg$</ind:filepath><ind:pattern operation="pattern match">^.*(?:=|iscrypted )(\\S+)$</ind:pattern><ind:instance datatype="int">1</ind:instance></ind:textfilecontent54_object>
${variableObject(6, 1)}${variableObject(7, 2)}${variableObject(8, 3)}
<ind:textfilecontent54_object id="oval:x:obj:9" version="1"><ind:filepath>/etc/shadow</ind:filepath><ind:pattern operation="pattern match" var_ref="oval:x:var:4"/><ind:instance datatype="int">1</ind:instance></ind:textfilecontent54_object>
</objects>
<states>
<unix:shadow_state id="oval:x:ste:1" version="1"><unix:password>none</unix:password></unix:shadow_state>
<unix:password_state id="oval:x:ste:2" version="1"><unix:password>none</unix:password></unix:password_state>
<ind:textfilecontent54_state id="oval:x:ste:3" version="1"><ind:subexpression>none</ind:subexpression></ind:textfilecontent54_state>
<unix:shadow_state id="oval:x:ste:5" version="1"><unix:password var_ref="oval:x:var:2"/></unix:shadow_state>
<ind:variable_state id="oval:x:ste:6" version="1"><ind:value>none</ind:value></ind:variable_state>
</states>
<variables>
${localVariable(1, passwordOf)}
${localVariable(2, `<concat><literal_component>x </literal_component><substring substring_start="13" substring_length="40">${passwordOf}</substring></concat>`)}
${localVariable(3, `<arithmetic arithmetic_operation="add"><literal_component datatype="int">1</literal_component>${passwordOf}</arithmetic>`)}
${localVariable(4, `<escape_regex>${passwordOf}</escape_regex>`)}
</variables>
</oval_definitions>`;

describe('a password that a rule looks at', () => {
  const folder = temporaryFolder();
  const content = join(folder, 'small.xml');
  writeFileSync(content, benchmark(rule('accounts', '', 'selected="true"')));
  writeFileSync(join(folder, 'oval.xml'), accounts);

  it.each(['table', 'json', 'html', 'junit', 'xccdf', 'oval', 'arf'])('is in no report as %s', (format) => {
    const report = join(folder, `report.${format}`);
    const { code, err } = scapfeed([
      'comply',
      `dir:${root}`,
      '--content',
      content,
      '--all',
      '-o',
      `${format}=${report}`,
    ]);
    expect(err).not.toContain('[');
    expect(code).toBe(0);
    const text = readFileSync(report, 'utf8');
    expect(text).toContain(format === 'oval' ? 'oval:x:def:1' : 'accounts');
    if (format === 'oval' || format === 'arf') expect(text).toContain('variable_item');
    for (const part of [secret, secret.slice(12), legacy, grub.slice(12)]) expect(text).not.toContain(part);
  });

  it('is looked at all the same', () => {
    const { out } = scapfeed(['comply', `dir:${root}`, '--content', content, '-o', 'table']);
    expect(out).toMatch(/^fail /m);
  });
});

describe('content that goes around the rule for /etc/shadow', () => {
  const folder = temporaryFolder();
  const database = `root:${secret}:20000:0:99999:7:::\nold:${legacy}:20000::::::\n`;
  const image = rootWith({
    'etc/os-release': debianRelease('12', 'bookworm'),
    'etc/shadow': database,
    'etc/shadow.rpmsave': database,
    'var/backups/shadow.bak.1': database,
    'srv/copy': `root:${secret}:20000:0:99999:7:::\n`,
    'srv/users.yaml': `${secret}: 1\n${secret}: 2\n`,
    'srv/users.xml': `<users><user password="${secret}"/></users>`,
    'srv/users.ldif': 'userPassword: {SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g5mqZ0\n',
  });
  symlinkSync('../etc/shadow', join(image, 'srv/link'));

  const objects = (tests: readonly (readonly [string, string])[]) =>
    tests
      .map(
        ([file, pattern], at) =>
          `<ind:textfilecontent54_object id="oval:x:obj:${at}" version="1"><ind:filepath>${file}</ind:filepath><ind:pattern operation="pattern match">${pattern}</ind:pattern><ind:instance datatype="int">1</ind:instance></ind:textfilecontent54_object>`,
      )
      .join('');
  const all = [
    ['/srv/link', '^old:([^:]+)'],
    ['/etc/shadow.rpmsave', '^old:([^:]+)'],
    ['/var/backups/shadow.bak.1', '^old:([^:]+)'],
    ['/srv/copy', '^root:\\$6\\$[^$]+\\$(.{10})'],
    ['/srv/copy', '(?&lt;=saltsalt\\$)([^:]+)'],
    ['/srv/users.ldif', '\\}(.{12})'],
  ] as const;
  const each = (text: (at: number) => string) => all.map((_, at) => text(at)).join('');
  const content = join(folder, 'small.xml');
  writeFileSync(content, benchmark(rule('accounts', '', 'selected="true"')));
  writeFileSync(
    join(folder, 'oval.xml'),
    `<oval_definitions xmlns="${oval}" xmlns:ind="${oval}#independent">
<definitions><definition id="oval:x:def:1" version="1" class="compliance"><criteria>${each((at) => `<criterion test_ref="oval:x:tst:${at}"/>`)}<criterion test_ref="oval:x:tst:90"/><criterion test_ref="oval:x:tst:91"/></criteria></definition></definitions>
<tests>${each((at) => `<ind:textfilecontent54_test id="oval:x:tst:${at}" version="1" check="all" comment="lines"><ind:object object_ref="oval:x:obj:${at}"/><ind:state state_ref="oval:x:ste:1"/></ind:textfilecontent54_test>`)}<ind:xmlfilecontent_test id="oval:x:tst:90" version="1" check="all" comment="piece"><ind:object object_ref="oval:x:obj:90"/><ind:state state_ref="oval:x:ste:90"/></ind:xmlfilecontent_test><ind:yamlfilecontent_test id="oval:x:tst:91" version="1" check="all" comment="fault"><ind:object object_ref="oval:x:obj:91"/></ind:yamlfilecontent_test></tests>
<objects>${objects(all)}<ind:xmlfilecontent_object id="oval:x:obj:90" version="1"><ind:filepath>/srv/users.xml</ind:filepath><ind:xpath>substring(//@password, 13, 10)</ind:xpath></ind:xmlfilecontent_object><ind:yamlfilecontent_object id="oval:x:obj:91" version="1"><ind:filepath>/srv/users.yaml</ind:filepath><ind:yamlpath>.a</ind:yamlpath></ind:yamlfilecontent_object></objects>
<states><ind:xmlfilecontent_state id="oval:x:ste:90" version="1"><ind:value_of>none</ind:value_of></ind:xmlfilecontent_state><ind:textfilecontent54_state id="oval:x:ste:1" version="1"><ind:subexpression>none</ind:subexpression></ind:textfilecontent54_state></states>
</oval_definitions>`,
  );

  it.each(['table', 'json', 'oval', 'arf'])(
    'by a link, a copy, a piece of a hash, or a fault gets none into a report as %s',
    (format) => {
      const report = join(folder, `report.${format}`);
      const args = ['--content', content, '--all', '-o', `${format}=${report}`];
      expect(scapfeed(['comply', `dir:${image}`, ...args]).code).toBe(0);

      const text = readFileSync(report, 'utf8');
      if (format === 'oval') expect(text.match(/textfilecontent_item /g)).toHaveLength(all.length);
      for (const part of [legacy, secret.slice(12, 22), 'W6ph5Mm5']) expect(text).not.toContain(part);
    },
  );
});
