import { type GateLimits, gateNames, type Sentinel } from '../../publish/gates/gates.ts';
import { canAccept, type GateAcceptance } from '../../publish/gates/report.ts';
import { type Encoding, encodings } from '../../published/names.ts';
import { type RegistryParameters, registryOptions } from '../image/options.ts';
import { dateOptions, keyOptions, passphraseOptions } from '../keys/options.ts';
import {
  choice,
  flag,
  form,
  inLibrary,
  milliseconds,
  number,
  type Option,
  ofCommandLine,
  path,
  repeatable,
  required,
  text,
  withDefault,
} from '../option.ts';
import type { OptionTableOf } from '../parameters.ts';
import { type TermsParameters, termsOptions } from '../terms-options.ts';

const day = 86_400_000;

/** Defaults of a publication; `expires` in milliseconds. */
export const publishDefaults = {
  encodings: ['br', 'gz'],
  keep: 8,
  deltas: 7,
  expires: { targets: 90 * day, snapshot: 14 * day, timestamp: 3 * day },
} as const;

/** Options of a publication: feeds, destination, validity and gates. */
export interface PublishSettings extends TermsParameters {
  /** Folders of feeds. A platform may be in only one of them. */
  feeds: readonly string[];
  /** The destination: a folder, or `oci://HOST/NAME[:TAG]`. */
  to: string;
  /** For a registry: the publisher's working folder. If it is lost, it is recreated from the registry. */
  work?: string;
  /** Validity of signed metadata, in milliseconds. Default: 90, 14 and 3 days. */
  expires?: { targets?: number; snapshot?: number; timestamp?: number };
  /** Compressed encodings to write. Default: `br` and `gz`. */
  encodings?: readonly Encoding[];
  /** Folder of the official schemas, to validate OVAL and data streams against too. Default: only our stricter profile. */
  official?: string;
  /** For a registry: a cosign key file, which also signs the published index, and its password. */
  cosignKey?: { file: string; password?: string };
  /** Number of publications whose content is kept. Default: 8. */
  keep?: number;
  /** Number of earlier publications that get a delta to the new one. Default: 7. */
  deltas?: number;
  /** Publishes OVAL and data streams. Default: true. */
  oval?: boolean;
  /** Publishes SCAP content. Default: true. */
  content?: boolean;
  /** Also publishes the index as blocks, which scans fetch singly. Default: as in the last publication. */
  blocks?: boolean;
  /** Also writes index.html, a page that judges SBOMs in the browser, with the blocks that it reads; for a folder. Default: as in the last publication. */
  site?: boolean;
  /** Limits of gates that differ from the defaults. Shares are from 0 to 1. */
  limits?: Partial<GateLimits>;
  /** Statements that must be in the feed. */
  sentinels?: readonly Sentinel[];
  /** Gates that are overridden for a platform, each with a reason, which is recorded. */
  accepted?: readonly GateAcceptance[];
  /**
   * A folder of exports made by {@link exportFeed} from one of the feeds. In a registry, Trivy's database is also pushed as
   * `NAME/trivy-db:2`, where Trivy's own client finds it.
   */
  exports?: string;
  /** Files by name that are published with the feed: keys and roots for image signatures. Default: those published last. */
  trust?: ReadonlyMap<string, Buffer>;
}

const limitNames = {
  shrink: 'shrink',
  flip: 'flip',
  year: 'year',
  findings: 'findings',
  package: 'packageIds',
} as const;

export const acceptable = gateNames.filter(canAccept);

/** The options of {@link PublishSettings}; `keys`, `passphrase` and `date` are means. */
export const publishOptions = {
  to: required(
    text(
      'PLACE',
      'the published folder, to which targets, deltas and signed metadata are added; or a registry: ' +
        'oci://HOST/NAME[:TAG], to which only missing blobs are sent and whose tag is moved last',
    ),
    'specify a folder or oci://HOST/NAME',
  ),
  work: path(
    'DIR',
    "for a registry: the publisher's work folder, restored from the registry if it is lost (default: " +
      'below XDG_DATA_HOME/scapfeed/published)',
  ),
  feed: inLibrary('feeds', {
    ...repeatable(
      path('DIR', 'a feed to publish; several feeds of different sources are merged (default: out)'),
    ),
    // SCAPFEED_FEED is the one that scans read.
    variable: 'nobody' as const,
  }),
  'no-oval': inLibrary('oval', flag('without OVAL and data streams')),
  'no-content': inLibrary('content', flag('without SCAP content')),
  blocks: flag(
    'also write the index as blocks, which `scan --feed URL` fetches singly (default: as in the last publication)',
  ),
  'no-blocks': ofCommandLine(flag('without blocks and the page, from now on')),
  site: flag(
    'also write index.html, a page that judges SBOMs in the browser, with its blocks (default: as in the last publication)',
  ),
  'no-site': ofCommandLine(flag('without the page, from now on')),
  official: path(
    'DIR',
    "also check OVAL and data streams against the official schemas (default: only scapfeed's stricter " +
      "profile); Debian's openscap-common installs them in /usr/share/openscap/schemas",
  ),
  encode: inLibrary(
    'encodings',
    repeatable(
      choice(encodings, '% (default: br and gz)', {
        metavar: 'E',
        noun: 'encoding',
      }),
    ),
  ),
  keep: withDefault(number('number of publications to keep'), publishDefaults.keep),
  deltas: withDefault(number('number of publications with a delta to the new one'), publishDefaults.deltas),
  ...keyOptions,
  ...passphraseOptions,
  expires: repeatable(
    form(
      'R=AGE',
      'how long metadata is valid: targets (default: 90d), snapshot (14d), timestamp (3d)',
      roleLife,
      'write it as timestamp=3d',
    ),
  ),
  ...dateOptions,
  trust: repeatable(
    path(
      'FILE',
      'a key, certificate, policy or trusted_root.json to distribute with the feed, for `signed` and ' +
        '--require-signed (default: those of the last publication)',
    ),
  ),
  exports: path(
    'DIR',
    'layouts for other scanners, written by `export` from this feed: signed with it, under exports/ in a folder; in a registry ' +
      "Trivy's database is NAME/trivy-db too",
  ),
  'no-trust': ofCommandLine(flag('do not keep the trust files of the last publication')),
  sentinels: path(
    'FILE',
    'statements that must be in the feed: [{"platform", "package", "vulnerability", "status", "fixed"?}]',
  ),
  limit: inLibrary(
    'limits',
    repeatable(
      form(
        'GATE=N',
        'threshold of a gate: shrink, flip, year, findings (above the usual) in per cent; package in ids',
        gateLimit,
        `use one of ${Object.keys(limitNames).join(', ')}`,
      ),
    ),
  ),
  accept: inLibrary(
    'accepted',
    repeatable(text('GATE', `let a gate pass: ${acceptable.join(', ')}; GATE:PLATFORM for one platform`)),
  ),
  reason: ofCommandLine(text('TEXT', 'why; recorded in the manifest')),
  ...termsOptions,
  'cosign-key': path(
    'FILE',
    'for a registry: also sign the published index with this key, as cosign does (bundle and .sig); its ' +
      'passphrase is in COSIGN_PASSWORD',
  ),
  ...registryOptions,
} satisfies OptionTableOf<
  PublishSettings & RegistryParameters & { keys: string; passphrase: string; date: Date },
  {
    feed: 'feeds';
    'no-oval': 'oval';
    'no-content': 'content';
    encode: 'encodings';
    limit: 'limits';
    accept: 'accepted';
    'accept-terms': 'acceptedTerms';
    'passphrase-file': 'passphrase';
    'ca-file': 'ca';
    'insecure-registry': 'insecureRegistries';
  }
> & { reason: Option; 'no-trust': Option; 'no-blocks': Option; 'no-site': Option };

function roleLife(text: string): [role: keyof typeof publishDefaults.expires, span: number] | undefined {
  const [name, age = ''] = text.split('=');
  const span = milliseconds(age);
  const role = (['targets', 'snapshot', 'timestamp'] as const).find((known) => known === name);
  return role === undefined || !span ? undefined : [role, span];
}

function gateLimit(text: string): [field: keyof GateLimits, value: number] | undefined {
  const [name = '', number = ''] = text.split('=');
  if (!isLimit(name) || !/^\d{1,5}(\.\d+)?$/.test(number)) return undefined;
  return [limitNames[name], name === 'package' ? Number(number) : Number(number) / 100];
}

function isLimit(name: string): name is keyof typeof limitNames {
  return Object.hasOwn(limitNames, name);
}
