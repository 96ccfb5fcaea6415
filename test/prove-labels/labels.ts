import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A person's decision about one finding of a scanner. */
export interface Label {
  package: string;
  version: string;
  vulnerability: string;
  /** TP: the package has the flaw; FP: it has not; `??`: undecided. */
  label: 'TP' | 'FP' | '??';
}

export interface LabelledImage {
  /** `docker.io/ubuntu`. */
  name: string;
  /** Of its digest, the first twelve digits. */
  digest: string;
  labels: Label[];
}

interface LabelFile {
  image: { exact: string };
  label: Label['label'];
  package?: { name: string; version: string };
  vulnerability_id: string;
  effective_cve?: string;
}

/** The labels of a folder by image; one that was given twice counts once, and what was given both ways is undecided. */
export function readLabels(folder: string): LabelledImage[] {
  return readdirSync(folder)
    .sort()
    .map((name) => {
      const files = readdirSync(join(folder, name)).sort();
      const read = files.map(
        (file) => JSON.parse(readFileSync(join(folder, name, file), 'utf8')) as LabelFile,
      );
      const [image = '', digest = ''] = (read[0]?.image.exact ?? '').split('@sha256:');
      return { name: image, digest: digest.slice(0, 12), labels: settled(read) };
    });
}

function settled(files: readonly LabelFile[]): Label[] {
  const labels = new Map<string, Label>();
  for (const { package: pkg, label, vulnerability_id: id, effective_cve: cve } of files) {
    if (!pkg) continue;
    const vulnerability = cve ?? id;
    const key = `${pkg.name} ${pkg.version} ${vulnerability}`;
    const known = labels.get(key);
    const both = known !== undefined && known.label !== label;
    labels.set(key, {
      package: pkg.name,
      version: pkg.version,
      vulnerability,
      label: both ? '??' : label,
    });
  }
  return [...labels.values()];
}
