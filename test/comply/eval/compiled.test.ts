import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateAll } from '../../../src/comply/eval/evaluate.ts';
import {
  compileOval,
  compileOvalPieces,
  evaluateOval,
  loadCompiledOval,
  readOvalContent,
} from '../../../src/comply/index.ts';
import { readOval } from '../../../src/comply/oval/read-oval.ts';
import type { InstalledPackage } from '../../../src/model/inventory/index.ts';
import { memoryView } from '../../support/memory-view.ts';
import { randomOval, randomPackages } from '../support/random-oval.ts';
import { fileCheck, lineCheck } from '../support/small-content.ts';
import { type VendorFlaw, vendorOval } from '../support/vendor-oval.ts';

function compiled(text: string) {
  const bytes = compileOval(Buffer.from(text), { name: 'x.xml', where: 'x.xml', tool: 'test' });
  return loadCompiledOval(fileOf(bytes), 'x.jsonl');
}

function package_(name: string, version: string): InstalledPackage {
  return {
    type: 'deb',
    name,
    arch: 'amd64',
    version,
    source: { name, version },
    layer: 0,
  } as InstalledPackage;
}

/** Both results in JSON, evidence included. */
function both(text: string, packages: readonly InstalledPackage[], files = {}, settings = {}) {
  const system = { files: memoryView(files), env: [], packages: () => packages };
  const content = readOvalContent(Buffer.from(text), { name: 'x.xml', where: 'x.xml' });
  const plain = ({ oval: _, ...rest }: ReturnType<typeof evaluateAll>) => JSON.parse(JSON.stringify(rest));
  const options = { now: 0, ...settings };
  const whole = evaluateAll(content, system, options);
  const index = evaluateOval(compiled(text), system, options);
  return { whole: plain(whole), index: plain(index), oval: [whole.oval(), index.oval()] };
}

const names = ['a', 'b', 'c', 'acme-release'];
const versions = ['0:1-1', '0:1-2', '1:0-1', '0:2-1', 'x y', ''];
const flaw = fc.record<VendorFlaw>({
  number: fc.integer({ min: 1000, max: 1060 }),
  package: fc.constantFrom(...names),
  below: fc.constantFrom(...versions),
  severity: fc.constantFrom('Low', 'Critical'),
  class: fc.constantFrom('patch', 'vulnerability'),
});
const document = fc
  .uniqueArray(flaw, { selector: ({ number }) => number, maxLength: 12 })
  .map((flaws) => vendorOval(flaws, { type: 'deb' }));
const installed = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...names), fc.constantFrom('9.1-1', '1-1', '1-2', '1:1-1')), {
    selector: ([name]) => name,
  })
  .map((list) => list.map(([name, version]) => package_(name, version)));

/** Changes that make criteria, tests and objects of other kinds. */
const changes: [RegExp, string][] = [
  [/operator="AND"/, 'operator="OR"'],
  [/operator="AND"/, 'operator="XOR" negate="true"'],
  [/<criterion (?!negate)/, '<criterion negate="true" '],
  [/check="at least one"/, 'check="all"'],
  [/check="at least one"/, 'check="none satisfy"'],
  [/check="at least one"/, 'check_existence="none_exist" check="all"'],
  [/check="at least one"/, 'check_existence="any_exist" check="only one"'],
  [/operation="less than"/, 'operation="pattern match"'],
  [/operation="less than"/, 'operation="greater than or equal"'],
  [/<linux:name>/, '<linux:name operation="pattern match">'],
  [/test_ref="oval:com.acme:tst:1"/, 'test_ref="oval:com.acme:tst:404"'],
  [/object_ref="oval:com.acme:obj:1"/, 'object_ref="oval:com.acme:obj:404"'],
  [/<criterion test_ref="oval:com.acme:tst:1"/, '<extend_definition definition_ref="oval:com.acme:def:1003"'],
  [/class="patch"/, 'class="inventory"'],
  [/class="patch"/, 'class="compliance"'],
  [/<criteria operator="AND">.*<\/criteria>/, ''],
  [/<linux:state state_ref="[^"]*"\/>/, ''],
];

describe('compiled OVAL', () => {
  it('gives the results of evaluating every definition', () => {
    const changed = fc.array(fc.tuple(fc.constantFrom(...changes), fc.nat({ max: 12 })), { maxLength: 6 });
    fc.assert(
      fc.property(document, changed, installed, fc.boolean(), (text, list, packages, all) => {
        let changedText = text;
        for (const [[pattern, replacement], nth] of list) {
          let seen = 0;
          changedText = changedText.replace(new RegExp(pattern, 'g'), (found) =>
            seen++ === nth ? replacement : found,
          );
        }
        const { whole, index } = both(changedText, packages, {}, { all });
        expect(index, changedText).toEqual(whole);
      }),
      { numRuns: 150 },
    );
  });

  it('gives them of tests of packages in every kind of criteria, and of definitions in circles', () => {
    fc.assert(
      fc.property(randomOval, randomPackages, fc.boolean(), (text, packages, all) => {
        const { whole, index } = both(text, packages, { '/etc/x': 'x' }, { all });
        expect(index, text).toEqual(whole);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['a line', lineCheck('/etc/x', '^a$'), { '/etc/x': 'a\n' }],
    ['a file', fileCheck('/etc/x'), {}],
  ])('of %s, which the image decides, too', (_, text, files) => {
    const { whole, index, oval } = both(text, [], files);

    expect(index).toEqual(whole);
    expect(oval[1]).toEqual(oval[0]);
  });

  it('tells titles and references that look like criteria, whose line is read up to them', () => {
    const text = vendorOval([{ number: 1001, package: 'a', below: '0:2-1' }], { type: 'deb' })
      .replace('a flaw', 'a ,"criteria":{"}} flaw')
      .replace('ref_id="ACSA-2026:1001"', 'ref_id=",&quot;criteria&quot;:{}}"');
    const { whole, index } = both(text, [package_('a', '1-1'), package_('acme-release', '9.1-1')]);

    expect(index).toEqual(whole);
    expect(index.definitions).toMatchObject([{ result: 'true', advisory: ',"criteria":{}}' }]);
  });

  const checked = lineCheck('/etc/x', '^a$');
  const twice = '<criteria><criterion test_ref="oval:x:tst:1"/></criteria>';

  it.each([
    ['an operator', checked.replace('<criteria>', '<criteria operator="and">'), /operator.*is one of AND/],
    ['a negation', checked.replace('<criterion ', '<criterion negate="True" '), /negate.*is one of true/],
    ['a class', checked.replace('class="compliance"', 'class="Vulnerability"'), /class.*is one of/],
    ['a check', checked.replace('check="all"', 'check="ALL"'), /check.*is one of all/],
    [
      'an existence',
      checked.replace('"at_least_one_exists"', '"at least one"'),
      /check_existence.*is one of/,
    ],
    [
      'a set operator',
      checked.replace(/(<ind:textfilecontent54_object .*?>).*?(<\/ind:t)/, '$1<set set_operator="union"/>$2'),
      /set_operator of <set> is one of COMPLEMENT/,
    ],
    ['criteria', checked.replace('<criteria>', `${twice}<criteria>`), /too many parts|one <criteria>/],
    [
      'operands',
      checked.replace(
        /(<ind:textfilecontent54_object .*?>).*?(<\/ind:t)/,
        `$1<set>${'<object_reference>oval:x:obj:1</object_reference>'.repeat(3)}</set>$2`,
      ),
      /too many parts: 3/,
    ],
  ])('is refused, whole or compiled, for %s that OVAL does not have', (_, text, message) => {
    expect(() => readOvalContent(Buffer.from(text), { name: 'x.xml', where: 'x.xml' })).toThrow(message);
    expect(() => compiled(text)).toThrow(message);
    expect(() => readOval(text, 'x.xml')).toThrow(message);
  });

  it('of definitions that extend each other to thousands of levels has a result for each', () => {
    const [open, close] = ['<criteria operator="XOR" negate="true">'.repeat(90), '</criteria>'.repeat(90)];
    const definition = (nth: number, inside: string) =>
      `<definition id="oval:x:def:${nth}" version="1" class="compliance">${open}${inside}${close}</definition>`;
    const chain = Array.from({ length: 54 }, (_, at) =>
      definition(at + 2, `<extend_definition definition_ref="oval:x:def:${at + 1}"/>`),
    );
    const text = lineCheck('/etc/x', '^a$').replace('</definitions>', `${chain.join('')}</definitions>`);
    const { whole, index } = both(text, [], { '/etc/x': 'a\n' }, { all: true });

    expect(index.definitions).toHaveLength(55);
    expect(index.counts.compliance).toMatchObject({ true: expect.any(Number) });
    expect(whole.counts).toBeDefined();
  });

  it('of 200 definitions that each extend the opposite of another is read again', () => {
    const definition = (nth: number) =>
      `<definition id="oval:x:def:${nth + 1}" version="1" class="compliance"><criteria operator="XOR" negate="true"><extend_definition definition_ref="oval:x:def:${nth}" negate="true"/></criteria></definition>`;
    const chain = Array.from({ length: 200 }, (_, at) => definition(at + 1));
    const text = lineCheck('/etc/x', '^a$').replace('</definitions>', `${chain.join('')}</definitions>`);
    const { whole, index } = both(text, [], { '/etc/x': 'a\n' }, { all: true });

    expect(index).toEqual(whole);
  });

  it('is the same for the same input, whatever is compiled before', () => {
    const text = vendorOval([{ number: 1001, package: 'a', below: '0:1-1' }]);
    const bytes = () => compileOval(Buffer.from(text), { name: 'x', where: 'x', tool: 't' });

    expect(bytes()).toEqual(bytes());
  });

  it.each([
    '<title> A \n flaw<sub>x</sub></title><title>second</title><description>CVE-2020-1</description>',
    '<affected family="unix"><platform> Acme </platform><x><platform>no</platform></x></affected><reference/>',
    '<reference ref_id=" oval:CVE-2020-12345 " source="CVE" ref_url=""/><reference ref_id="A-1" source="x"/>',
    '<title>ALSA-2020:1: \n a flaw</title><reference source="RHSA" ref_id="RHSA-2020:1"/><reference source="ALSA" ref_id="ALSA-2020:1"/>',
    '<advisory><cve>CVE-2020-0001 x</cve><severity> Important </severity><issued date="2020-01-02T03"/></advisory><severity>Low</severity>',
    '<advisory><x><cve>CVE-2020-0009</cve></x></advisory><advisory><cve>CVE-2020-0002</cve></advisory>',
    '<oval_repository><dates><issued/></dates></oval_repository><advisory_date>2021-02-03</advisory_date><advisory_id> B-2 </advisory_id>',
    '<title><severity>critical</severity></title><x><severity/></x><![CDATA[<severity>low</severity>]]>',
    '<severity><b>mod</b>erate</severity></metadata><metadata><title>again</title>',
  ])('says of a definition what its metadata says: %s', (metadata) => {
    const text = vendorOval([{ number: 1001, package: 'a', below: '0:1-1' }], { type: 'deb' }).replace(
      /<metadata>[\s\S]*?<\/metadata>/,
      `<metadata>${metadata}</metadata>`,
    );
    const content = readOvalContent(Buffer.from(text), { name: 'x.xml', where: 'x.xml' });
    const index = compiled(text);

    expect(index.info.documents).toEqual(content.info.documents);
    for (const [at, { lookup, metadata: of }] of content.documents.entries()) {
      for (const id of lookup.definitionIds()) {
        expect(index.documents[at]!.metadata(id)).toEqual(of(id));
        expect(index.documents[at]!.lookup.definition(id)?.title ?? '').toBe(lookup.definition(id)?.title);
      }
    }
  });

  it('is the same whatever pieces the document comes in', async () => {
    const text = Buffer.from(vendorOval([{ number: 1001, package: 'ä', below: '0:1-1' }]));
    const from = { name: 'x', where: 'x', tool: 't' };
    const whole = compileOval(text, from);
    for (const size of [100, 1013, 4096]) {
      const parts: Buffer[] = [];
      const pieces = async function* () {
        for (let at = 0; at < text.length; at += size) yield text.subarray(at, at + size);
      };
      await compileOvalPieces(pieces(), from, undefined, (bytes) => parts.push(Buffer.from(bytes)));
      expect(Buffer.concat(parts)).toEqual(whole);
    }
  });

  it.each([{}, { classes: ['vulnerability'] }, { classes: ['patch', 'inventory'] }])(
    'gives the OVAL results of the document, of what is asked: %o',
    (asked) => {
      const text = vendorOval(
        [
          { number: 1001, package: 'a', below: '0:1-1' },
          { number: 1002, package: 'b', below: '0:1-2', class: 'vulnerability' },
          { number: 1003, package: 'b', below: '0:1-2' },
        ],
        { type: 'deb' },
      );
      const { oval } = both(text, [package_('acme-release', '9.1-1'), package_('b', '1-1')], {}, asked);

      expect(oval[1]).toEqual(oval[0]);
    },
  );

  it('that is cut or of another format is refused', () => {
    const text = compileOval(Buffer.from(vendorOval([{ number: 1001, package: 'a', below: '0:1-1' }])), {
      name: 'x',
      where: 'x',
      tool: 't',
    });
    const open = (changed: Buffer) => () => loadCompiledOval(fileOf(changed), 'x');
    const refused = expect.objectContaining({ code: 'CONTENT_MALFORMED' });

    expect(open(text)).not.toThrow();
    expect(open(Buffer.from(text.toString().replace('"format":7', '"format":9')))).toThrow(
      'expected compiled OVAL of format 7, found format 9',
    );
    for (const length of [0, 20, 100, text.length >> 1, text.length - 30, text.length - 1])
      expect(open(text.subarray(0, length))).toThrow(refused);
    expect(open(Buffer.concat([text.subarray(0, 90), text.subarray(89)]))).toThrow(refused);
  });

  // Otherwise definitions would be left out, and an image without them read as clean.
  it('that is damaged is refused, or gives the same results', () => {
    const text = vendorOval(
      [
        { number: 1001, package: 'a', below: '0:1-1' },
        { number: 1002, package: 'b', below: '0:1-2' },
      ],
      { type: 'deb' },
    );
    const packages = [package_('acme-release', '9.1-1'), package_('b', '1-1')];
    const system = { files: memoryView({}), env: [], packages: () => packages };
    const bytes = compileOval(Buffer.from(text), { name: 'x', where: 'x', tool: 't' });
    const whole = JSON.stringify(evaluateOval(loadCompiledOval(fileOf(bytes), 'x'), system, { now: 0 }));
    let refused = 0;
    for (let at = 0; at < bytes.length; at += 7) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 1 + (at % 7);
      try {
        const content = loadCompiledOval(fileOf(damaged), 'x');
        expect(JSON.stringify(evaluateOval(content, system, { now: 0 }))).toBe(whole);
      } catch (error) {
        expect(error).toMatchObject({ code: 'CONTENT_MALFORMED' });
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(50);
  });

  it('whose lines are exchanged is refused where they are read, or gives the same results', () => {
    const flaws = ['aa', 'bb', 'cc'].flatMap((name, at) =>
      [1, 2].map((nth) => ({ number: 1000 + 10 * at + nth, package: name, below: '0:1-1' })),
    );
    const bytes = compileOval(Buffer.from(vendorOval(flaws, { type: 'deb' })), {
      name: 'x',
      where: 'x',
      tool: 't',
    });
    const packages = [package_('acme-release', '9.1-1'), package_('aa', '1-0'), package_('bb', '3-1')];
    const system = { files: memoryView({}), env: [], packages: () => packages };
    const resultOf = (file: Buffer) =>
      JSON.stringify(evaluateOval(loadCompiledOval(fileOf(file), 'x'), system, { now: 0 }));
    const whole = resultOf(bytes);
    const lines = bytes.toString().split(/(?<=\n)/);
    let refused = 0;
    for (const [one, first] of lines.entries())
      for (const [other, second] of lines.entries()) {
        if (other <= one || first.length !== second.length) continue;
        const exchanged = lines.with(one, second).with(other, first).join('');
        try {
          expect(resultOf(Buffer.from(exchanged))).toBe(whole);
        } catch (error) {
          expect(error).toMatchObject({ code: 'CONTENT_MALFORMED' });
          refused += 1;
        }
      }
    expect(refused).toBeGreaterThan(20);
  });
});

function fileOf(bytes: Buffer) {
  return {
    size: bytes.length,
    read: (offset: number, length: number) => bytes.subarray(offset, offset + length),
  };
}
