import { childElements, malformed, textOf, type XmlElement } from './read-xml.ts';

/**
 * Reads elements of a format that others may extend: children in another namespace than their parent's are extensions and not
 * returned. Methods throw CONTENT_MALFORMED where a child that is allowed once occurs twice, since either could be meant.
 */
export class OwnElements {
  readonly #where: string;

  /** `where`: the document, for errors. */
  constructor(where: string) {
    this.#where = where;
  }

  all(element: XmlElement, name: string): XmlElement[] {
    return childElements(element, name).filter(({ ns }) => ns === element.ns);
  }

  only(element: XmlElement, name: string): XmlElement | undefined {
    const found = this.all(element, name);
    if (found.length > 1)
      throw malformed(this.#where, `expected one <${name}> in <${element.name}>, found ${found.length}`);
    return found[0];
  }

  /** The elements `name` in the one element `list`. */
  list(element: XmlElement, list: string, name: string): XmlElement[] {
    const found = this.only(element, list);
    return found ? this.all(found, name) : [];
  }

  /** Trimmed text of a child, undefined where the child is absent. Also throws CONTENT_MALFORMED for elements in it. */
  text(element: XmlElement, name: string): string | undefined {
    const child = this.only(element, name);
    if (child && childElements(child).length > 0)
      throw malformed(this.#where, `expected text in <${name}> of <${element.name}>, found elements`);
    return child && textOf(child).trim();
  }

  /** The texts of those children that are present. */
  texts(element: XmlElement, names: readonly string[]): Record<string, string> {
    return Object.fromEntries(
      names.flatMap((name) => {
        const text = this.text(element, name);
        return text === undefined ? [] : [[name, text]];
      }),
    );
  }
}
