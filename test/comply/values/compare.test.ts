import { describe, expect, it } from 'vitest';
import { compareValues } from '../../../src/comply/values/compare.ts';

describe('compareValues', () => {
  it.each([
    ['int', 'equals', '0644', '644', 'true'],
    ['int', 'greater than', '9007199254740993', '9007199254740992', 'true'],
    ['int', 'bitwise and', '7', '5', 'true'],
    ['int', 'bitwise or', '4', '5', 'true'],
    ['int', 'equals', 'yes', '1', 'error'],
    ['float', 'less than', '1.5', 'INF', 'true'],
    ['float', 'equals', 'NaN', 'NaN', 'false'],
    ['float', 'equals', '1.2100000000000002', '1.21', 'true'],
    ['float', 'equals', '1.2101', '1.21', 'false'],
    ['float', 'greater than', '16777217', '16777216', 'false'],
    ['float', 'equals', '1e3', '1000', 'true'],
    ['float', 'equals', '0x10', '16', 'error'],
    ['boolean', 'equals', '1', 'true', 'true'],
    ['boolean', 'equals', 'maybe', 'true', 'error'],
    ['version', 'less than', '9.2', '9.10', 'true'],
    ['version', 'equals', '9.0', '9', 'true'],
    ['evr_string', 'less than', '0:7.76.1~rc1-1', '0:7.76.1-1', 'true'],
    ['evr_string', 'equals', '1.2-3', '0:1.2-3', 'true'],
    ['debian_evr_string', 'less than', '1:9.2', '99', 'false'],
    ['ipv4_address', 'subset of', '10.1.2.0/24', '10.0.0.0/8', 'true'],
    ['ipv4_address', 'greater than', '10.0.0.1/8', '10.0.0.0/16', 'error'],
    ['ipv6_address', 'superset of', '2001:db8::/32', '2001:db8::1', 'true'],
    ['string', 'case insensitive equals', 'Yes', 'yes', 'true'],
    ['string', 'pattern match', 'abc', '(', 'error'],
    ['fileset_revision', 'equals', '1', '1', 'not evaluated'],
  ])('%s: %s %s %s is %s', (datatype, operation, found, stated, expected) => {
    expect(compareValues(datatype, operation, found, stated)).toBe(expected);
  });
});
