/** The start of an element: local name, attributes as written, and line. */
export interface Element {
  name: string;
  attributes: Readonly<Record<string, string>>;
  line: number;
  parent: Element | undefined;
}

/** Checks the elements of one document, or of one component of a data stream, while it is read. */
export interface Check {
  /** The generator of the document; '' if it names none. */
  readonly generator: string;
  begin(element: Element): void;
  /** `text` is the text directly before the end tag: the whole content of a leaf. */
  end(element: Element, text: string): void;
  /** Called after the last element, for checks that need the whole document. */
  finish(): void;
}
