import type { ElementAttributes } from '../xml/scan-xml.ts';
import { type CompiledMetadata, joinedIds, withReference } from './compiled-metadata.ts';
import { type MetadataParts, metadataOf } from './metadata.ts';

/** Text of an element, with that of the elements in it, while it is read. */
interface Capture {
  depth: number;
  text: string;
  done(text: string): void;
}

/** Reads the metadata of one definition after the other without a tree, in its compiled form: the same facts as `readMetadata`. */
export class MetadataScan {
  isOpen = false;
  title = '';
  platforms: string[] = [];
  #parts: MetadataParts = emptyParts();
  #references = '';
  #hasTitle = false;
  #inAffected = false;
  #advisory: 'none' | 'open' | 'closed' = 'none';
  readonly #captures: Capture[] = [];

  get wantsText(): boolean {
    return this.#captures.length > 0;
  }

  get result(): CompiledMetadata {
    return metadataOf(this.#parts, this.#references, joinedIds);
  }

  reset(): void {
    this.isOpen = false;
    this.#clear();
    this.platforms = [];
  }

  /** A second one replaces the first, but for its platforms. */
  begin(): void {
    this.isOpen = true;
    this.#clear();
  }

  #clear(): void {
    this.title = '';
    this.#parts = emptyParts();
    this.#references = '';
    this.#hasTitle = false;
    this.#inAffected = false;
    this.#advisory = 'none';
    this.#captures.length = 0;
  }

  /** `depth`: 1 for children of the metadata. */
  open(name: string, attrs: ElementAttributes, depth: number): void {
    const parts = this.#parts;
    if (name === 'severity') {
      if (parts.severity === undefined)
        this.#capture(
          depth,
          (text) => (parts.severity = text.trim()),
          () => (parts.severity = ''),
        );
    } else if (name === 'issued') parts.issued ??= { date: attrs.get('date') };
    else if (name === 'advisory_date' && parts.advisoryDate === undefined)
      this.#capture(
        depth,
        (text) => (parts.advisoryDate = text.trim()),
        () => (parts.advisoryDate = ''),
      );
    if (depth === 1) this.#child(name, attrs);
    else if (depth === 2) this.#grandchild(name);
  }

  #child(name: string, attrs: ElementAttributes): void {
    const parts = this.#parts;
    this.#inAffected = name === 'affected';
    if (name === 'reference') {
      const source = attrs.get('source')?.trim() ?? '';
      const id = attrs.get('ref_id')?.trim() ?? '';
      parts.sources.push(source);
      parts.ids.push(id);
      this.#references = withReference(this.#references, source, id, attrs.get('ref_url')?.trim());
    } else if (name === 'title' && !this.#hasTitle) {
      this.#hasTitle = true;
      this.#capture(1, (text) => {
        this.title = text.trim().replace(/\s+/g, ' ');
        this.#parts.title = this.title;
      });
    } else if (name === 'advisory' && this.#advisory === 'none') this.#advisory = 'open';
    else if (name === 'advisory_id' && parts.advisoryId === undefined)
      this.#capture(
        1,
        (text) => (parts.advisoryId = text.trim()),
        () => (parts.advisoryId = ''),
      );
  }

  #grandchild(name: string): void {
    if (this.#inAffected && name === 'platform') this.#capture(2, (text) => this.platforms.push(text.trim()));
    else if (this.#advisory === 'open' && name === 'cve')
      this.#capture(2, (text) => this.#parts.listed.push(text));
  }

  text(text: string): void {
    for (const capture of this.#captures) capture.text += text;
  }

  close(depth: number): void {
    if (depth === 0) this.isOpen = false;
    if (depth === 1 && this.#advisory === 'open') this.#advisory = 'closed';
    for (let last = this.#captures.at(-1); last?.depth === depth; last = this.#captures.at(-1)) {
      this.#captures.pop();
      last.done(last.text);
    }
  }

  #capture(depth: number, done: (text: string) => void, claim?: () => void): void {
    claim?.();
    this.#captures.push({ depth, text: '', done });
  }
}

function emptyParts(): MetadataParts {
  return { sources: [], ids: [], listed: [] };
}
