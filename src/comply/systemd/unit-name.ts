const types = [
  ...['automount', 'device', 'mount', 'path', 'scope', 'service'],
  ...['slice', 'socket', 'swap', 'target', 'timer'],
];
const form = new RegExp(`^([A-Za-z0-9:_.\\\\-]+)(@[A-Za-z0-9:_.\\\\-]*)?\\.(${types.join('|')})$`);

/** Parts of a unit's name, `PREFIX[@INSTANCE].TYPE`; a template's instance is the empty text. */
interface UnitName {
  prefix: string;
  instance?: string;
  type: string;
}

/** Undefined: no name of a unit (systemd.unit(5)). */
export function parseUnitName(name: string): UnitName | undefined {
  const [, prefix = '', instance, type = ''] = form.exec(name) ?? [];
  if (type === '') return undefined;
  return { prefix, type, ...(instance === undefined ? {} : { instance: instance.slice(1) }) };
}

/** The template that an instance is made of; undefined where the name is no instance. */
export function templateOf(name: string): string | undefined {
  const parts = parseUnitName(name);
  return parts?.instance ? `${parts.prefix}@.${parts.type}` : undefined;
}

export function isTemplate(name: string): boolean {
  return parseUnitName(name)?.instance === '';
}

/** Names whose `.d`, `.wants` and `.requires` folders hold for a unit, its own first: `a-b.service`, `a-.service`, `service`. */
export function folderNames(name: string): string[] {
  const parts = parseUnitName(name);
  if (!parts) return [];
  const { prefix, type } = parts;
  const template = templateOf(name);
  const dashes = [...prefix].flatMap((char, at) => (char === '-' && at < prefix.length - 1 ? [at] : []));
  return [
    name,
    ...(template === undefined ? [] : [template]),
    ...dashes.reverse().map((at) => `${prefix.slice(0, at + 1)}.${type}`),
    type,
  ];
}

/** A path as systemd writes it in a unit's name (systemd-escape --path). */
export function escapePath(path: string): string {
  const trimmed = path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
  if (trimmed === '') return '-';
  return [...Buffer.from(trimmed)]
    .map((byte, at) => {
      const char = String.fromCharCode(byte);
      if (char === '/') return '-';
      const plain = /[A-Za-z0-9:_.]/.test(char) && !(char === '.' && at === 0);
      return plain ? char : `\\x${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
}
