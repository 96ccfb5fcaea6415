import { Texts } from '../../../src/comply/files/texts.ts';
import { comply, type ImageSystem } from '../../../src/comply/index.ts';
import { readBooleans } from '../../../src/comply/selinux/booleans.ts';
import { selinuxPolicy } from '../../comply/support/selinux-policy.ts';
import { benchmark, lineCheck, rule, smallContent } from '../../comply/support/small-content.ts';
import { memoryView } from '../../support/memory-view.ts';
import { damageBytes, damageMarkup } from '../mutate.ts';
import { shorterList, type Target } from '../target.ts';

const oval = 'http://oval.mitre.org/XMLSchema/oval-definitions-5';
const files = memoryView({
  '/etc/ssh/sshd_config': '# ssh\nPort 22\n\nPermitRootLogin no\n',
  '/etc/x.xml': '<a><b n="1">x</b><b n="2">y</b></a>',
  '/etc/x.yaml': 'a:\n  - b: 1\n    c: [1, 2]\n  - b: 2\n',
  '/usr/bin/x': 'x',
});
export const system: ImageSystem = {
  files,
  env: ['PATH=/usr/bin'],
  packages: () => [
    {
      type: 'deb',
      name: 'ssh',
      version: '1:9.2-1',
      arch: 'amd64',
      source: { name: 'ssh', version: '1:9.2-1' },
      database: '/var/lib/dpkg/status',
    },
  ],
};
export const settings = {
  image: { reference: 'dir:/image' },
  time: '2026-01-01T00:00:00.000Z',
  now: 0,
  toolVersion: '0.0.0',
};

/** Tests of several families, with states, filters, sets, variables and functions. */
export const definitions = `<oval_definitions xmlns="${oval}" xmlns:ind="${oval}#independent" xmlns:unix="${oval}#unix" xmlns:linux="${oval}#linux">
<definitions><definition id="oval:x:def:1" version="1" class="compliance"><criteria operator="AND"><criterion test_ref="oval:x:tst:1"/><criteria operator="OR" negate="true"><criterion test_ref="oval:x:tst:2"/><extend_definition definition_ref="oval:x:def:2"/></criteria></criteria></definition>
<definition id="oval:x:def:2" version="1" class="inventory"><criteria operator="ONE"><criterion test_ref="oval:x:tst:3"/><criterion test_ref="oval:x:tst:4"/><criterion test_ref="oval:x:tst:5"/><criterion test_ref="oval:x:tst:6"/></criteria></definition></definitions>
<tests><ind:textfilecontent54_test id="oval:x:tst:1" version="1" check="all" check_existence="at_least_one_exists" comment="line"><ind:object object_ref="oval:x:obj:1"/><ind:state state_ref="oval:x:ste:1"/></ind:textfilecontent54_test>
<ind:xmlfilecontent_test id="oval:x:tst:2" version="1" check="at least one" comment="xml"><ind:object object_ref="oval:x:obj:2"/></ind:xmlfilecontent_test>
<ind:yamlfilecontent_test id="oval:x:tst:3" version="1" check="all" comment="yaml"><ind:object object_ref="oval:x:obj:3"/></ind:yamlfilecontent_test>
<ind:variable_test id="oval:x:tst:4" version="1" check="all" comment="variable"><ind:object object_ref="oval:x:obj:4"/><ind:state state_ref="oval:x:ste:2"/></ind:variable_test>
<unix:file_test id="oval:x:tst:5" version="1" check="all" comment="file"><unix:object object_ref="oval:x:obj:5"/></unix:file_test>
<linux:dpkginfo_test id="oval:x:tst:6" version="1" check="all" comment="package"><linux:object object_ref="oval:x:obj:6"/><linux:state state_ref="oval:x:ste:3"/></linux:dpkginfo_test></tests>
<objects><ind:textfilecontent54_object id="oval:x:obj:1" version="1"><ind:path>/etc/ssh</ind:path><ind:filename operation="pattern match">^sshd_.*$</ind:filename><ind:pattern operation="pattern match">^PermitRootLogin\\s+(\\w+)$</ind:pattern><ind:instance datatype="int" operation="greater than or equal">1</ind:instance></ind:textfilecontent54_object>
<ind:xmlfilecontent_object id="oval:x:obj:2" version="1"><ind:filepath>/etc/x.xml</ind:filepath><ind:xpath>//b[@n='1']/text()</ind:xpath></ind:xmlfilecontent_object>
<ind:yamlfilecontent_object id="oval:x:obj:3" version="1"><ind:filepath>/etc/x.yaml</ind:filepath><ind:yamlpath>.a[:].b</ind:yamlpath></ind:yamlfilecontent_object>
<ind:variable_object id="oval:x:obj:4" version="1"><ind:var_ref>oval:x:var:1</ind:var_ref></ind:variable_object>
<unix:file_object id="oval:x:obj:5" version="1"><unix:behaviors recurse="directories" recurse_direction="down" max_depth="3"/><unix:path operation="pattern match">^/usr/.*</unix:path><unix:filename operation="pattern match">.*</unix:filename><filter action="exclude">oval:x:ste:4</filter></unix:file_object>
<linux:dpkginfo_object id="oval:x:obj:6" version="1"><set><object_reference>oval:x:obj:7</object_reference><filter action="include">oval:x:ste:3</filter></set></linux:dpkginfo_object>
<linux:dpkginfo_object id="oval:x:obj:7" version="1"><linux:name var_ref="oval:x:var:2" var_check="at least one"/></linux:dpkginfo_object></objects>
<states><ind:textfilecontent54_state id="oval:x:ste:1" version="1"><ind:subexpression operation="equals">no</ind:subexpression></ind:textfilecontent54_state>
<ind:variable_state id="oval:x:ste:2" version="1"><ind:value operation="pattern match">^n</ind:value></ind:variable_state>
<linux:dpkginfo_state id="oval:x:ste:3" version="1"><linux:evr datatype="debian_evr_string" operation="less than">1:9.2-2</linux:evr></linux:dpkginfo_state>
<unix:file_state id="oval:x:ste:4" version="1"><unix:size datatype="int" operation="greater than">100</unix:size></unix:file_state></states>
<variables><local_variable id="oval:x:var:1" version="1" datatype="string" comment="c"><concat><object_component object_ref="oval:x:obj:1" item_field="subexpression"/><regex_capture pattern="^(.)"><literal_component>xyz</literal_component></regex_capture><substring substring_start="1" substring_length="2"><literal_component>abc</literal_component></substring></concat></local_variable>
<constant_variable id="oval:x:var:2" version="1" datatype="string" comment="c"><value>ssh</value><value>zlib</value></constant_variable></variables>
</oval_definitions>`;

export const group = `<Profile id="xccdf_x_profile_a"><title>A</title><select idref="xccdf_x_rule_a" selected="true"/><refine-value idref="xccdf_x_value_v" selector="strong"/></Profile><Value id="xccdf_x_value_v" type="number"><title>V</title><value>1</value><value selector="strong">2</value></Value><Group id="xccdf_x_group_g"><title>G</title>${rule('a', '<requires idref="xccdf_x_rule_b"/>')}${rule('b', '<ident system="x">y</ident>', 'weight="2.0"')}</Group>`;

async function evaluate(xccdf: string, document: string): Promise<string> {
  const { result } = comply(smallContent(xccdf, document), system, settings);
  return result.rules.map((each) => `${each.id} ${each.result}\n`).join('');
}

export const contentTargets: readonly Target[] = [
  {
    name: 'oval',
    seeds: async () => ({
      families: Buffer.from(definitions),
      line: Buffer.from(lineCheck('/etc/x.yaml', '^a')),
    }),
    mutate: damageMarkup,
    run: (input) => evaluate(benchmark(rule('a')), input.toString('utf8')),
  },
  {
    name: 'xccdf',
    seeds: async () => ({ group: Buffer.from(benchmark(group)) }),
    mutate: damageMarkup,
    run: (input) => evaluate(input.toString('utf8'), definitions),
  },
  {
    name: 'selinux-policy',
    seeds: async () => ({
      booleans: selinuxPolicy({ first: true, second: false, third: true }),
      none: selinuxPolicy({}),
    }),
    mutate: damageBytes,
    run: async (input) => {
      const folder = '/etc/selinux/targeted/policy';
      const policies = memoryView({ [`${folder}/policy.33`]: input });
      const { flag, items } = readBooleans(policies, new Texts(policies));
      return flag === 'complete' ? items.map(({ key }) => `${key}\n`).join('') : undefined;
    },
    judge: shorterList,
  },
];
