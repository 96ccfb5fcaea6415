import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { debianRelease, rootWith, scapfeed } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { benchmark, rule } from './support/small-content.ts';

const secret = '$6$saltsalt$Kw1Zs0xUqE9hJc3yVbTn';
const legacy = 'aaSECRETdes13';
const root = rootWith({
  'etc/os-release': debianRelease('12', 'bookworm'),
  'etc/passwd': `root:${legacy}:0:0:root:/root:/bin/bash\n`,
  'etc/shadow': `root:${secret}:20000:0:99999:7:::\n`,
});

const oval = 'http://oval.mitre.org/XMLSchema/oval-definitions-5';
/** Tests of both databases that fail, so that every report tells what was found. */
const accounts = `<oval_definitions xmlns="${oval}" xmlns:unix="${oval}#unix" xmlns:ind="${oval}#independent">
<definitions><definition id="oval:x:def:1" version="1" class="compliance"><criteria><criterion test_ref="oval:x:tst:1"/><criterion test_ref="oval:x:tst:2"/><criterion test_ref="oval:x:tst:3"/></criteria></definition></definitions>
<tests>
<unix:shadow_test id="oval:x:tst:1" version="1" check="all" comment="shadow"><unix:object object_ref="oval:x:obj:1"/><unix:state state_ref="oval:x:ste:1"/></unix:shadow_test>
<unix:password_test id="oval:x:tst:2" version="1" check="all" comment="passwd"><unix:object object_ref="oval:x:obj:2"/><unix:state state_ref="oval:x:ste:2"/></unix:password_test>
<ind:textfilecontent54_test id="oval:x:tst:3" version="1" check="all" comment="lines"><ind:object object_ref="oval:x:obj:3"/><ind:state state_ref="oval:x:ste:3"/></ind:textfilecontent54_test>
</tests>
<objects>
<unix:shadow_object id="oval:x:obj:1" version="1"><unix:username operation="pattern match">.*</unix:username></unix:shadow_object>
<unix:password_object id="oval:x:obj:2" version="1"><unix:username operation="pattern match">.*</unix:username></unix:password_object>
<ind:textfilecontent54_object id="oval:x:obj:3" version="1"><ind:filepath operation="pattern match">^/etc/(shadow|gshadow|passwd)-?$</ind:filepath><ind:pattern operation="pattern match">^root:(\\S+)$</ind:pattern><ind:instance datatype="int">1</ind:instance></ind:textfilecontent54_object>
</objects>
<states>
<unix:shadow_state id="oval:x:ste:1" version="1"><unix:password>none</unix:password></unix:shadow_state>
<unix:password_state id="oval:x:ste:2" version="1"><unix:password>none</unix:password></unix:password_state>
<ind:textfilecontent54_state id="oval:x:ste:3" version="1"><ind:subexpression>none</ind:subexpression></ind:textfilecontent54_state>
</states>
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
    for (const part of [secret, secret.slice(12), legacy]) expect(text).not.toContain(part);
  });

  it('is looked at all the same', () => {
    const { out } = scapfeed(['comply', `dir:${root}`, '--content', content, '-o', 'table']);
    expect(out).toMatch(/^fail /m);
  });
});
