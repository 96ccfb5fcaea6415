import { describe, expect, it } from 'vitest';
import { rootWith } from '../../support/cli.ts';
import { hasOracle } from '../../support/oracles.ts';
import { besideOscap, ovalDocument } from '../support/beside-oscap.ts';

const lists = 'a:\n  - [1, 2]\n  - [3]\nb: [[], [4]]\nc: []\nd: {}\n';
const deep = 'a: [[[1, 2], [3]], [[4]]]\nb: [[{k: 1}, {k: 2}], [{k: 3}]]\nm: {x: [1, 2], y: [[3]]}\n';
const items = 'a:\n  - k: 1\n    l: [p, q]\n  - k: 2\n    l: [r]\n';
const scalars =
  's: str\ni: 7\nb: true\nq: "7"\ny: yes\nh: 0x1f\no: 0o17\nold: 017\nd: 2001-12-14\nt: !!str 5\nu: !!int "5"\nw: !!bool "true"\nx: !custom foo\nTr: TRUE\n1: num\ntrue: bool\nplus: +5\nun: 1_000\nsq: \'a\'\'b\'\nl: |\n  li\n  ne\n';
const anchors = 'base: &b {x: 1, y: 2}\nlist: &l [1, 2]\nscalar: &s hi\n';
const keys = '"quoted key": 3\nkey.dot: 4\nm: {myCamel: 1, two: 2}\n"ca^Ret": {"A^b": 5}\n';

/** Where both must agree: a file and paths into it. */
const same: [yaml: string, paths: string][] = [
  [lists, '.a .a[:] .a[0] .a[1][:] .a[0][1] .a[:][0] .a[:][:] .b .b[0] .b[1] .b[:] .c .c[0] .d .missing'],
  [deep, '.a .a[:] .a[0] .a[:][:] .a[:][0] .b .b[0] .b[:][:] .b[:][:].k .m .m.x .m.y .m["x"] .m["x","y"]'],
  [
    items,
    '.a .a[:] .a[:].k .a[:].l .a[:].l[:] .a[:].l[0] .a[0].l .a[5] .a.k .a[:]["k"] .a[:]["l"] .a[:]["k","l"]',
  ],
  [items, '.a[:]["l"][0] .a[:]["no"] .a[0,1] .a[1,0] .a[0,9]'],
  [scalars, '.s .i .b .q .y .h .o .old .d .t .u .w .x .Tr .1 .true .plus .un .sq .l'],
  [anchors, '&b &l &s &l[0] &no .base'],
  [keys, '["quoted key"] ["key.dot"] .m .m["myCamel","two"] ["ca^Ret"]'],
  ['a: 1\n---\na: 2\n---\nb: 3\n', '.a .b .c'],
  ['- 1\n---\n- 2\n', '[:] [0]'],
  ['a: {k: 1}\n---\na: {k: 2}\n', '.a'],
  ['a: [1, 2\n', '.a'],
  ['\ta: 1\n', '.a'],
];

/** Where oscap loses values, or refuses what the schema allows, and what we find instead. */
const deviations: [yaml: string, path: string, found: Record<string, string[]>[]][] = [
  // It drops what stands before a list, and puts what stands behind a map under the map's last key.
  ['a: [1, [2, 3], 4]', '.a', [{ '#': ['2', '3'] }, { '#': ['1', '4'] }]],
  ['a: [{k: 1}, 2]', '.a', [{ k: ['1'] }, { '#': ['2'] }]],
  // It does not follow aliases.
  ['base: &b {x: 1}\nr: *b\n', '.r', [{ x: ['1'] }]],
  ['list: &l [1, 2]\nr: *l\n', '.r[0]', [{ '#': ['1'] }]],
  // It cuts numbers.
  ['big: 123456789012345678901', '.big', [{ '#': ['123456789012345678901'] }]],
  ['f: 1.5', '.f', [{ '#': ['1.5'] }]],
  // It knows slices of a whole list only, and counts from the start only.
  ['[10, 20, 30]', '[1:]', [{ '#': ['20', '30'] }]],
  ['[10, 20, 30]', '[-1]', [{ '#': ['30'] }]],
];

describe.skipIf(!hasOracle('oscap'))('YAML paths beside oscap', () => {
  const cases = [
    ...same.flatMap(([yaml, paths]) => paths.split(/ (?!key)/).map((path) => [yaml, path] as const)),
    ...deviations.map(([yaml, path]) => [yaml, path] as const),
  ];
  const files = [...new Set(cases.map(([yaml]) => yaml))];
  const root = rootWith(Object.fromEntries(files.map((yaml, at) => [`f${at}.yaml`, yaml])));
  const document = ovalDocument({
    tests: cases
      .map(
        (_, at) =>
          `<ind:yamlfilecontent_test id="oval:x:tst:${at}" version="1" check="all" comment="x"><ind:object object_ref="oval:x:obj:${at}"/></ind:yamlfilecontent_test>`,
      )
      .join(''),
    objects: cases
      .map(
        ([yaml, path], at) =>
          `<ind:yamlfilecontent_object id="oval:x:obj:${at}" version="1"><ind:filepath>/f${files.indexOf(yaml)}.yaml</ind:filepath><ind:yamlpath>${path.replaceAll('&', '&amp;').replaceAll('"', "'")}</ind:yamlpath></ind:yamlfilecontent_object>`,
      )
      .join(''),
  });
  const { ours, oscap } = besideOscap(document, root, ['value']);
  const agreed = cases.length - deviations.length;

  it.each(cases.slice(0, agreed).map(([yaml, path], at) => [path, yaml, at] as const))(
    '%s of %j',
    (_, __, at) => {
      const id = `oval:x:obj:${at}`;
      expect(sorted(ours.objects[id])).toEqual(sorted(oscap.objects[id]));
    },
  );

  it.each(deviations.map(([yaml, path, found], at) => [path, yaml, found, agreed + at] as const))(
    '%s of %j, nothing lost',
    (_, __, found, at) => {
      const id = `oval:x:obj:${at}`;
      expect(ours.objects[id]?.items).toEqual([
        JSON.stringify({ value: found.map((each) => JSON.stringify(each)) }),
      ]);
      expect(oscap.objects[id]).not.toEqual(ours.objects[id]);
    },
  );
});

/** oscap keeps the fields of a record in no order. */
function sorted(collected: { flag: string; items: string[] } | undefined) {
  return { ...collected, items: collected?.items.map((item) => [...item].sort().join('')) };
}
