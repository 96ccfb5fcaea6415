import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateAll } from '../../../src/comply/eval/evaluate.ts';
import { compileOval, evaluateOval, loadCompiledOval, readOvalContent } from '../../../src/comply/index.ts';
import type { InstalledPackage } from '../../../src/model/index.ts';
import { memoryView } from '../../support/memory-view.ts';
import { fileCheck, lineCheck } from '../support/small-content.ts';
import { type VendorFlaw, vendorOval } from '../support/vendor-oval.ts';

function compiled(text: string) {
  const parts = [...compileOval(Buffer.from(text), { name: 'x.xml', where: 'x.xml', tool: 'test' })];
  const bytes = Buffer.from(parts.join(''));
  return loadCompiledOval(
    { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) },
    'x.jsonl',
  );
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

/** What both give, evidence included, in JSON. */
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
  [/<criterion /, '<criterion negate="true" '],
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

  it.each([
    ['a line', lineCheck('/etc/x', '^a$'), { '/etc/x': 'a\n' }],
    ['a file', fileCheck('/etc/x'), {}],
  ])('of %s, which the image decides, too', (_, text, files) => {
    const { whole, index, oval } = both(text, [], files);

    expect(index).toEqual(whole);
    expect(oval[1]).toEqual(oval[0]);
  });

  it('is the same for the same input, whatever is compiled before', () => {
    const text = vendorOval([{ number: 1001, package: 'a', below: '0:1-1' }]);
    const parts = () => [...compileOval(Buffer.from(text), { name: 'x', where: 'x', tool: 't' })].join('');

    expect(parts()).toBe(parts());
  });

  it('gives the OVAL results of the document', () => {
    const text = vendorOval(
      [
        { number: 1001, package: 'a', below: '0:1-1' },
        { number: 1002, package: 'b', below: '0:1-2' },
      ],
      { type: 'deb' },
    );
    const { oval } = both(text, [package_('acme-release', '9.1-1'), package_('b', '1-1')]);

    expect(oval[1]).toEqual(oval[0]);
  });

  it('that is cut or of another format is refused', () => {
    const text = [
      ...compileOval(Buffer.from(vendorOval([{ number: 1001, package: 'a', below: '0:1-1' }])), {
        name: 'x',
        where: 'x',
        tool: 't',
      }),
    ].join('');
    const open = (changed: string) => () =>
      loadCompiledOval(
        { size: changed.length, read: (at, length) => Buffer.from(changed.slice(at, at + length)) },
        'x',
      );

    expect(open(text)).not.toThrow();
    expect(open(text.replace('"format":2', '"format":9'))).toThrow('expected compiled OVAL of format 2');
    expect(open(text.slice(0, 100))).toThrow('compiled OVAL has several lines');
    expect(open(text.slice(0, text.indexOf('\n') + 1))).toThrow('ends too early');
    // Otherwise definitions would be left out, and an image without them read as clean.
    for (const length of [text.length - 1, text.length - 30, text.length >> 1])
      expect(open(text.slice(0, length))).toThrow(/damaged|too early|several lines/);
    for (let at = 200; at < text.length; at += 7) {
      const digit = text[at] === '1' ? '2' : '1';
      expect(open(text.slice(0, at) + digit + text.slice(at + 1))).toThrow(
        expect.objectContaining({ code: 'CONTENT_MALFORMED' }),
      );
    }
  });
});
