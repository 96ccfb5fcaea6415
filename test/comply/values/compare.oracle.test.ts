import { describe, expect, it } from 'vitest';
import { rootWith } from '../../support/cli.ts';
import { hasOracle } from '../../support/oracles.ts';
import { besideOscap, ovalDocument } from '../support/beside-oscap.ts';

const order = 'equals, not equal, greater than, greater than or equal, less than, less than or equal'.split(
  ', ',
);
const networks = [...order, 'subset of', 'superset of'];
const texts = 'equals, not equal, case insensitive equals, case insensitive not equal, pattern match'.split(
  ', ',
);

/** Pairs `found|stated` on whose every operation both agree. */
const same: [datatype: string, operations: readonly string[], pairs: string][] = [
  ['int', order, '5|5 5|6 -1|1 007|7 +5|5 5.0|5 x|5 0x10|16'],
  ['int', ['bitwise and', 'bitwise or'], '7|5 5|7 4|5 0|0 6|1'],
  ['float', order, '1.5|1.5 1.50|1.5 1e1|10 -0.5|0.5 1.1|1.2 INF|1 x|1 .5|0.5 1.2100000000000002|1.21'],
  ['version', order, '1.2.3|1.2.3 1.2|1.2.0 1.10|1.9 1-2|1.2 1.2.3|1.2.4 2|1.9.9 1a2|1.2 01.2|1.2'],
  [
    'evr_string',
    order,
    '0:1.0-1|0:1.0-1 1:1.0-1|0:2.0-1 0:1.0-1|0:1.0-2 0:1.0~rc1-1|0:1.0-1 0:1.0^git1-1|0:1.0-1',
  ],
  ['evr_string', order, '0:1.0-1.el9|0:1.0-1.el8 0:1.a-1|0:1.1-1 0:10-1|0:9-1 0:1.0-001|0:1.0-1'],
  [
    'debian_evr_string',
    order,
    '0:1.0-1|0:1.0-1 1.0-1|0:1.0-1 1.0~rc1-1|1.0-1 1.0+b1|1.0 1:0.9|1.0 1.0-1|1.0-1+deb12u1',
  ],
  ['ipv4_address', networks, '10.0.0.1|10.0.0.1 10.0.0.1|10.0.0.2 10.0.0.0/24|10.0.0.5 10.0.0.5|10.0.0.0/24'],
  [
    'ipv4_address',
    networks,
    '10.0.0.0/24|10.0.0.0/16 10.0.0.0/255.255.255.0|10.0.0.0/24 10.0.0.0/8|11.0.0.0/8 300.0.0.1|1.1.1.1',
  ],
  [
    'ipv6_address',
    networks,
    '2001:db8::1|2001:db8:0:0:0:0:0:1 2001:db8::/32|2001:db8::1 2001:db8::1|2001:db8::/32 ::1|::2',
  ],
  ['ipv6_address', networks, '::ffff:10.0.0.1|::ffff:a00:1 2001:DB8::1|2001:db8::1 ::/0|::1 xyz|::1'],
  ['boolean', ['equals', 'not equal'], 'true|1 false|0 true|false'],
  ['binary', ['equals', 'not equal'], '0a|0A 0a|0b'],
  ['string', texts, 'a|A abc|b'],
];

/** Where oscap departs from the schema's words on the datatype, and what we find instead. */
const deviations: [datatype: string, operation: string, found: string, stated: string, result: string][] = [
  // Integers have an infinite range.
  ['int', 'greater than', '9223372036854775808', '9223372036854775807', 'true'],
  // Bits outside of the prefix are zero, leading zeros are permitted, unequal prefixes have no order.
  ['ipv4_address', 'equals', '10.0.0.7/24', '10.0.0.0/24', 'true'],
  ['ipv4_address', 'equals', '010.0.0.1', '10.0.0.1', 'true'],
  ['ipv4_address', 'less than', '0.0.0.0/0', '1.2.3.4', 'error'],
  ['ipv4_address', 'superset of', '0.0.0.0/0', '1.2.3.4', 'true'],
  ['ipv6_address', 'equals', 'fe80::1/64', 'fe80::/64', 'true'],
  // Values that are not of the datatype cannot be compared.
  ['version', 'less than', 'v1', '1', 'error'],
  ['boolean', 'not equal', 'yes', 'true', 'error'],
  ['binary', 'equals', 'a', 'a', 'error'],
  // Case is that of Unicode.
  ['string', 'case insensitive equals', 'É', 'é', 'true'],
];

describe.skipIf(!hasOracle('oscap'))('comparisons beside oscap', () => {
  const agreed = same.flatMap(([datatype, operations, pairs]) =>
    pairs.split(' ').flatMap((pair) => {
      const [found = '', stated = ''] = pair.split('|');
      return operations.map((operation) => [datatype, operation, found, stated] as const);
    }),
  );
  const rows = [...agreed, ...deviations];
  const all = (part: (row: (typeof rows)[number], at: number) => string) => rows.map(part).join('\n');
  const document = ovalDocument({
    tests: all(
      (_, at) =>
        `<ind:variable_test id="oval:x:tst:${at}" version="1" check="all" comment="x"><ind:object object_ref="oval:x:obj:${at}"/>\n<ind:state state_ref="oval:x:ste:${at}"/></ind:variable_test>`,
    ),
    objects: all(
      (_, at) =>
        `<ind:variable_object id="oval:x:obj:${at}" version="1"><ind:var_ref>oval:x:var:${at}</ind:var_ref></ind:variable_object>`,
    ),
    states: all(
      ([datatype, operation, , stated], at) =>
        `<ind:variable_state id="oval:x:ste:${at}" version="1"><ind:value datatype="${datatype}" operation="${operation}">${stated}</ind:value></ind:variable_state>`,
    ),
    variables: all(
      ([datatype, , found], at) =>
        `<constant_variable id="oval:x:var:${at}" version="1" datatype="${datatype}" comment="x"><value>${found}</value></constant_variable>`,
    ),
  });
  const { ours, oscap } = besideOscap(document, rootWith({}), ['value']);

  it.each(agreed.map((row, at) => [...row, `oval:x:tst:${at}`] as const))('%s: %s: %s, %s', (...row) => {
    expect(ours.tests[row[4]]).toBe(oscap.tests[row[4]]);
  });

  it.each(deviations.map((row, at) => [...row, `oval:x:tst:${agreed.length + at}`] as const))(
    '%s: %s: %s, %s is %s, by the schema',
    (...row) => {
      const [, , , , result, id] = row;
      expect(ours.tests[id]).toBe(result);
      expect(oscap.tests[id]).not.toBe(result);
    },
  );
});
