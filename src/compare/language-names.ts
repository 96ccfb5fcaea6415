import { ecosystemOf } from '../ecosystems/ecosystems.ts';
import { type EcosystemId, isOfEcosystem, parsePackageUrl } from '../model/index.ts';
import type { OtherFinding } from './other-result.ts';

/** The words of Trivy and Grype for kinds of packages. */
const words: Readonly<Record<EcosystemId, readonly string[]>> = {
  cargo: ['cargo', 'rustbinary', 'rust-crate'],
  composer: ['composer', 'composer-vendor', 'php-composer'],
  gem: ['gem', 'gemspec', 'bundler'],
  golang: ['gobinary', 'gomod', 'go-module'],
  maven: ['jar', 'pom', 'gradle', 'sbt', 'java-archive', 'jenkins-plugin'],
  npm: ['npm', 'node-pkg', 'yarn', 'pnpm', 'bun'],
  nuget: ['nuget', 'dotnet', 'dotnet-core', 'packages-props'],
  pypi: ['python', 'python-pkg', 'pip', 'pipenv', 'poetry', 'uv', 'pylock'],
};

/** Ecosystem and name of a package in the feed's terms. Undefined: it is of no ecosystem that feeds know. */
export function languageName(
  kind: string,
  name: string,
  url: string,
): Required<Pick<OtherFinding, 'ecosystem' | 'package'>> | undefined {
  const purl = parsePackageUrl(url);
  const found = Object.entries(words).find(([, own]) => own.includes(kind));
  const id = found?.[0] ?? (purl && isOfEcosystem(purl) ? purl.type : undefined);
  const ecosystem = id === undefined ? undefined : ecosystemOf(id);
  if (!ecosystem) return undefined;
  // Grype has the artifact alone.
  const isPart = ecosystem.id === 'maven' && !name.includes(':') && purl !== undefined;
  const own = isPart ? ecosystem.nameOf(purl) : (ecosystem.spelled?.(name) ?? name);
  return { ecosystem: ecosystem.id, package: own };
}
