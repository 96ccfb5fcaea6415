import { otherRoot } from '../xml/other-root.ts';
import { childElements, malformed, readXml, textOf } from '../xml/read-xml.ts';
import type { ExternalVariables } from './model.ts';

const namespace = 'http://oval.mitre.org/XMLSchema/oval-variables-5';

/** Reads an OVAL variables document: the values of external variables. */
export function readOvalVariables(source: Uint8Array | string, where: string): ExternalVariables {
  const values = new Map<string, string[]>();
  readXml(source, where, {
    open: (element, depth) => {
      if (depth === 1 && element.name !== 'oval_variables') throw otherRoot(where, 'OVAL variables', element);
      if (depth === 1 && element.ns !== namespace) {
        const found = `<${element.name}> of ${element.ns || 'no namespace'}`;
        throw malformed(where, `expected <oval_variables> of ${namespace}, found ${found}`);
      }
      if (depth === 1 || (depth === 2 && element.name === 'variables')) return 'enter';
      return depth === 3 ? 'take' : 'skip';
    },
    take: (element) => {
      const id = element.attrs['id'] ?? '';
      if (values.has(id)) throw malformed(where, `ids are unique, found the variable ${id} twice`);
      values.set(id, childElements(element, 'value').map(textOf));
    },
  });
  return values;
}
