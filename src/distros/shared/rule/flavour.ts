import type { Flavour } from '../../rebuilds.ts';

/** The name of the flavour of a build, by its release; undefined: a plain one. */
export function flavourOf(evr: string, flavours: readonly Flavour[] = []): string | undefined {
  if (flavours.length === 0) return undefined;
  const release = evr.slice(evr.lastIndexOf('-') + 1);
  return flavours.find((flavour) => formOf(flavour).test(release))?.name;
}

const forms = new WeakMap<Flavour, RegExp>();

function formOf(flavour: Flavour): RegExp {
  const known = forms.get(flavour);
  if (known) return known;
  const form = new RegExp(flavourPattern(flavour));
  forms.set(flavour, form);
  return form;
}

/** Of versions and releases of the flavour. */
export function flavourPattern(flavour: Flavour): string {
  return markOf(flavour, '$');
}

/** A look-ahead in front of a release that lets builds of one flavour pass, or none but plain ones. `any`, `end`: how a release goes on. */
export function flavourAhead(
  name: string | undefined,
  flavours: readonly Flavour[] | undefined,
  { any, end }: { any: string; end: string },
): string {
  if (!flavours) return '';
  const own = name === undefined ? flavours : flavours.filter((flavour) => flavour.name === name);
  const marks = own.map((flavour) => markOf(flavour, end)).join('|');
  return `(?${name === undefined ? '!' : '='}${any}(?:${marks}))`;
}

function markOf({ mark, last }: Flavour, end: string): string {
  return last ? mark + end : mark;
}
