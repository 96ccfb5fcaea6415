import { readdirSync, readFileSync } from 'node:fs';
import { dataPath } from '../../../support/data.ts';
import type { Elsa } from './world.ts';

export const keptElsaFolder = 'vendors2/oracle/aquasecurity+trivy-db/pkg/vulnsrc/oracle-oval/testdata';

/** An ELSA as trivy-db keeps it: the criteria with their comments alone. */
interface KeptElsa {
  Title: string;
  References: { Source: string; ID: string }[];
  Criteria: KeptCriteria;
}

interface KeptCriteria {
  Criterias: KeptCriteria[] | null;
  Criterions: { Comment: string }[] | null;
}

/** The rows of kept criteria, in the form of Oracle's documents again. */
function elsaOf({ Title, References, Criteria }: KeptElsa): Elsa {
  const releases: Record<string, Record<string, string[]>> = {};
  const walk = ({ Criterias, Criterions }: KeptCriteria, release: string, arch: string) => {
    const comments = (Criterions ?? []).map(({ Comment }) => Comment);
    const of = (pattern: RegExp) => comments.flatMap((comment) => pattern.exec(comment)?.slice(1) ?? []);
    const [here = release] = of(/^Oracle Linux (\d+) is installed$/);
    const [system = arch] = of(/^Oracle Linux arch is (\S+)$/);
    const [name, below] = of(/^(\S+) is earlier than (\S+)$/);
    if (name !== undefined) {
      const flavour = comments.some((comment) => comment.endsWith(' is ksplice-based')) ? ' ksplice' : '';
      releases[here] ??= {};
      releases[here][system] ??= [];
      releases[here][system].push(`${name} < ${below}${flavour}`);
    }
    for (const inner of Criterias ?? []) walk(inner, here, system);
  };
  walk(Criteria, '', '');
  const [id = ''] = /^ELSA-\d+-\d+/.exec(Title) ?? [];
  return {
    ...{ id, releases },
    cves: References.flatMap(({ Source, ID }) => (Source === 'CVE' ? [ID] : [])),
  };
}

/** The advisories of a release that trivy-db's tests keep, each once. */
export function keptElsas(major: string): Elsa[] {
  const files = readdirSync(dataPath(keptElsaFolder), { recursive: true, encoding: 'utf8' });
  const kept = files
    .filter(
      (name) => /ELSA-[\d-]+\.json$/.test(name) && !name.startsWith('sad') && !name.startsWith('unknown'),
    )
    .map((name) => elsaOf(JSON.parse(readFileSync(dataPath(keptElsaFolder, name), 'utf8'))))
    .filter(({ releases }) => releases[major] !== undefined);
  return [...new Map(kept.map((elsa) => [elsa.id, elsa])).values()];
}
