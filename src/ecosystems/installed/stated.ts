import { ownText } from '../../io/private-cache.ts';
import type {
  EcosystemId,
  LanguagePackage,
  NamelessPackage,
  PackageFile,
} from '../../model/inventory/index.ts';
import { ecosystemOf } from '../ecosystems.ts';

type Stated = LanguagePackage | NamelessPackage;

/** Characters of a name or version; registries allow some hundred. */
const longestText = 1_000;

/** A package by the name and version that its file states, both of which an installer always writes. */
export function statedPackage(ecosystem: EcosystemId, name: unknown, version: unknown): Stated {
  const [named, versioned] = [textOf(name), textOf(version)];
  // Packages that lack the same are noted together.
  const lacks = (what: string): Stated => ({ ecosystem, kind: 'damaged', detail: `no ${what}` });
  if (named === undefined && versioned === undefined) return lacks('name and no version');
  if (named === undefined) return lacks('name');
  if (versioned === undefined) return lacks('version');
  return { ecosystem, name: ecosystemOf(ecosystem)?.spelled?.(named) ?? named, version: versioned };
}

export function packageFile(stated: readonly Stated[]): PackageFile {
  return {
    packages: stated.filter((each) => 'version' in each),
    unread: stated.filter((each) => 'detail' in each),
  };
}

function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > longestText) return undefined;
  const text = value.trim();
  return text === '' || /\p{Cc}/u.test(text) ? undefined : ownText(text);
}
