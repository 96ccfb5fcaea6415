import type { CheckedItem } from './oval-items.ts';
import type { ElementStart, ProblemList } from './problem.ts';

interface Entity {
  element: ElementStart;
  text: string;
  item: CheckedItem;
  id: string;
  schemaVersion: string;
}

const order = [
  'equals',
  'not equal',
  'greater than',
  'less than',
  'greater than or equal',
  'less than or equal',
];
const equality = ['equals', 'not equal'];

/** Operations of each datatype (OVAL 5.11.1, SimpleDatatypeEnumeration and OperationEnumeration). */
const operations: Record<string, readonly string[]> = {
  string: [...equality, 'case insensitive equals', 'case insensitive not equal', 'pattern match'],
  int: [...order, 'bitwise and', 'bitwise or'],
  float: order,
  version: order,
  evr_string: order,
  debian_evr_string: order,
  ios_version: order,
  fileset_revision: order,
  boolean: equality,
  binary: equality,
  ipv4_address: [...order, 'subset of', 'superset of'],
  ipv6_address: [...order, 'subset of', 'superset of'],
  record: ['equals'],
};

/** Checks an entity of an object or state: operation, datatype and value must fit each other. */
export function checkEntity(entity: Entity, problems: ProblemList): void {
  const { element, text, id } = entity;
  const { attributes, line, name } = element;
  if (name === 'set' || name === 'filter' || name === 'behaviors' || name === 'notes') return;
  const datatype = attributes['datatype'] ?? 'string';
  const operation = attributes['operation'] ?? 'equals';
  if (!operations[datatype]?.includes(operation)) {
    problems.error('datatype-operation', line, `<${name}>: "${operation}" of the datatype ${datatype}`, id);
  }
  if (attributes['var_ref'] !== undefined) {
    if (text.trim() !== '') problems.error('variable-value', line, `<${name}> has var_ref and a value`, id);
    return;
  }
  if (name === 'var_ref' || attributes['xsi:nil'] === 'true') return;
  checkValue(datatype, text, entity, problems);
}

function checkValue(datatype: string, text: string, entity: Entity, problems: ProblemList): void {
  const { element, id, item } = entity;
  const { line, name } = element;
  const bad = (what: string) =>
    problems.error('datatype-value', line, `<${name}>: ${JSON.stringify(text)} is no ${what}`, id);
  if (datatype === 'int' && !/^\s*[+-]?\d+\s*$/.test(text)) bad('whole number');
  if (datatype === 'boolean' && !/^\s*(true|false|0|1)\s*$/.test(text)) bad('boolean');
  if (datatype === 'version' && !/^\s*\d+([^\d\s]\d+)*\s*$/.test(text)) bad('version of numbers');
  if (datatype === 'evr_string' || datatype === 'debian_evr_string')
    checkEvr(datatype, text, entity, problems);
  if (
    item.name === 'dpkginfo_state' &&
    datatype === 'evr_string' &&
    !isBefore(entity.schemaVersion, 5, 11, 1)
  ) {
    problems.warning(
      'evr-order',
      line,
      'evr_string orders by the rules of rpm, in a test of dpkg packages',
      id,
    );
  }
  if (item.name.startsWith('rpminfo') && datatype === 'debian_evr_string') {
    problems.error('evr-order', line, 'debian_evr_string in a test of rpm packages', id);
  }
}

function checkEvr(
  datatype: string,
  text: string,
  { element, id, schemaVersion }: Entity,
  problems: ProblemList,
): void {
  const { line, attributes } = element;
  if (datatype === 'debian_evr_string' && isBefore(schemaVersion, 5, 11, 1)) {
    problems.error(
      'datatype-version',
      line,
      `debian_evr_string in a document of version ${schemaVersion || '?'}`,
      id,
    );
  }
  if (/^\d+:\d+:/.test(text)) problems.error('evr-epoch-doubled', line, text, id);
  else if (!/^[!-~]+$/.test(text)) problems.error('evr-malformed', line, JSON.stringify(text), id);
  else if (!/^\d+:/.test(text)) problems.error('evr-epoch-missing', line, text, id);
  else if (!/^\d+:[A-Za-z0-9][A-Za-z0-9.+~^_:-]*$/.test(text))
    problems.error('evr-malformed', line, text, id);
  const zero = /^0+:0+(-0+)?$/.test(text);
  if (zero && attributes['operation'] === 'less than')
    problems.error('never-true', line, `nothing is earlier than ${text}`, id);
  if (zero && attributes['operation'] === 'greater than or equal') {
    problems.warning('always-true', line, `everything is ${text} or later`, id);
  }
}

/** True if a schema version is older than the given one; an unknown version is not. */
function isBefore(version: string, ...wanted: number[]): boolean {
  const found = version.split('.').map(Number);
  if (version === '' || found.some(Number.isNaN)) return false;
  for (const [at, want] of wanted.entries()) {
    const have = found[at] ?? 0;
    if (have !== want) return have < want;
  }
  return false;
}
