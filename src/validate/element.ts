/** An element as it begins: local name, attributes as written, and where. */
export interface Element {
  name: string;
  attributes: Readonly<Record<string, string>>;
  line: number;
  parent: Element | undefined;
}

/** Judges the elements of one document, or of one component of a data stream, as they pass. */
export interface Check {
  /** Who made the document; '' when it does not say. */
  readonly generator: string;
  begin(element: Element): void;
  /** `text` is what stands directly before the end tag: the whole content of a leaf. */
  end(element: Element, text: string): void;
  /** After the last element: what only the whole document shows. */
  finish(): void;
}
