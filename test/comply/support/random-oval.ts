import fc from 'fast-check';
import type { InstalledPackage } from '../../../src/model/inventory/index.ts';

const ns = 'http://oval.mitre.org/XMLSchema/oval-definitions-5';
const names = ['a', 'b', 'c'];
const versions = ['1-1', '0:1-1', '1:0-1', '1:1~rc1-1', '1:1-1', '1~~-1', '2-1', '1-1^a', '(none):1-1'];
const numbers = [1, 2, 3, 4, 5, 6] as const;
const checks = ['at least one', 'all', 'none satisfy', 'none exist', 'only one'];
const existences = ['all_exist', 'any_exist', 'at_least_one_exists', 'none_exist', 'only_one_exists'];

/** Mostly the first, otherwise one of all. */
function mostly<T>(usual: T, all: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 2, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...all) },
  );
}

const type = fc.constantFrom('dpkginfo', 'rpminfo');
const attributes = (list: Record<string, string | undefined>) =>
  Object.entries(list)
    .map(([name, value]) => (value === undefined ? '' : ` ${name}="${value}"`))
    .join('');
const escaped = (text: string) => text.replaceAll('<', '&lt;');

interface Node {
  leaf?: string;
  operator?: string | undefined;
  negate: string | undefined;
  children?: Node[];
}

const negate = mostly<string | undefined>(undefined, [undefined, 'true']);
const leaf = fc
  .oneof(
    {
      weight: 9,
      arbitrary: fc.constantFrom(...numbers).map((number) => `criterion test_ref="oval:x:tst:${number}"`),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        'criterion test_ref="oval:x:tst:7"',
        'criterion test_ref="oval:x:tst:8"',
        'criterion test_ref="oval:x:tst:404"',
      ),
    },
    {
      weight: 2,
      arbitrary: fc
        .constantFrom(...numbers)
        .map((number) => `extend_definition definition_ref="oval:x:def:${number}"`),
    },
  )
  .chain((text) => negate.map((not): Node => ({ leaf: text, negate: not })));
const { criteria } = fc.letrec<{ criteria: Node; child: Node }>((tie) => ({
  criteria: fc.record({
    operator: mostly<string | undefined>('OR', ['AND', 'OR', 'XOR', 'ONE', undefined]),
    negate,
    children: fc.array(tie('child'), { minLength: 1, maxLength: 3 }),
  }),
  child: fc.oneof({ depthSize: 'small', withCrossShrink: true }, leaf, tie('criteria')),
}));

function criteriaText({ leaf: text, operator, negate: not, children = [] }: Node): string {
  if (text !== undefined) return `<${text}${attributes({ negate: not })}/>`;
  return `<criteria${attributes({ operator, negate: not })}>${children.map(criteriaText).join('')}</criteria>`;
}

const definition = fc.record({
  kind: mostly('patch', ['vulnerability', 'compliance', 'inventory', 'miscellaneous']),
  deprecated: mostly<string | undefined>(undefined, [undefined, 'true']),
  tree: fc.option(criteria, { freq: 12 }),
});

const entity = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({
        datatype: mostly('', ['evr_string', 'debian_evr_string', 'string', '']),
        operation: mostly('less than', [
          'greater than or equal',
          'equals',
          'not equal',
          'less than or equal',
        ]),
        value: mostly('1-1', [...versions, 'x y', '']),
      })
      .map((of) => ({ name: 'evr', ...of })),
  },
  {
    weight: 1,
    arbitrary: fc.constant({ name: 'version', datatype: 'string', operation: 'pattern match', value: '^1' }),
  },
  {
    weight: 1,
    arbitrary: fc.constant({ name: 'arch', datatype: 'string', operation: 'equals', value: 'arm64' }),
  },
  {
    weight: 1,
    arbitrary: fc.constant({ name: 'evr', datatype: 'string', operation: 'pattern match', value: '^0:' }),
  },
);
const test = fc.record({
  type,
  check: mostly('at least one', checks),
  existence: mostly<string | undefined>(undefined, existences),
  object: mostly('name', ['name', 'constant', 'several', 'pattern', 'missing']),
  name: fc.constantFrom(...names),
  states: fc.oneof(
    { weight: 4, arbitrary: entity.map((each) => [[each]]) },
    { weight: 1, arbitrary: fc.array(fc.array(entity, { minLength: 1, maxLength: 2 }), { maxLength: 2 }) },
  ),
  operator: mostly<string | undefined>(undefined, ['AND', 'OR', 'XOR', 'ONE']),
});
type Test = typeof test extends fc.Arbitrary<infer T> ? T : never;

const objects: Record<string, (name: string) => string> = {
  name: (name) => `>${name}</`,
  constant: () => ` var_ref="oval:x:var:1"></`,
  several: () => ` var_ref="oval:x:var:2" var_check="at least one"></`,
  pattern: (name) => ` operation="pattern match">^[${name}z]$</`,
};

function testText({ type: kind, check, existence, object, name, states, operator }: Test, number: number) {
  const at = (nth: number) => `oval:x:ste:${number}${nth}`;
  const known = objects[object];
  const evr = kind === 'rpminfo' ? 'evr_string' : 'debian_evr_string';
  return {
    test: `<l:${kind}_test id="oval:x:tst:${number}" version="1" comment="t"${attributes({ check, check_existence: existence, state_operator: operator })}><l:object object_ref="oval:x:obj:${number}"/>${states.map((_, nth) => `<l:state state_ref="${at(nth)}"/>`).join('')}</l:${kind}_test>`,
    object: known
      ? `<l:${kind}_object id="oval:x:obj:${number}" version="1"><l:name${known(name)}l:name></l:${kind}_object>`
      : '',
    states: states
      .map((entities, nth) => {
        const inside = entities.map(
          ({ name: of, datatype, operation, value }) =>
            `<l:${of}${attributes({ datatype: datatype || evr, operation })}>${escaped(value)}</l:${of}>`,
        );
        return `<l:${kind}_state id="${at(nth)}" version="1">${inside.join('')}</l:${kind}_state>`;
      })
      .join(''),
  };
}

/** Documents of tests of packages in every kind of criteria, and packages for them. */
export const randomOval = fc
  .record({
    definitions: fc.array(definition, { minLength: 1, maxLength: 6 }),
    tests: fc.array(test, { minLength: 6, maxLength: 6 }),
  })
  .map(({ definitions, tests }) => {
    const texts = tests.map((each, at) => testText(each, at + 1));
    return `<oval_definitions xmlns="${ns}" xmlns:oval="http://oval.mitre.org/XMLSchema/oval-common-5" xmlns:l="${ns}#linux" xmlns:unix="${ns}#unix">
<generator><oval:schema_version>5.11.2</oval:schema_version><oval:timestamp>2026-01-02T03:04:05</oval:timestamp></generator>
<definitions>
${definitions
  .map(
    ({ kind, deprecated, tree }, at) =>
      `<definition id="oval:x:def:${at + 1}" version="1"${attributes({ class: kind, deprecated })}><metadata><title>t</title><description>d</description></metadata>${tree === null ? '' : criteriaText(tree)}</definition>`,
  )
  .join('\n')}
</definitions>
<tests>
${texts.map((each) => each.test).join('\n')}
<unix:file_test id="oval:x:tst:7" version="1" check="all" comment="the file"><unix:object object_ref="oval:x:obj:7"/></unix:file_test>
<l:inetlisteningservers_test id="oval:x:tst:8" version="1" check="all" comment="no image answers it"><l:object object_ref="oval:x:obj:8"/></l:inetlisteningservers_test>
</tests>
<objects>
${texts.map((each) => each.object).join('\n')}
<unix:file_object id="oval:x:obj:7" version="1"><unix:filepath>/etc/x</unix:filepath></unix:file_object>
<l:inetlisteningservers_object id="oval:x:obj:8" version="1"><l:protocol>tcp</l:protocol><l:local_address>127.0.0.1</l:local_address><l:local_port datatype="int">22</l:local_port></l:inetlisteningservers_object>
</objects>
<states>
${texts.map((each) => each.states).join('\n')}
</states>
<variables>
<constant_variable id="oval:x:var:1" version="1" datatype="string" comment="a name"><value>a</value></constant_variable>
<constant_variable id="oval:x:var:2" version="1" datatype="string" comment="names"><value>a</value><value>c</value></constant_variable>
</variables>
</oval_definitions>
`;
  });

/** Some of these packages, several versions of one among them. */
export const randomPackages = fc.array(
  fc
    .tuple(
      fc.constantFrom('deb', 'rpm'),
      fc.constantFrom(...names, 'z'),
      mostly(
        '1-1',
        versions.filter((version) => !version.startsWith('(')),
      ),
      fc.constantFrom('amd64', 'arm64'),
    )
    .map(
      ([kind, name, version, arch]) =>
        ({ type: kind, name, arch, version, source: { name, version }, layer: 0 }) as InstalledPackage,
    ),
  { maxLength: 5 },
);
