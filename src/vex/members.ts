import { invalidVex } from './invalid.ts';

/**
 * The type of a value: a text, words that may be empty because they only explain, a list, a record of members that may be absent, a
 * record of any names, a text or a record.
 */
export type MemberShape =
  | 'text'
  | 'words'
  | { list: MemberShape }
  | { record: Members }
  | { each: MemberShape }
  | { textOr: Members };

type Members = Readonly<Record<string, MemberShape>>;

interface Visit {
  value: unknown;
  shape: MemberShape;
  /** Where it stands; undefined: the document. */
  in?: { parent: Visit; name: string };
}

/**
 * Refuses a document in which a member that is read has another type: read as absent it would leave the statement wider than its words.
 * `null` is a value of another type, too. @throws {ScapfeedError} VEX_INVALID
 */
export function requireMembers(document: unknown, shape: MemberShape, where: string): void {
  const pending: Visit[] = [{ value: document, shape }];
  for (let visit = pending.pop(); visit !== undefined; visit = pending.pop()) {
    const parts = partsOf(visit);
    if (parts === undefined)
      throw invalidVex(
        `expected ${nameOf(visit.shape)}, found ${foundOf(visit.value)}`,
        `${where}#${pointerOf(visit)}`,
      );
    for (const part of parts) pending.push(part);
  }
}

/** The values inside a value; undefined: it has another type. */
function partsOf(parent: Visit): Visit[] | undefined {
  const { value, shape } = parent;
  const part = (name: string, inner: MemberShape, own: unknown): Visit => ({
    value: own,
    shape: inner,
    in: { parent, name },
  });
  if (typeof shape === 'string') {
    const isText = typeof value === 'string' && (shape === 'words' || value !== '');
    return isText ? [] : undefined;
  }
  if ('list' in shape)
    return Array.isArray(value)
      ? value.map((each: unknown, at) => part(String(at), shape.list, each))
      : undefined;
  if ('textOr' in shape && typeof value === 'string') return value === '' ? undefined : [];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const fields = new Map<string, unknown>(Object.entries(value).filter(([, own]) => own !== undefined));
  if ('each' in shape) return [...fields].map(([name, own]) => part(name, shape.each, own));
  const members = 'record' in shape ? shape.record : shape.textOr;
  return Object.entries(members).flatMap(([name, inner]) =>
    fields.has(name) ? [part(name, inner, fields.get(name))] : [],
  );
}

function nameOf(shape: MemberShape): string {
  if (typeof shape === 'string') return 'a text';
  if ('list' in shape) return 'a list';
  return 'textOr' in shape ? 'a text or an object' : 'an object';
}

function foundOf(value: unknown): string {
  if (value === '') return 'an empty one';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'string' ? 'a text' : String(value);
}

function pointerOf(visit: Visit): string {
  const names: string[] = [];
  for (let at = visit.in; at !== undefined; at = at.parent.in)
    names.push(at.name.replaceAll('~', '~0').replaceAll('/', '~1'));
  return names
    .map((name) => `/${name}`)
    .toReversed()
    .join('');
}
