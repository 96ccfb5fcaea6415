import { ovals } from '../../distros/ovals.ts';
import type { Platform, PlatformIndex } from '../../model/feed/index.ts';
import { ecosystemIds } from '../../model/inventory/index.ts';
import type { Definition } from '../../oval/document/components.ts';
import { Describer } from '../../oval/forms/describe.ts';
import type { DistroOval } from '../../oval/forms/distro-oval.ts';
import { definitionsOf, type FormContext, type OvalForm } from '../../oval/forms/form.ts';
import { InexactList } from '../../oval/forms/inexact.ts';
import type { PlatformOvalInput } from '../../xccdf/index.ts';

/** True if a platform has any form of OVAL. */
export function hasOval({ platform }: Pick<PlatformIndex, 'platform'>): boolean {
  return distroOf(platform) !== undefined;
}

/** Why a platform has no OVAL, for people. */
export function withoutOval({ os: { id }, packaging }: Platform): string {
  const known = ovals.flatMap(({ without }) => without?.[id] ?? []);
  if (ecosystemIds.some((each) => each === id)) return 'OVAL has no test for packages of languages';
  if (packaging === 'alpm') return 'OVAL has no test for packages of pacman';
  if (packaging === 'ebuild') return 'OVAL has no test for packages of portage';
  return known[0] ?? `no OVAL form is known for ${id}`;
}

/** The name that a package's flaws have in the definitions of a platform. */
export function subjectOf(platform: Platform, name: string): string {
  return distroOf(platform)?.subjectOf?.(name) ?? name;
}

/** The CPE name of a platform; undefined: it has none. */
export function platformCpe(platform: Platform): string | undefined {
  return distroOf(platform)?.cpe(platform);
}

/** All names of a platform in benchmarks; its own first. */
export function benchmarkCpes(platform: Platform): readonly string[] {
  const distro = distroOf(platform);
  return [distro?.cpe(platform) ?? [], distro?.otherCpes?.(platform) ?? []].flat();
}

/** The forms of a platform with their context; none for a platform without OVAL. */
export function platformForms(
  index: PlatformIndex,
  inexact: InexactList,
): { forms: OvalForm[]; context: Pick<FormContext, 'index' | 'subjectOf'> } {
  const { platform } = index;
  const distro = distroOf(platform);
  const context = { index, subjectOf: distro?.subjectOf ?? itself };
  if (!distro) return { forms: [], context };
  const describer = new Describer(index, distro.pages);
  return { forms: distro.forms({ ...context, inexact, describer, cpe: distro.cpe(platform) }), context };
}

/** The input of benchmarks and data streams: the platform's CPE, and each form's definitions. */
export function ovalContent(index: PlatformIndex): PlatformOvalInput {
  return { cpe: platformCpe(index.platform), definitions };

  function* definitions(suffix: string): Generator<Definition> {
    const { forms, context } = platformForms(index, new InexactList());
    const chosen = forms.filter((form) => form.suffix === suffix);
    for (const [, definition] of definitionsOf(context, chosen)) yield definition;
  }
}

function distroOf({ os: { id } }: Platform): DistroOval | undefined {
  return ovals.find((distro) => distro.id === id);
}

function itself(name: string): string {
  return name;
}
