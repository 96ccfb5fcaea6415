/** The start of an element: local name, attributes as written, and line. */
export interface ElementStart {
  name: string;
  attributes: Readonly<Record<string, string>>;
  line: number;
  parent: ElementStart | undefined;
}

/** Checks the elements of one document, or of one component of a data stream, while it is read. */
export interface ElementCheck {
  /** The generator of the document; '' if it names none. */
  readonly generator: string;
  begin(element: ElementStart): void;
  /** `text` is the text directly before the end tag: the whole content of a leaf. */
  end(element: ElementStart, text: string): void;
  /** Called after the last element, for checks that need the whole document. */
  finish(): void;
}
