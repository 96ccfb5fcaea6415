import { childElements, malformed, type XmlElement } from '../xml/read-xml.ts';
import { booleans, requireWords } from '../xml/require-words.ts';

const words: ReadonlyMap<string, readonly string[]> = new Map([
  ...['selected', 'negate', 'multi-check', 'multiple', 'abstract'].map((name) => [name, booleans] as const),
  ['severity', ['unknown', 'info', 'low', 'medium', 'high']],
  ['role', ['full', 'unscored', 'unchecked']],
]);

const operators = ['AND', 'OR'];

/** Elements with children in XCCDF's namespace. Texts are left out: they contain XHTML. */
const structural: ReadonlySet<string> = new Set([
  ...['Tailoring', 'Profile', 'Group', 'Rule', 'Value'],
  ...['check', 'complex-check', 'complex-value', 'set-complex-value'],
]);

/**
 * Leaves out elements of other namespaces where they would be read as XCCDF's.
 * @throws CONTENT_MALFORMED for an attribute value outside XCCDF's enumerations
 */
export function requireOwnContent(element: XmlElement, where: string): void {
  requireWords(
    element,
    (attribute) =>
      element.name === 'complex-check' && attribute === 'operator' ? operators : words.get(attribute),
    where,
  );
  if (!structural.has(element.name)) return;
  element.children = element.children.filter((child) => typeof child === 'string' || child.ns === element.ns);
  for (const child of childElements(element)) requireOwnContent(child, where);
}

/** @throws CONTENT_MALFORMED where two have one id: either could be meant */
export function requireUnique<T extends { id: string }>(all: T[], where: string): T[] {
  const seen = new Set<string>();
  for (const { id } of all) {
    if (seen.has(id)) throw malformed(where, `ids are unique, found ${id} twice`);
    seen.add(id);
  }
  return all;
}
