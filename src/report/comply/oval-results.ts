import type {
  ComplianceResult,
  OvalCriteriaResult,
  OvalItemData,
  OvalResultsData,
  XmlData,
} from '../../model/compliance/index.ts';
import { escapeXmlLines } from '../../model/markup.ts';
import { xml, xmlHead } from '../xml-text.ts';

const definitions = 'http://oval.mitre.org/XMLSchema/oval-definitions-5';
const results = 'http://oval.mitre.org/XMLSchema/oval-results-5';
const characteristics = 'http://oval.mitre.org/XMLSchema/oval-system-characteristics-5';
const common = 'http://oval.mitre.org/XMLSchema/oval-common-5';

/** The facts about the evaluation in results. */
type Evaluation = Pick<ComplianceResult, 'tool' | 'image' | 'time'>;

/** Formats OVAL results of one OVAL document: its evaluated definitions, their results, and the system characteristics. */
export function ovalResults(result: Evaluation, data: OvalResultsData): string {
  return `${xmlHead}${ovalResultsElement(result, data)}\n`;
}

export function ovalResultsElement(result: Evaluation, data: OvalResultsData): string {
  return xml(
    'oval_results',
    { xmlns: results, 'xmlns:oval': common },
    xml('generator', {}, generator(result)),
    xml('directives', {}, ...directives()),
    sourceDocument(result, data),
    xml('results', {}, xml('system', {}, ...system(result, data))),
  );
}

/** The source document, without which a reader cannot look up the ids of the results. */
function sourceDocument(
  result: Evaluation,
  { source, schemaVersion, generator: own }: OvalResultsData,
): string {
  const families = [...new Set(source.flatMap(({ content }) => content.flatMap(prefixOf)))].sort();
  return xml(
    'oval_definitions',
    {
      xmlns: definitions,
      'xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
      ...Object.fromEntries(families.map((family) => [`xmlns:${family}`, `${definitions}#${family}`])),
    },
    xml('generator', {}, own ? generatorOf(own, schemaVersion, result) : generator(result, schemaVersion)),
    ...source.map(sourceElement),
  );
}

function prefixOf(element: XmlData | string): string[] {
  return typeof element === 'string' || !element.name.includes(':')
    ? []
    : [element.name.slice(0, element.name.indexOf(':'))];
}

function sourceElement(element: XmlData | string): string {
  return typeof element === 'string'
    ? escapeXmlLines(element)
    : xml(element.name, element.attributes, ...element.content.map(sourceElement));
}

function generator({ tool, time }: Evaluation, schemaVersion = '5.11.1'): string {
  return [
    xml('oval:product_name', {}, 'cpe:/a:scapfeed:scapfeed'),
    xml('oval:product_version', {}, escapeXmlLines(tool.version)),
    xml('oval:schema_version', {}, escapeXmlLines(schemaVersion)),
    xml('oval:timestamp', {}, xsdTime(time)),
  ].join('');
}

/** That of the document. Its schema wants a time: the evaluation's, where the document has none. */
function generatorOf(
  { product, productVersion, timestamp }: NonNullable<OvalResultsData['generator']>,
  schemaVersion: string,
  { time }: Evaluation,
): string {
  const fact = (name: string, text: string | undefined) =>
    text === undefined ? '' : xml(`oval:${name}`, {}, escapeXmlLines(text));
  return [
    fact('product_name', product),
    fact('product_version', productVersion),
    fact('schema_version', schemaVersion),
    fact('timestamp', timestamp ?? xsdTime(time)),
  ].join('');
}

function xsdTime(time: string): string {
  return time.replace(/\.\d+Z$|Z$/, '');
}

function directives(): string[] {
  const kinds = ['true', 'false', 'unknown', 'error', 'not_evaluated', 'not_applicable'];
  return kinds.map((kind) => xml(`definition_${kind}`, { content: 'full', reported: 'true' }));
}

function system(result: Evaluation, data: OvalResultsData): string[] {
  const definitions = data.definitions.map(({ id, version, class: kind, result: verdict, criteria }) =>
    xml(
      'definition',
      { definition_id: id, version, class: kind, result: verdict },
      criteria ? criteriaXml(criteria) : '',
    ),
  );
  const tests = data.tests.map((test) =>
    xml(
      'test',
      {
        test_id: test.id,
        version: test.version,
        check_existence: test.existence,
        check: test.check,
        state_operator: test.stateOperator === 'AND' ? undefined : test.stateOperator,
        result: test.result,
      },
      test.message === undefined ? '' : xml('message', { level: 'info' }, escapeXmlLines(test.message)),
      ...test.items.map(({ item, result: verdict }) =>
        xml('tested_item', { item_id: String(item), result: verdict }),
      ),
    ),
  );
  return [
    ...(definitions.length > 0 ? [xml('definitions', {}, ...definitions)] : []),
    ...(tests.length > 0 ? [xml('tests', {}, ...tests)] : []),
    systemCharacteristics(result, data),
  ];
}

function criteriaXml({ operator, negate, result, children }: OvalCriteriaResult): string {
  return xml(
    'criteria',
    { operator, negate: isNegated(negate), result },
    ...children.map((child) => {
      if (child.kind === 'criteria') return criteriaXml(child.criteria);
      const { id, version, negate: turned, result: verdict } = child;
      const rest = { version, negate: isNegated(turned), result: verdict };
      return child.kind === 'test'
        ? xml('criterion', { test_ref: id, ...rest })
        : xml('extend_definition', { definition_ref: id, ...rest });
    }),
  );
}

/** As oscap writes it: without it nothing is negated. */
function isNegated(negate: boolean): string | undefined {
  return negate ? 'true' : undefined;
}

function systemCharacteristics(result: Evaluation, { objects, items }: OvalResultsData): string {
  const families = [...new Set(items.map(({ type }) => familyOf(type)))].sort();
  const namespaces = Object.fromEntries(
    families.map((family) => [`xmlns:${family}`, `${characteristics}#${family}`]),
  );
  const collected = objects.map(({ id, version, flag, message, items: references }) =>
    xml(
      'object',
      { id, version, flag },
      message === undefined ? '' : xml('message', { level: 'info' }, escapeXmlLines(message)),
      ...references.map((item) => xml('reference', { item_ref: String(item) })),
    ),
  );
  return xml(
    'oval_system_characteristics',
    { xmlns: characteristics, ...namespaces },
    xml('generator', {}, generator(result)),
    xml('system_info', {}, ...systemInfo(result)),
    ...(collected.length > 0 ? [xml('collected_objects', {}, ...collected)] : []),
    ...(items.length > 0 ? [xml('system_data', {}, ...items.map(itemXml))] : []),
  );
}

function systemInfo({ image }: Evaluation): string[] {
  const unknown = ['os_name', 'os_version', 'architecture'].map((name) => xml(name, {}, 'unknown'));
  return [...unknown, xml('primary_host_name', {}, escapeXmlLines(image.reference)), '<interfaces/>'];
}

function itemXml({ type, status, entities }: OvalItemData, at: number): string {
  const family = familyOf(type);
  return xml(
    `${family}:${type.slice(type.indexOf('/') + 1)}_item`,
    { id: String(at + 1), status },
    ...entities.flatMap(([name, values]) =>
      values.map(({ value, datatype, status: state }) =>
        xml(`${family}:${name}`, { datatype, status: state }, escapeXmlLines(value)),
      ),
    ),
  );
}

function familyOf(type: string): string {
  return type.slice(0, type.indexOf('/'));
}
