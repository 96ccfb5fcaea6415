import { SaxesParser } from 'saxes';
import { maxDepth } from './depth.ts';
import { decodeXml, malformed } from './read-xml.ts';

/** A node of an XML document as XPath sees it. Namespaces, comments and processing instructions are left out, as oscap does. */
export interface XmlNode {
  kind: 'root' | 'element' | 'attribute' | 'text';
  /** Without its prefix. */
  name: string;
  prefix: string;
  /** Of an attribute or a text. */
  text: string;
  parent: XmlNode | undefined;
  children: XmlNode[];
  attributes: XmlNode[];
  /** Place in document order. */
  order: number;
}

/**
 * The root node of any XML document, not only of SCAP's. A document type is skipped: nothing is loaded because of it, and a
 * reference to an entity that it defines makes the document malformed.
 */
export function readXmlNodes(source: Uint8Array | string, where: string): XmlNode {
  const parser = new SaxesParser({ fileName: where });
  let order = 0;
  let depth = 0;
  const add = (kind: XmlNode['kind'], qualified: string, text: string, parent?: XmlNode): XmlNode => {
    const colon = qualified.indexOf(':');
    const [prefix, name] = [qualified.slice(0, Math.max(0, colon)), qualified.slice(colon + 1)];
    order += 1;
    return { kind, name, prefix, text, parent, children: [], attributes: [], order };
  };
  const root = add('root', '', '');
  let open = root;
  parser.on('error', (cause) => {
    throw malformed(where, cause.message, cause);
  });
  parser.on('opentag', ({ name, attributes }) => {
    depth += 1;
    if (depth > maxDepth) throw malformed(where, `elements are nested deeper than ${maxDepth}`);
    const element = add('element', name, '', open);
    for (const [attribute, value] of Object.entries(attributes as Record<string, string>)) {
      if (/^xmlns(?::|$)/.test(attribute)) continue;
      element.attributes.push(add('attribute', attribute, value, element));
    }
    open.children.push(element);
    open = element;
  });
  parser.on('closetag', () => {
    depth -= 1;
    open = open.parent as XmlNode;
  });
  // Texts are one node if only a comment or a CDATA border is between them.
  const onText = (text: string): void => {
    const last = open.children.at(-1);
    if (open === root || text === '') return;
    if (last?.kind === 'text') last.text += text;
    else open.children.push(add('text', '', text, open));
  };
  parser.on('text', onText);
  parser.on('cdata', onText);
  parser.write(decodeXml(source, where)).close();
  return root;
}
