import type { OvalDocument, OvalEntity, OvalObject, OvalState } from '../../comply/oval/model.ts';
import { parseRpmEvr } from '../../packaging/index.ts';

/** The condition of a test of a patch definition on a system, as far as a row can express it. */
export type Condition =
  /** A package below a build, or up to and including it; without architectures any. */
  | {
      kind: 'package';
      name: string;
      below: string;
      including?: true;
      arch?: readonly string[];
      /** The end of its name that is before its version. */
      named?: string;
    }
  /** A package above a build. */
  | { kind: 'above'; name: string; above: string }
  /** A module's stream is enabled, `nodejs:18`. */
  | { kind: 'module'; module: string }
  /** The build of a package matches a pattern: `glibc is ksplice-based`. */
  | { kind: 'build'; name: string; pattern: string }
  /** The system is for one of these architectures. */
  | { kind: 'arch'; arch: readonly string[] }
  /** The system is of this major release. */
  | { kind: 'release'; major: string }
  /** True for every package that the document is about: its release is installed, the vendor signed it. */
  | { kind: 'given' }
  /** Never true of these: the release is not installed. */
  | { kind: 'never' }
  /** No row can express it; `packages`: the names that it has all the same. */
  | { kind: 'unknown'; what: string; packages: readonly string[] };

/** The condition of a test; `unknown` for everything that is not understood. */
export function conditionOf(id: string, document: OvalDocument): Condition {
  const test = Object.hasOwn(document.tests, id) ? document.tests[id] : undefined;
  if (!test) return unknown(`the document has no test ${id}`);
  const { type, check, existence, states: stateIds = [] } = test;
  const object = objectOf(id, document);
  const states = stateIds.flatMap((each) =>
    Object.hasOwn(document.states, each) ? [document.states[each]!] : [],
  );
  const [state] = states;
  const named = namesOf(id, document);
  if (!object || !state || states.length !== 1 || stateIds.length !== 1 || existence !== undefined)
    return unknown(`test ${id} of ${type} with ${states.length} of ${stateIds.length} states`, named);
  const found = ofType(type, object, state) ?? unknown(`test ${id} of ${type}`, named);
  if (check === 'at least one' || check === 'all') return found;
  return check === 'none satisfy' && found.kind === 'given'
    ? { kind: 'never' }
    : unknown(`test ${id}: ${check}`, named);
}

/** The package that a test looks for, whatever it asks of it: none, or one. */
export function namesOf(test: string, document: OvalDocument): string[] {
  const entities = objectOf(test, document)?.entities ?? [];
  const names = entities.flatMap(({ name, operation = 'equals', value = '' }) => {
    if (name !== 'name') return [];
    if (operation === 'equals') return [value];
    // A pattern of one name only: another one may mean any.
    const isOne = operation === 'pattern match' && /^\^(?:[\w-]|\\[.+-])+\$$/.test(value);
    return isOne ? [value.slice(1, -1).replaceAll('\\', '')] : [];
  });
  return names.filter((name) => packageName.test(name) && !isRelease(name));
}

function objectOf(test: string, { tests, objects }: OvalDocument): OvalObject | undefined {
  const id = Object.hasOwn(tests, test) ? tests[test]!.object : undefined;
  return id !== undefined && Object.hasOwn(objects, id) ? objects[id] : undefined;
}

function ofType(type: string, object: OvalObject, state: OvalState): Condition | undefined {
  if (type === 'linux/rpmverifyfile')
    return isRelease(literal(state.entities, 'name', releaseName)) ? given : undefined;
  if (type === 'independent/textfilecontent54') return moduleOf(object, state) ?? releaseIn(object, state);
  return type === 'linux/rpminfo' ? rpmCondition(object, state) : undefined;
}

const given: Condition = { kind: 'given' };

export function unknown(what: string, packages: readonly string[] = []): Condition {
  return { kind: 'unknown', what, packages };
}

/** The package that makes a system the vendor's. */
const releaseName = /^\^?([a-z0-9-]+-release)\$?$/;

function isRelease(name: string | undefined): boolean {
  return name !== undefined && releaseName.test(name);
}

/** The only value of an entity that occurs once, in this form. */
function literal(entities: readonly OvalEntity[], name: string, form: RegExp): string | undefined {
  const [entity, ...more] = entities.filter((each) => each.name === name);
  return entity?.value !== undefined && more.length === 0 && form.test(entity.value)
    ? entity.value
    : undefined;
}

/** The name of a package, as rpm allows it. */
const packageName = /^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/;

function rpmCondition(object: OvalObject, state: OvalState): Condition | undefined {
  const name = plainName(object);
  if (name === undefined || state.operator !== undefined) return undefined;
  const byName = new Map(state.entities.map((entity) => [entity.name, entity]));
  if (byName.size !== state.entities.length) return undefined;
  const [evr, arch] = [byName.get('evr'), byName.get('arch')];
  const names = [...byName.keys()];
  const archs = arch && architecturesOf(arch);
  if (arch && !archs) return undefined;
  if (evr && names.every((each) => each === 'evr' || each === 'arch' || each === 'signature_keyid'))
    return boundOf(name, evr, archs);
  if (isRelease(name) && archs && names.length === 1) return { kind: 'arch', arch: archs };
  if (isRelease(name) && names.every((each) => each === 'version' || each === 'signature_keyid'))
    return releaseOf(byName.get('version'));
  if (names.length !== 1) return undefined;
  return byName.has('signature_keyid') ? given : buildOf(name, state.entities[0]!);
}

/** A lower bound may be without a release: it is only compared with. */
function boundOf(
  name: string,
  { operation, value = '' }: OvalEntity,
  arch: readonly string[] | undefined,
): Condition | undefined {
  if (operation === 'greater than')
    return arch === undefined && parseRpmEvr(value) ? { kind: 'above', name, above: value } : undefined;
  const including = operation === 'less than or equal';
  if (!including && operation !== 'less than') return undefined;
  const named = nameIn(value, name);
  const below = evrOf(named === undefined ? value : value.replace(`${named}-`, ''));
  if (below === undefined) return undefined;
  return {
    kind: 'package',
    name,
    below,
    ...(named === undefined ? {} : { named }),
    ...(including ? { including } : {}),
    ...(arch === undefined ? {} : { arch }),
  };
}

/** `chroot` of `32:chroot-9.18.34-1.an23`, of bind-chroot. */
function nameIn(value: string, name: string): string | undefined {
  const [, end] = /^(?:\d{1,9}:)?(.+)-[^-]+-[^-]+$/.exec(value) ?? [];
  return end !== undefined && name.endsWith(`-${end}`) ? end : undefined;
}

/** `^8`, `^8\.`: the major that the version of a release package begins with. */
function releaseOf(version: OvalEntity | undefined): Condition | undefined {
  if (!version) return given;
  const { value = '', operation } = version;
  const [, major] =
    (operation === 'pattern match' && /^\^(\d{1,4})(?:\\\.|\\D|\$|\[\^\\d\]|$)/.exec(value)) || [];
  return major === undefined ? undefined : { kind: 'release', major };
}

/** A pattern of a build says nothing of which builds are affected: only of which kind they are. */
function buildOf(name: string, { name: field, operation, value }: OvalEntity): Condition | undefined {
  const isPattern =
    operation === 'pattern match' && value !== undefined && /^(?:evr|release|version)$/.test(field);
  return isPattern ? { kind: 'build', name, pattern: value } : undefined;
}

/** An object that is one name and nothing else. */
function plainName({ entities, filters, set }: OvalObject): string | undefined {
  const [entity, ...more] = entities;
  const isPlain = entity?.name === 'name' && entity.operation === undefined && entity.variable === undefined;
  const { value = '' } = entity ?? {};
  return isPlain && more.length + (filters?.length ?? 0) === 0 && !set && packageName.test(value)
    ? value
    : undefined;
}

/** `aarch64|x86_64`: alternatives. Vendors also write these with `equals`, which nothing would ever be. */
function architecturesOf({ value = '', operation = 'equals' }: OvalEntity): string[] | undefined {
  const names = value.replace(/^\^?\(?(?:\?:)?|\)?\$?$/g, '').split('|');
  const isList = operation === 'equals' || operation === 'pattern match';
  return isList && names.every((name) => /^[a-z][a-z0-9_]*$/.test(name))
    ? [...new Set(names)].sort()
    : undefined;
}

/** `/etc/anolis-release` has a line with this major. */
function releaseIn({ entities }: OvalObject, state: OvalState): Condition | undefined {
  const inEtc = literal(entities, 'path', /^\/etc$/) !== undefined;
  const [text, ...more] = state.entities;
  const isMajor = more.length === 0 && text?.name === 'text' && text.operation === 'pattern match';
  const [, major] = (isMajor && /^(\d{1,4})$/.exec(text.value ?? '')) || [];
  if (!inEtc || major === undefined || !isRelease(literal(entities, 'filename', releaseName)))
    return undefined;
  return { kind: 'release', major };
}

/** With the epoch that it may leave out; undefined: no version of an rpm. */
function evrOf(text: string): string | undefined {
  const [, epoch = '0', version, release] = /^(?:(\d{1,9}):)?([^:-]+)-([^:-]+)$/.exec(text) ?? [];
  const evr = `${Number(epoch)}:${version}-${release}`;
  return version === undefined || parseRpmEvr(evr) === undefined ? undefined : evr;
}

/** dnf's record of a module, with its stream as a pattern: `\nstream\s*=\s*18\b`. */
function moduleOf({ entities }: OvalObject, state: OvalState): Condition | undefined {
  const file = literal(entities, 'filepath', /^\/etc\/dnf\/modules\.d\/[\w.+-]+\.module$/);
  const pattern = state.entities.length === 1 ? state.entities[0]?.value : undefined;
  if (file === undefined || pattern === undefined) return undefined;
  const streams = [...pattern.matchAll(/stream\\s\*=\\s\*((?:[\w+-]|\\[.+-])+?)(?=\\b|\\s|\$|\\n)/g)];
  const names = new Set(streams.map(([, stream]) => stream!.replaceAll('\\', '')));
  const [stream] = names;
  if (stream === undefined || names.size !== 1 || !/enabled/.test(pattern)) return undefined;
  return {
    kind: 'module',
    module: `${file.slice('/etc/dnf/modules.d/'.length, -'.module'.length)}:${stream}`,
  };
}
