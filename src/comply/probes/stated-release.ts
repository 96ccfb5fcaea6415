import { type Collection, collection, makeItem, unstated } from '../oval/items.ts';
import type { OvalObject } from '../oval/model.ts';
import type { ImageSystem } from './system.ts';

/**
 * The match of a release check in the file that an SBOM does not have, by the release that it states. Only what the group matches
 * is known; undefined: the object asks for anything else.
 */
export function statedRelease(object: OvalObject, { stated }: ImageSystem): Collection | undefined {
  if (object.type !== 'independent/textfilecontent54' || stated === undefined) return undefined;
  const asked = plainValues(object);
  const pattern = asked?.get('pattern');
  if (asked === undefined || pattern === undefined || asked.get('instance') !== '1') return undefined;
  const [path, filename] = placeOf(asked);
  const filepath = `${path}/${filename}`;
  const subexpression = stated(filepath, pattern);
  if (subexpression === undefined) return undefined;
  const values = { filepath, path, filename, pattern, instance: 1, text: unstated, subexpression };
  return collection([makeItem(object.type, values)]);
}

/** The values of an object that asks for one pattern in one file and nothing more; undefined: it is another object. */
function plainValues({ entities, behaviors, filters, set }: OvalObject): Map<string, string> | undefined {
  if (set || filters?.length || Object.keys(behaviors ?? {}).length > 0) return undefined;
  const isPlain = entities.every(
    ({ name, variable, operation = 'equals' }) =>
      variable === undefined && operation === (name === 'pattern' ? 'pattern match' : 'equals'),
  );
  return isPlain ? new Map(entities.map(({ name, value = '' }) => [name, value.trim()])) : undefined;
}

function placeOf(asked: ReadonlyMap<string, string>): [path: string, filename: string] {
  const filepath = asked.get('filepath') ?? '';
  const slash = filepath.lastIndexOf('/');
  return [
    asked.get('path') ?? filepath.slice(0, Math.max(slash, 0)),
    asked.get('filename') ?? filepath.slice(slash + 1),
  ];
}
