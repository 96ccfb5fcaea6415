import fc from 'fast-check';
import { expect, it } from 'vitest';
import { evaluateAll } from '../../../src/comply/eval/evaluate.ts';
import { compileOval, evaluateOval, loadCompiledOval, readOvalContent } from '../../../src/comply/index.ts';
import type { InstalledPackage } from '../../../src/model/index.ts';
import { memoryView } from '../../support/memory-view.ts';

/** Criteria of any form over tests of packages, a test of all definitions, one that is not there, and earlier definitions. */
type Criteria = { operator: string; negate: boolean; children: (Criteria | Leaf)[] };
type Leaf = { test: number; negate: boolean } | { extend: number; negate: boolean };

const names = ['a', 'b', 'c', 'gone'];
const versions = ['0:1-1', '0:2-1', '1:0-1', 'x y'];
const checks = ['at least one', 'all', 'none satisfy', 'only one', 'none exist'];

const leaf: fc.Arbitrary<Leaf> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ test: fc.nat({ max: 9 }), negate: rarely() }) },
  { weight: 1, arbitrary: fc.record({ extend: fc.nat({ max: 5 }), negate: rarely() }) },
);
const { criteria } = fc.letrec<{ criteria: Criteria }>((tie) => ({
  criteria: fc.record({
    operator: fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom('AND', 'OR') },
      { weight: 1, arbitrary: fc.constantFrom('XOR', 'ONE') },
    ),
    negate: rarely(),
    children: fc.array(
      fc.oneof({ depthSize: 'small', maxDepth: 3 }, { weight: 3, arbitrary: leaf }, tie('criteria')),
      { minLength: 1, maxLength: 3 },
    ) as fc.Arbitrary<(Criteria | Leaf)[]>,
  }),
}));

function rarely(): fc.Arbitrary<boolean> {
  return fc.integer({ min: 0, max: 7 }).map((value) => value === 0);
}

/** Tests 0 to 7 are of packages; 8 is of the system, and 9 is not there. */
const tests = fc.array(
  fc.record({
    name: fc.constantFrom(...names),
    below: fc.constantFrom(...versions),
    operation: fc.oneof({ weight: 4, arbitrary: fc.constant('less than') }, fc.constant('equals')),
    check: fc.oneof({ weight: 4, arbitrary: fc.constant(checks[0]!) }, fc.constantFrom(...checks)),
  }),
  { minLength: 8, maxLength: 8 },
);

const installed = fc.array(
  fc.record({ name: fc.constantFrom(...names.slice(0, 3)), version: fc.constantFrom('1-1', '2-1', '1:1-1') }),
  { maxLength: 5 },
);

function written(node: Criteria | Leaf): string {
  const opposite = node.negate ? ' negate="true"' : '';
  if ('test' in node) return `<criterion test_ref="oval:x:tst:${node.test}"${opposite}/>`;
  if ('extend' in node) return `<extend_definition definition_ref="oval:x:def:${node.extend}"${opposite}/>`;
  return `<criteria operator="${node.operator}"${opposite}>${node.children.map(written).join('')}</criteria>`;
}

type Test = { name: string; below: string; operation: string; check: string };

function documentOf(definitions: readonly Criteria[], list: readonly Test[]): string {
  const each = <T>(values: readonly T[], text: (value: T, nth: number) => string) =>
    values.map(text).join('');
  return `<oval_definitions xmlns="http://oval.mitre.org/XMLSchema/oval-definitions-5" xmlns:l="http://oval.mitre.org/XMLSchema/oval-definitions-5#linux" xmlns:i="http://oval.mitre.org/XMLSchema/oval-definitions-5#independent"><definitions>
${each(definitions, (node, nth) => `<definition id="oval:x:def:${nth}" version="1" class="${nth % 2 ? 'compliance' : 'patch'}"><metadata><title>criteria "criteria": { } &#9;,"criteria":</title><reference ref_id="CVE-2026-100${nth}" source="CVE"/><reference ref_id="" source="" ref_url="https://a.example/&quot;${nth}"/></metadata>${written(node)}</definition>\n`)}
</definitions><tests>
${each(list, ({ check }, nth) => `<l:dpkginfo_test id="oval:x:tst:${nth}" version="1" check="${check}"><l:object object_ref="oval:x:obj:${nth}"/><l:state state_ref="oval:x:ste:${nth}"/></l:dpkginfo_test>\n`)}
<i:family_test id="oval:x:tst:8" version="1" check="all"><i:object object_ref="oval:x:obj:8"/><i:state state_ref="oval:x:ste:8"/></i:family_test>
</tests><objects>
${each(list, ({ name }, nth) => `<l:dpkginfo_object id="oval:x:obj:${nth}" version="1"><l:name>${name}</l:name></l:dpkginfo_object>\n`)}
<i:family_object id="oval:x:obj:8" version="1"/>
</objects><states>
${each(list, ({ below, operation }, nth) => `<l:dpkginfo_state id="oval:x:ste:${nth}" version="1"><l:evr datatype="debian_evr_string" operation="${operation}">${below}</l:evr></l:dpkginfo_state>\n`)}
<i:family_state id="oval:x:ste:8" version="1"><i:family>unix</i:family></i:family_state>
</states></oval_definitions>`;
}

it('criteria of any form have the same results compiled as from XML', () => {
  fc.assert(
    fc.property(
      fc.array(criteria, { minLength: 1, maxLength: 6 }),
      tests,
      installed,
      (trees, list, packages) => {
        const text = documentOf(trees, list);
        const known = packages.map(
          ({ name, version }) =>
            ({ type: 'deb', name, version, arch: 'amd64', source: { name, version } }) as InstalledPackage,
        );
        const system = { files: memoryView({}), env: [], packages: () => known };
        const from = { name: 'x.xml', where: 'x.xml' };
        const plain = ({ oval: _, ...rest }: ReturnType<typeof evaluateAll>) =>
          JSON.parse(JSON.stringify(rest)) as unknown;
        const options = { now: 0, all: true };
        const bytes = compileOval(Buffer.from(text), { ...from, tool: 'test' });
        const file = {
          size: bytes.length,
          read: (at: number, length: number) => bytes.subarray(at, at + length),
        };

        const whole = evaluateAll(readOvalContent(Buffer.from(text), from), system, options);
        const index = evaluateOval(loadCompiledOval(file, 'x.jsonl'), system, options);

        expect(plain(index), text).toEqual(plain(whole));
      },
    ),
    { numRuns: 800 },
  );
});
