import { platformId, type UbuntuDefinition, type UbuntuRelease } from './definition.ts';

/** Update channels of Ubuntu Pro and of the special kernels; absent means the base release. */
export const channels = [
  'esm-infra',
  'esm-apps',
  'esm-infra-legacy',
  'fips',
  'fips-updates',
  'fips-preview',
  'realtime',
  'bluefield',
] as const;

export type Channel = (typeof channels)[number];

/** Channels whose builds are the base release's code with more fixes: a fix there shows a flaw in the base. */
export const plainProChannels: readonly Channel[] = ['esm-infra', 'esm-apps', 'esm-infra-legacy'];

/** Where a vendor's row applies. */
export interface Place {
  /** `ubuntu-22.04` */
  platform: string;
  codename: string;
  channel?: Channel;
}

/** Why a release key names no place. */
export type NoPlace = 'row_of_no_release' | 'unknown_release' | 'unknown_channel';

/** Finds the places that the vendor's records name, among the releases of one definition. */
export class Places {
  readonly #releases: readonly UbuntuRelease[];
  // Cached, because keys repeat hundreds of thousands of times.
  readonly #known = new Map<string, Place | NoPlace>();

  constructor({ releases }: Pick<UbuntuDefinition, 'releases'>) {
    this.#releases = releases;
  }

  /**
   * The place of a purl's `distro=` or of a release key of the tracker: `jammy`, `esm-infra/focal`, `trusty/esm`.
   * The two spellings of ESM (`esm-infra/xenial`, `trusty/esm`) are one channel.
   */
  of(key: string): Place | NoPlace {
    let known = this.#known.get(key);
    if (known === undefined) {
      known = this.#find(key);
      this.#known.set(key, known);
    }
    return known;
  }

  /** The place of an entry without purl, from its ecosystem: `Ubuntu:Pro:FIPS-updates:20.04:LTS`. */
  ofEcosystem(ecosystem: string, availability: string | undefined): Place | NoPlace {
    const version = /(?:^|:)(\d\d\.\d\d)(?::|$)/.exec(ecosystem)?.[1];
    const release = this.#releases.find((candidate) => candidate.version === version);
    if (!release) return 'unknown_release';
    const channel = ecosystemChannel(ecosystem, availability);
    return this.of(channel === undefined ? release.codename : `${channel}/${release.codename}`);
  }

  #find(key: string): Place | NoPlace {
    if (noRelease.has(key)) return 'row_of_no_release';
    const [first = '', second] = key.split('/');
    if (second === undefined) return this.#release(first);
    if (second === 'esm') return this.#release(first, 'esm-infra');
    if (isChannel(first)) return this.#release(second, first);
    const either = this.#release(first);
    if (typeof either !== 'string') return overlays.has(second) ? 'row_of_no_release' : 'unknown_channel';
    return typeof this.#release(second) === 'string' ? this.#release(second) : 'unknown_channel';
  }

  #release(codename: string, channel?: Channel): Place | NoPlace {
    const found = this.#releases.find((candidate) => candidate.codename === codename);
    if (!found) return 'unknown_release';
    return { platform: platformId(found), codename, ...(channel && { channel }) };
  }
}

/** Release keys without a release: the development series has none yet, the others are not in the archive. */
const noRelease = new Set(['upstream', 'devel', 'product', 'snap']);

/** Archives of their own above a release, for phones and for snaps: `vivid/ubuntu-core`. No image is built of them. */
const overlays = new Set(['ubuntu-core', 'stable-phone-overlay']);

function isChannel(text: string): text is Channel {
  return (channels as readonly string[]).includes(text);
}

/** Components have no fixed order, so they are searched anywhere in the name. */
function ecosystemChannel(ecosystem: string, availability = ''): Channel | undefined {
  const words = ecosystem.split(':');
  if (words.includes('FIPS-updates')) return 'fips-updates';
  if (words.includes('FIPS-preview')) return 'fips-preview';
  if (words.includes('FIPS')) return 'fips';
  if (words.includes('Realtime')) return 'realtime';
  if (words.includes('BlueField')) return 'bluefield';
  if (!words.includes('Pro')) return undefined;
  if (availability.includes('Legacy')) return 'esm-infra-legacy';
  return availability === '' || availability.includes('Infra') ? 'esm-infra' : 'esm-apps';
}
