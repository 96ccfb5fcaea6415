import type { OvalClass, OvalDocument } from '../../comply/oval/model.ts';
import { OvalVisitor } from '../../comply/oval/read-oval.ts';
import {
  childElements,
  childText,
  firstChild,
  textOf,
  type Visit,
  type XmlElement,
  XmlReader,
  type XmlVisitor,
} from '../../comply/xml/read-xml.ts';
import { XmlProblem } from '../../comply/xml/scan-parts.ts';
import { decompress } from '../../io/decompress.ts';
import { ScapfeedError } from '../../model/error.ts';
import { namesIn, type OvalRow, rowsOf } from './rows.ts';

/** The meaning of a match: the builds that lack an advisory (class patch) or have a flaw (class vulnerability). */
export interface OvalPatch extends PatchDetails {
  /** Of the definition. */
  id: string;
  /** Each makes it true by itself. */
  rows: readonly OvalRow[];
  /** Parts of it that no row can express. */
  faults: readonly string[];
  /** Names of the packages that its faults are about, as far as it has names. */
  unread: readonly string[];
}

interface PatchDetails {
  title: string;
  description: string;
  /** The vendor's word. */
  severity: string;
  /** `2021-04-06`; undefined: none. */
  issued: string | undefined;
  updated: string | undefined;
  references: readonly { source: string; id: string; url: string }[];
  /** The CVEs that it is about, by its references or its advisory. */
  cves: readonly string[];
  /** Whether there is a patch, in the vendor's words. */
  patchable: string;
}

/** Unpacked; those of AlmaLinux 8 have some 20 MB. */
const maxPlainBytes = 2 ** 29;

/**
 * The definitions of a vendor's OVAL for rpm systems, in any compression, in their order. The document is read whole, and
 * each definition's rows are made when they are asked for. One that no row can express, or of another class, has no rows, and
 * its faults say why.
 * @throws SOURCE_MALFORMED, SOURCE_TOO_LARGE
 */
export async function readPatches(
  body: AsyncIterable<Uint8Array>,
  where: string,
  of: OvalClass = 'patch',
): Promise<Iterable<OvalPatch>> {
  const visitor = new PatchVisitor(where);
  const reader = new XmlReader(where, visitor);
  try {
    for await (const piece of decompress(body, { maxBytes: maxPlainBytes, where })) reader.write(piece);
    reader.end();
  } catch (error) {
    if (error instanceof XmlProblem) throw malformed(`expected XML, found ${error.message}`, where, error);
    if (error instanceof ScapfeedError && error.code === 'CONTENT_MALFORMED')
      throw malformed(error.message, where, error);
    throw error;
  }
  return patchesOf(visitor, of);
}

function* patchesOf({ document, details }: PatchVisitor, of: OvalClass): Generator<OvalPatch> {
  for (const [id, own] of details) {
    const { class: kind, criteria } = document.definitions[id]!;
    const none = (message: string) => ({
      rows: [],
      faults: [message],
      unread: criteria ? namesIn(criteria, document) : [],
    });
    if (kind !== of) yield { id, ...own, ...none(`of class ${kind}`) };
    else yield { id, ...own, ...(criteria ? rowsOf(criteria, document) : none('without criteria')) };
  }
}

/** Keeps the facts of definitions that evaluation does not need. */
class PatchVisitor implements XmlVisitor {
  readonly details = new Map<string, PatchDetails>();
  readonly #oval: OvalVisitor;

  constructor(where: string) {
    this.#oval = new OvalVisitor(where);
  }

  get document(): OvalDocument {
    return this.#oval.document;
  }

  open(element: XmlElement, depth: number): Visit {
    return this.#oval.open(element, depth);
  }

  take(element: XmlElement): void {
    this.#oval.take(element);
    if (element.name === 'definition') this.details.set(element.attrs['id']!, detailsOf(element));
  }
}

/** `CVE:00001:` before a CVE: the number of the definition. */
const numbered = /^CVE:\d+:/;

const isDay = /^\d{4}-\d{2}-\d{2}$/;

function detailsOf(definition: XmlElement): PatchDetails {
  const metadata = firstChild(definition, 'metadata');
  const advisory = metadata && firstChild(metadata, 'advisory');
  const dateOf = (name: string) => {
    const date = advisory && firstChild(advisory, name)?.attrs['date'];
    return date !== undefined && isDay.test(date) ? date : undefined;
  };
  const memberText = (name: string) => (metadata && childText(metadata, name)?.trim()) ?? '';
  const ofDefinition = memberText('advisory_date').slice(0, '2026-01-01'.length);
  const references = (metadata ? childElements(metadata, 'reference') : []).map(({ attrs }) => ({
    source: attrs['source'] ?? '',
    id: (attrs['ref_id'] ?? '').trim(),
    url: attrs['ref_url'] ?? '',
  }));
  const cves = [
    ...references.flatMap(({ source, id }) => (source === 'CVE' ? [id.replace(numbered, '')] : [])),
    ...(advisory ? childElements(advisory, 'cve') : []).map((each) => textOf(each).trim()),
  ];
  return {
    title: memberText('title'),
    description: memberText('description'),
    severity: textOf(advisory && firstChild(advisory, 'severity')).trim() || memberText('severity'),
    issued: dateOf('issued') ?? (isDay.test(ofDefinition) ? ofDefinition : undefined),
    updated: dateOf('updated'),
    references,
    cves: [...new Set(cves)],
    patchable: memberText('patchable'),
  };
}

function malformed(message: string, where: string, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message,
    where,
    remedy: 'fetch it again; the last good document is kept',
    cause,
  });
}
