import data from '../../../feeds/ubuntu.json' with { type: 'json' };
import keys from '../../../feeds/ubuntu-keys.json' with { type: 'json' };

/** Ids of the inputs, as evidence and the manifest name them. */
export type InputId = keyof typeof data.inputs;

/** `feeds/ubuntu.json`: where Ubuntu's data is, and which releases are compiled. */
export interface UbuntuDefinition {
  inputs: Readonly<Record<InputId, InputDefinition>>;
  archive: ArchiveDefinition;
  /** Armored OpenPGP keys that may sign the archive's Release files. */
  signingKeys: string;
  /** Share of the OSV documents that may be unreadable before the whole archive is refused. */
  unreadableShare: number;
  /** All of them: images of a release outlive its support, and a platform without statements is not made. */
  releases: readonly UbuntuRelease[];
}

export interface InputDefinition {
  url: string;
  /** A build can do without it; its absence is a finding. */
  optional?: boolean;
}

export interface ArchiveDefinition {
  url: string;
  /** The suffix of a suite's name after the codename. */
  pockets: readonly string[];
  components: readonly string[];
  architecture: string;
}

export interface UbuntuRelease {
  version: string;
  codename: string;
  name: string;
  lts?: boolean;
  /** The archive's server no longer has its packages. */
  archived?: boolean;
  /** Last days of the support phases, in the order they end. */
  life: Partial<Record<'standard' | 'pro' | 'legacy', string>>;
}

/** A test checks it by schemas/ubuntu-definition.schema.json. */
export const ubuntuDefinition: UbuntuDefinition = { ...data, signingKeys: keys.armored.join('\n') };

export function platformId({ version }: Pick<UbuntuRelease, 'version'>): string {
  return `ubuntu-${version}`;
}

export function inputIds({ inputs }: UbuntuDefinition): InputId[] {
  return Object.keys(inputs) as InputId[];
}
