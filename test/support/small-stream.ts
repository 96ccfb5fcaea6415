const oval = 'http://oval.mitre.org/XMLSchema/oval-definitions-5';
const common = 'http://oval.mitre.org/XMLSchema/oval-common-5';
const script = 'urn:xccdf:fix:script:sh';

export interface SmallStream {
  /** Default 1.0. */
  version?: string;
  /** Release of Debian that it is for; default 12. */
  release?: string;
  /** The number of rules; rule N wants the line `settingN = ${value N}` in /etc/small.conf. */
  rules?: number;
  /** Numbers of the rules that each profile selects. Default: `base` has all but the last, `strict` all. */
  profiles?: Readonly<Record<string, readonly number[]>>;
}

/** A data stream that oscap evaluates as well: a benchmark for a release of Debian, with values, fixes and two profiles. */
export function smallStream({
  version = '1.0',
  release = '12',
  rules = 4,
  profiles,
}: SmallStream = {}): string {
  const all = Array.from({ length: rules }, (_, at) => at + 1);
  const chosen = profiles ?? { base: all.slice(0, -1), strict: all };
  return `<?xml version="1.0" encoding="UTF-8"?>
<ds:data-stream-collection xmlns:ds="http://scap.nist.gov/schema/scap/source/1.2" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:cat="urn:oasis:names:tc:entity:xmlns:xml:catalog" id="scap_x_collection_small" schematron-version="1.3">
<ds:data-stream id="scap_x_datastream_small" scap-version="1.3" use-case="OTHER">
<ds:dictionaries><ds:component-ref id="scap_x_cref_cpe.xml" xlink:href="#scap_x_comp_cpe.xml"><cat:catalog><cat:uri name="cpe-oval.xml" uri="#scap_x_cref_cpe-oval.xml"/></cat:catalog></ds:component-ref></ds:dictionaries>
<ds:checklists><ds:component-ref id="scap_x_cref_xccdf.xml" xlink:href="#scap_x_comp_xccdf.xml"><cat:catalog><cat:uri name="oval.xml" uri="#scap_x_cref_oval.xml"/></cat:catalog></ds:component-ref></ds:checklists>
<ds:checks><ds:component-ref id="scap_x_cref_oval.xml" xlink:href="#scap_x_comp_oval.xml"/><ds:component-ref id="scap_x_cref_cpe-oval.xml" xlink:href="#scap_x_comp_cpe-oval.xml"/></ds:checks>
</ds:data-stream>
<ds:component id="scap_x_comp_cpe.xml" timestamp="2026-10-01T00:00:00"><cpe-list xmlns="http://cpe.mitre.org/dictionary/2.0"><cpe-item name="cpe:/o:debian:debian_linux:${release}"><title xml:lang="en-us">Debian ${release}</title><check system="${oval}" href="cpe-oval.xml">oval:x.release:def:1</check></cpe-item></cpe-list></ds:component>
<ds:component id="scap_x_comp_xccdf.xml" timestamp="2026-10-01T00:00:00">${xccdf(version, release, all, chosen)}</ds:component>
<ds:component id="scap_x_comp_oval.xml" timestamp="2026-10-01T00:00:00">${document(all.map(setting), 'x')}</ds:component>
<ds:component id="scap_x_comp_cpe-oval.xml" timestamp="2026-10-01T00:00:00">${document([releaseCheck(release)], 'x.release')}</ds:component>
</ds:data-stream-collection>
`;
}

function xccdf(
  version: string,
  release: string,
  all: readonly number[],
  profiles: Readonly<Record<string, readonly number[]>>,
): string {
  const list = Object.entries(profiles).map(([name, numbers]) => {
    const selects = all.map(
      (n) => `<select idref="xccdf_x_rule_setting${n}" selected="${numbers.includes(n)}"/>`,
    );
    return `<Profile id="xccdf_x_profile_${name}"><title>Profile ${name}</title><description>What ${name} wants.</description>${selects.join('')}</Profile>`;
  });
  const values = all.map(
    (n) =>
      `<Value id="xccdf_x_value_level${n}" type="string"><title>Level ${n}</title><description>How much of ${n}.</description><value>yes</value><value selector="off">no</value></Value>`,
  );
  const rules = all.map(
    (n) =>
      `<Rule id="xccdf_x_rule_setting${n}" selected="false" severity="${['low', 'medium', 'high'][n % 3]}"><title>Setting ${n}</title><description>The file says how much of <sub idref="xccdf_x_value_level${n}" use="value"/> it allows.</description><rationale>Less is safer.</rationale><fix id="fix${n}" system="${script}">echo "setting${n} = <sub idref="xccdf_x_value_level${n}" use="value"/>" &gt;&gt; /etc/small.conf</fix><check system="${oval}"><check-export export-name="oval:x:var:${n}" value-id="xccdf_x_value_level${n}"/><check-content-ref href="oval.xml" name="oval:x:def:${n}"/></check></Rule>`,
  );
  return `<Benchmark xmlns="http://checklists.nist.gov/xccdf/1.2" id="xccdf_x_benchmark_small" resolved="true" xml:lang="en-US"><status date="2026-10-01">accepted</status><title>Small benchmark</title><description>A few settings.</description><platform idref="cpe:/o:debian:debian_linux:${release}"/><version>${version}</version>${list.join('')}${values.join('')}<Group id="xccdf_x_group_settings"><title>Settings</title><description>All of them.</description>${rules.join('')}</Group></Benchmark>`;
}

interface Check {
  definition: string;
  test: string;
  object: string;
  state?: string;
  variable?: string;
}

function setting(n: number): Check {
  const id = (kind: string) => `oval:x:${kind}:${n}`;
  return {
    definition: definition(id('def'), 'compliance', `Setting ${n}`, id('tst')),
    test: `<ind:textfilecontent54_test id="${id('tst')}" version="1" check="all" check_existence="at_least_one_exists" comment="setting ${n}"><ind:object object_ref="${id('obj')}"/><ind:state state_ref="${id('ste')}"/></ind:textfilecontent54_test>`,
    object: lineObject(id('obj'), '/etc/small.conf', `^setting${n} = (\\w+)$`),
    state: `<ind:textfilecontent54_state id="${id('ste')}" version="1"><ind:subexpression var_ref="${id('var')}"/></ind:textfilecontent54_state>`,
    variable: `<external_variable id="${id('var')}" version="1" datatype="string" comment="level ${n}"/>`,
  };
}

function releaseCheck(release: string): Check {
  const id = (kind: string) => `oval:x.release:${kind}:1`;
  return {
    definition: definition(id('def'), 'inventory', `Debian ${release}`, id('tst')),
    test: `<ind:textfilecontent54_test id="${id('tst')}" version="1" check="all" check_existence="at_least_one_exists" comment="the release"><ind:object object_ref="${id('obj')}"/></ind:textfilecontent54_test>`,
    object: lineObject(id('obj'), '/etc/os-release', `^VERSION_ID="${release}"$`),
  };
}

function definition(id: string, kind: string, title: string, test: string): string {
  return `<definition id="${id}" version="1" class="${kind}"><metadata><title>${title}</title><affected family="unix"/><description>${title}</description></metadata><criteria><criterion test_ref="${test}" comment="${title}"/></criteria></definition>`;
}

function lineObject(id: string, file: string, pattern: string): string {
  return `<ind:textfilecontent54_object id="${id}" version="1"><ind:filepath>${file}</ind:filepath><ind:pattern operation="pattern match">${pattern}</ind:pattern><ind:instance datatype="int" operation="greater than or equal">1</ind:instance></ind:textfilecontent54_object>`;
}

function document(checks: readonly Check[], name: string): string {
  const section = (tag: string, parts: readonly (string | undefined)[]) => {
    const text = parts.filter((part) => part !== undefined).join('');
    return text === '' ? '' : `<${tag}>${text}</${tag}>`;
  };
  return `<oval_definitions xmlns="${oval}" xmlns:oval="${common}" xmlns:ind="${oval}#independent"><generator><oval:product_name>${name}</oval:product_name><oval:schema_version>5.11</oval:schema_version><oval:timestamp>2026-10-01T00:00:00</oval:timestamp></generator>${section(
    'definitions',
    checks.map((check) => check.definition),
  )}${section(
    'tests',
    checks.map(({ test }) => test),
  )}${section(
    'objects',
    checks.map(({ object }) => object),
  )}${section(
    'states',
    checks.map(({ state }) => state),
  )}${section(
    'variables',
    checks.map(({ variable }) => variable),
  )}</oval_definitions>`;
}
