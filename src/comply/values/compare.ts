import { compareCodeUnits } from '../../model/order.ts';
import { compareDpkg, compareRpmEvr } from '../../packaging/index.ts';
import { compilePattern, PatternError } from '../pcre/index.ts';
import { compareAddresses } from './address.ts';
import { evrOf } from './evr-order.ts';
import { byOrder } from './order.ts';
import type { OvalResult } from './result.ts';
import { truth } from './result.ts';
import { compareBinary, compareBooleans, compareNumbers, compareVersions } from './simple.ts';

/**
 * Does an item's value stand in this relation to a stated one? (OVAL language specification, simple datatypes and
 * OperationEnumeration.) `error`: a value is not of the datatype, the pattern is not one, or the pair has no meaning.
 */
export function compareValues(
  datatype: string,
  operation: string,
  found: string,
  stated: string,
): OvalResult {
  switch (datatype) {
    case 'string':
      return compareStrings(operation, found, stated);
    case 'int':
    case 'float':
      return compareNumbers(datatype, operation, found, stated);
    case 'boolean':
      return compareBooleans(operation, found, stated);
    case 'binary':
      return compareBinary(operation, found, stated);
    case 'version':
      return compareVersions(operation, found, stated);
    case 'evr_string':
      return byOrder(operation, compareRpmEvr(evrOf(found), evrOf(stated)));
    case 'debian_evr_string':
      return byOrder(operation, compareDpkg(evrOf(found), evrOf(stated)));
    case 'ipv4_address':
    case 'ipv6_address':
      return compareAddresses(datatype, operation, found, stated);
    // Orders of Cisco and HP-UX: images have no such values.
    case 'ios_version':
    case 'fileset_revision':
      return 'not evaluated';
    default:
      return 'error';
  }
}

function compareStrings(operation: string, found: string, stated: string): OvalResult {
  switch (operation) {
    case 'equals':
      return truth(found === stated);
    case 'not equal':
      return truth(found !== stated);
    case 'case insensitive equals':
      return truth(found.toLowerCase() === stated.toLowerCase());
    case 'case insensitive not equal':
      return truth(found.toLowerCase() !== stated.toLowerCase());
    case 'pattern match':
      return matchPattern(found, stated);
    // Not allowed for strings, but old content uses them, as an order by characters.
    default:
      return byOrder(operation, compareCodeUnits(found, stated));
  }
}

function matchPattern(found: string, pattern: string): OvalResult {
  try {
    return truth(compilePattern(pattern).test(found));
  } catch (error) {
    if (error instanceof PatternError) return 'error';
    throw error;
  }
}
