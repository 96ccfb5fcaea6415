import { describe, expect, it } from 'vitest';
import { hasOracle } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { besideOscap, ovalDocument } from '../support/beside-oscap.ts';

interface Row {
  name: string;
  component: string;
  datatype: string;
  /** The value that the variable is compared with. */
  stated: string;
  /** Where oscap departs from the specification. */
  deviation?: 'oscap is wrong';
}

function literals(datatype: string, values: readonly string[]): string {
  return values
    .map((value) => `<literal_component datatype="${datatype}">${value}</literal_component>`)
    .join('');
}

function arithmetic(operation: 'add' | 'multiply', stated: string, ...values: string[]): Row {
  const component = `<arithmetic arithmetic_operation="${operation}">${literals('float', values)}</arithmetic>`;
  return { name: `${operation} ${values.join(', ')}`, component, datatype: 'float', stated };
}

function glob(pattern: string, stated: string, noEscape = false): Row {
  const component = `<glob_to_regex glob_noescape="${noEscape}">${literals('string', [pattern])}</glob_to_regex>`;
  const name = `${pattern}${noEscape ? ' without escapes' : ''}`;
  return { name, component, datatype: 'string', stated };
}

function difference(format: string, first: string, second: string, stated: string): Row {
  const values = literals('string', [first, second]);
  const component = `<time_difference format_1="${format}" format_2="${format}">${values}</time_difference>`;
  return { name: `${format}: ${first} - ${second}`, component, datatype: 'int', stated };
}

const wrong = (row: Row): Row => ({ ...row, deviation: 'oscap is wrong' });

const rows: Row[] = [
  arithmetic('multiply', '1.21', '1.1', '1.1'),
  arithmetic('add', '0.3', '0.1', '0.2'),
  arithmetic('multiply', '3E-1', '0.1', '3'),
  arithmetic('add', '-1', '-1.5', '0.5'),
  arithmetic('add', '1001', '1e3', '1'),
  arithmetic('multiply', '1000000500000', '1000000.5', '1000000'),
  arithmetic('add', 'INF', 'INF', '1'),
  // oscap writes six digits behind the point.
  wrong(arithmetic('multiply', '1e-7', '1e-7', '1')),

  // The examples of GlobToRegexFunctionType.
  glob('x[[:digit:]]\\*', '^x[[:digit:]]\\*$'),
  glob('x[[:digit:]]\\*', '^x[[:digit:]]\\\\[^/]*$', true),
  glob('\\[hello\\]', '^\\[hello\\]$'),
  glob('\\[hello\\]', '^\\\\[hello\\\\]$', true),
  glob('type*.[ch]', '^type[^/]*\\.[ch]$'),
  glob('xy/??z', '^xy/[^./][^/]z$'),
  glob('~/files/*.txt', '^~/files/(?=[^.])[^/]*\\.txt$'),
  glob('\\', '^\\\\$'),
  glob('.*.conf', '^\\.[^/]*\\.conf$'),
  // Bracket expressions of POSIX.
  glob('[[:alpha:][:digit:]_-]x', '^[[:alpha:][:digit:]_-]x$'),
  glob('[![:space:]]', '^[^[:space:]]$'),
  glob('[!a-z]', '^[^a-z]$'),
  glob('[]a]', '^[]a]$'),
  glob('[!]a]', '^[^]a]$'),
  glob('[a-]', '^[a-]$'),
  glob('[[]', '^[[]$'),
  glob('a]', '^a]$'),
  glob('[\\]]', '^[\\]]$'),
  wrong(glob('[a\\b]', '^[ab]$')),
  wrong(glob('[[.a.][=b=]]', '^[ab]$')),

  difference('year_month_day', '20240302', '2024-03-01', '86400'),
  difference('year_month_day', '2024/02/29 12:00:01', '20240229T120000', '1'),
  difference('month_day_year', '03/02/2024', '03-01-2024', '86400'),
  difference('month_day_year', 'March, 01 2024 00:00:10', 'Mar, 01 2024', '10'),
  difference('day_month_year', '02/03/2024 00:00:10', '01-03-2024', '86410'),
  difference('seconds_since_epoch', '1700000000', '0', '1700000000'),
  difference('cim_datetime', '20240301000000.000000+000', '20240229000000.000000+000', '86400'),
  difference('cim_datetime', '2024-02-29 00:00:10:000', '02-29-2024 00:00:00:500', '10'),
  // oscap is a month off, counts without a sign, does not read file times, and passes over the zone of CIM (DSP0004).
  wrong(difference('day_month_year', '01/03/2024', '29-02-2024', '86400')),
  wrong(difference('year_month_day', '20240228', '20240302', '-259200')),
  difference('win_filetime', '01DA6AA23CE90000', '133536384000000000', '0'),
  wrong(difference('win_filetime', '0x01DA6AA242DEE100', '01DA6AA23CE90000', '10')),
  wrong(difference('cim_datetime', '20240229010000.000000+060', '20240229000000.000000-060', '-3600')),
];

describe.skipIf(!hasOracle('oscap'))('functions of local variables', () => {
  const parts = rows.map(({ component, datatype, stated }, at) => ({
    tests: `<ind:variable_test id="oval:x:tst:${at}" version="1" check="all" comment="x"><ind:object object_ref="oval:x:obj:${at}"/><ind:state state_ref="oval:x:ste:${at}"/></ind:variable_test>`,
    objects: `<ind:variable_object id="oval:x:obj:${at}" version="1"><ind:var_ref>oval:x:var:${at}</ind:var_ref></ind:variable_object>`,
    states: `<ind:variable_state id="oval:x:ste:${at}" version="1"><ind:value datatype="${datatype}">${stated}</ind:value></ind:variable_state>`,
    variables: `<local_variable id="oval:x:var:${at}" version="1" datatype="${datatype}" comment="x">${component}</local_variable>`,
  }));
  const all = (name: keyof (typeof parts)[number]) => parts.map((part) => part[name]).join('');
  const document = ovalDocument({
    tests: all('tests'),
    objects: all('objects'),
    states: all('states'),
    variables: all('variables'),
  });
  const { ours, oscap } = besideOscap(document, temporaryFolder('empty'), ['value']);

  it.each(rows.map((row, at) => [row.name, `oval:x:tst:${at}`, row] as const))(
    '%s',
    (_, id, { deviation }) => {
      expect([ours.tests[id], oscap.tests[id] === 'true']).toEqual(['true', deviation === undefined]);
    },
  );
});
