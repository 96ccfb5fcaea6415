import { type Flaw, sourceKey, type ViewedVerdict } from '../../model/verdict/index.ts';

export type { Flaw } from '../../model/verdict/index.ts';

/** The lines of a list: verdicts that differ only in the installed package are one, in their order. `countedFlaws` are the flaws. */
export function flawsOf(verdicts: readonly ViewedVerdict[]): Flaw[] {
  const flaws: Flaw[] = [];
  const byVulnerability = new Map<string, Map<string, Flaw>>();
  for (const verdict of verdicts) {
    let known = byVulnerability.get(verdict.vulnerability);
    if (!known) {
      known = new Map();
      byVulnerability.set(verdict.vulnerability, known);
    }
    const key = lineKey(verdict);
    const flaw = known.get(key);
    if (flaw) {
      flaw.verdicts.push(verdict);
      continue;
    }
    const first = { verdict, verdicts: [verdict] };
    flaws.push(first);
    known.set(key, first);
  }
  return flaws;
}

/**
 * Key of a line among those of one vulnerability; ignored ones have keys of their own. Lengths are part of it, so that no name
 * can imitate another key.
 */
function lineKey({ package: pkg, status, fixState, fixedVersion, ignored }: ViewedVerdict): string {
  const name = sourceKey(pkg);
  const { version } = pkg.source;
  return `${ignored === undefined ? '' : `${ignored.where} `}${name.length} ${name}${version.length} ${version}${status} ${fixState} ${fixedVersion}`;
}

/** Flaws that an exception of the user puts aside and that the default view would list; none of them is in `shown` besides. */
export function ignoredFlaws(asked: readonly ViewedVerdict[], shown: readonly ViewedVerdict[]): Flaw[] {
  const listed = new Set(shown);
  return flawsOf(
    asked.filter(
      (verdict) => verdict.ignored !== undefined && verdict.hidden === undefined && !listed.has(verdict),
    ),
  );
}

/** Names of a flaw's installed packages; of one that is there for several architectures, with it. Copies of one have one name. */
export function packageNames({ verdicts }: Flaw): string[] {
  const names = new Set<string>();
  return verdicts.flatMap(({ package: { name, arch } }) => {
    if (names.has(name)) return arch === '' ? [] : [`${name}:${arch}`];
    names.add(name);
    return [name];
  });
}
