import { type TokenRole, tokenRoles } from '../../fleet/store/tokens.ts';
import { type FleetVerifying, fleetVerifying } from '../../fleet/verifying.ts';
import { auditKinds } from '../../model/fleet/index.ts';
import { ageOptions, feedOptions } from '../feed-options.ts';
import { imageOptions, registryOptions } from '../image/options.ts';
import {
  choice,
  duration,
  flag,
  form,
  group,
  inLibrary,
  milliseconds,
  number,
  path,
  repeatable,
  required,
  text,
  withDefault,
} from '../option.ts';
import type { OptionTableOf } from '../parameters.ts';
import { judgingOptions, statedBase } from '../scan/options.ts';
import { requireSignedOptions } from '../signed/options.ts';
import { loginName } from './login-name.ts';
import { isMailAddress, isWebAddress } from './news-messages.ts';
import { newsPolicyOptions, runPolicyOptions } from './options.ts';
import { usualRetention } from './prune.ts';

/** Options of every command that works on a fleet. */
export const fleetOptions = group('Fleet', {
  database: path(
    'DIR|URL',
    "the fleet's database: a folder for the embedded PostgreSQL, or postgres://... of a server (default: " +
      'SCAPFEED_DATABASE, then XDG_DATA_HOME/scapfeed/fleet)',
  ),
});

const address = (help: string) =>
  repeatable(form('URL', help, (text) => (isWebAddress(text) ? text : undefined), 'write it as https://...'));

/** To whom a run sends its news. */
export const receiverOptions = group('News', {
  webhook: address('post the news as JSON to this address'),
  'webhook-secret-file': path(
    'FILE',
    'sign webhook posts (HMAC-SHA256, header x-scapfeed-signature) with the secret in this file',
  ),
  slack: address('post the news as text for Slack, Mattermost and others'),
  mail: repeatable(
    form(
      'ADDRESS',
      'send the news to this address, through the server in SCAPFEED_SMTP (smtps://user:password@host)',
      (text) => (isMailAddress(text) ? text : undefined),
    ),
  ),
  'allow-private-webhook': flag('allow private addresses in --webhook and --slack'),
});

/** A run that brings the feed itself. */
export const runPullOptions = group('Feed', {
  pull: flag(
    'first fetch the newest feed as `scapfeed pull` does, from the place in its pull.json or of the last pull; if it is ' +
      'refused or the server does not answer, the run uses the last good feed and ends with 3',
  ),
  from: repeatable(
    text('PLACE', 'with --pull: a published feed, as `scapfeed pull --from` takes it; several are mirrors'),
  ),
  'trust-root': path('FILE', "with --pull: the publisher's root.json; needed once"),
});

/** Reading of images. */
export interface ReadingParameters {
  /** Also reads from registries at link-local addresses and the addresses of clouds' metadata services. Default: false. */
  allowLinkLocalRegistries?: boolean;
  /**
   * The images whose files are compared with their packages: those read for the first time (`new`, the default), also those of
   * the fleet that were never compared (`all`), or none (`none`).
   */
  verify?: FleetVerifying;
  /** With `profiles`: path of the SCAP content. Default: the feed's content for the image's release. */
  content?: string;
}

/** The options of {@link ReadingParameters}. */
export const ownReadingOptions = {
  ...group('Registry', {
    'allow-link-local-registry': inLibrary(
      'allowLinkLocalRegistries',
      flag(
        "also read from registries at link-local addresses (169.254.0.0/16, fe80::/10) and clouds' metadata addresses",
      ),
    ),
  }),
  ...group('Image', {
    verify: withDefault(
      choice(
        fleetVerifying,
        'compare files with packages, like `scapfeed verify`: for new images, also for known images not yet ' +
          'compared, or for none: %',
        { metavar: 'WHICH', noun: 'choice' },
      ),
      'new' as const,
    ),
  }),
  ...group('Content', {
    content: path(
      'FILE',
      "with --profile: SCAP content to evaluate images by (default: the feed's for the image's release)",
    ),
  }),
} satisfies OptionTableOf<ReadingParameters, { 'allow-link-local-registry': 'allowLinkLocalRegistries' }>;

/** Options of processes that read images: `run`, and workers. */
export const readingOptions = {
  ...feedOptions,
  ...imageOptions,
  ...requireSignedOptions,
  ...ownReadingOptions,
};

const { platform: _, ...judging } = judgingOptions;

/** Comparison of images with their bases. */
export interface FleetBaseParameters {
  /**
   * `labels`: compares each image with the base that its labels or annotations name, and with what that name stands for now.
   * Default: images are not compared.
   */
  base?: 'labels';
}

/** The options of {@link FleetBaseParameters}. */
export const fleetBaseOptions = group('Base image', {
  base: {
    ...choice(
      [statedBase],
      'say of each flaw whether it is of the base image or of own layers, and which flaws a rebuild on its newer build fixes; ' +
        '%: by the base that org.opencontainers.image.base.name and .digest of the image name, from its registry',
      { metavar: 'WORD', noun: 'base' },
    ),
    // A scan takes images too.
    variable: 'nobody' as const,
  },
} satisfies OptionTableOf<FleetBaseParameters>);

/** Options that decide what a run finds; workers get them from the run. */
export const runOptions = {
  ...judging,
  ...ageOptions,
  ...fleetBaseOptions,
  ...group('Content', {
    profile: repeatable(
      text('ID', 'also evaluate the configuration of each image by this profile, once per image and content'),
    ),
  }),
  ...receiverOptions,
};

/** The person who acts, which is kept with the act. */
const by = withDefault(
  text('WHO', 'your name, recorded with the change'),
  loginName(),
  "the user's login name",
);

/** The options of `fleet add`. */
export const fleetAddOptions = {
  ...fleetOptions,
  ...group('Images', {
    file: path('LIST', 'the images listed in this file, one per line; - for stdin'),
    registry: repeatable(
      text(
        'HOST[/PREFIX]',
        'every tag of every repository below it, now and in each later run; at most 10,000 tags',
      ),
    ),
    tags: withDefault(text('GLOB', 'with --registry: only the tags that match'), '*'),
    kubernetes: path(
      'FILE',
      'the images of a cluster, from the output of `kubectl get pods -A -o json`; - for stdin',
    ),
  }),
  ...registryOptions,
};

/** The options of `fleet import`. */
export const fleetImportOptions = {
  ...fleetOptions,
  name: text('NAME', 'the name of the inventory in the fleet (default: the reference in FILE)'),
};

/** A choice among the images of a fleet. */
export interface FleetListParameters {
  /** Only images that were first read longer ago than that, in milliseconds. */
  olderThan?: number;
  /** Only images with a flaw, not waived, whose fix can be installed for longer than that, in milliseconds. */
  fixedBefore?: number;
  /** Only images with a flaw, not waived, whose last day by the fleet's SLA is over. */
  overdue?: boolean;
  /** A glob for an owner by the fleet's policy, or for the label `org.opencontainers.image.vendor` or `.authors`, or `maintainer`. */
  owner?: string;
}

/** The options of {@link FleetListParameters}. */
export const listedImageOptions = group('Images', {
  'older-than': duration('only images that were first read longer ago than that, such as 90d'),
  'fixed-before': duration(
    'only images with a flaw whose fix can be installed for longer than that, such as 30d; waived flaws do not count',
  ),
  overdue: flag(
    'only images with a flaw that is overdue by the SLA of `fleet sla`; waived flaws do not count',
  ),
  owner: text(
    'NAME',
    "only images of this owner by the fleet's policy, or whose label org.opencontainers.image.vendor or .authors, or " +
      'maintainer, is this; * and ? as in file names, ** crosses slashes',
  ),
} satisfies OptionTableOf<FleetListParameters>);

/** The options of `fleet list`. */
export const fleetListOptions = {
  ...fleetOptions,
  ...listedImageOptions,
  ...group('Images', {
    label: inLibrary(
      'labels',
      repeatable(text('NAME=VALUE', 'only images with this label; VALUE like that of --owner')),
    ),
  }),
};

/** A team's part of what is shown. */
export interface OwnerParameters {
  /** Only what is about images of this owner, by the fleet's policy. */
  owner?: string;
}

/** The option of {@link OwnerParameters}. */
export const ownerOption = group('Images', {
  owner: text('NAME', "only what is about images of this owner, by the fleet's policy (see fleet owners)"),
} satisfies OptionTableOf<OwnerParameters>);

/** The options of `fleet audit`. */
export const fleetAuditOptions = {
  ...fleetOptions,
  since: form(
    'WHEN',
    'entries since an age ago (36h, 7d) or a day (2026-11-20) (default: all that are kept)',
    (text) => {
      const when = whenOf(text);
      return when && 'run' in when ? undefined : when;
    },
    'write it as 36h, 7d or 2026-11-20',
  ),
  actor: text('NAME', 'only entries of this token or user, or of the person with this mail address'),
  kind: choice(auditKinds, 'only entries of this kind: %', { metavar: 'KIND', noun: 'kind' }),
  limit: withDefault(number('the newest entries, at most this many'), 1000),
};

/** The options of `fleet owners`. */
export const fleetOwnersOptions = {
  ...fleetOptions,
  policy: path(
    'FILE',
    'find owners by the section `owners` of this policy from now on, in place of the rules before',
  ),
};

/** The options of `fleet sla`. */
export const fleetSlaOptions = {
  ...fleetOptions,
  policy: path(
    'FILE',
    'take the days by which flaws must be mended from the section `sla` of this policy from now on, in place of those before',
  ),
};

/** The options of `fleet news`. */
export const fleetNewsOptions = {
  ...fleetOptions,
  since: form(
    'WHEN',
    'news since an age ago (36h, 7d), a day (2026-11-20), or run:N (default: of the last run only)',
    whenOf,
    'write it as 36h, 7d, 2026-11-20 or run:12',
  ),
  ...ownerOption,
  ...group('Policy', newsPolicyOptions),
};

/** The options of `fleet evidence`. */
export const fleetEvidenceOptions = {
  ...fleetOptions,
  'as-of': form(
    'DATE',
    'what was known at the end of a day (2026-11-20, UTC) or at a time (2026-11-20T06:00Z) (default: at the end of the last run)',
    endOf,
    'write it as 2026-11-20 or 2026-11-20T06:00Z',
  ),
};

/** Retention of a fleet's history. */
export interface RetentionParameters {
  /** Maximum age of kept data, in milliseconds. Default: a year. */
  keepFor?: number;
  /** Number of runs to keep regardless of age. Default: 30. */
  keepRuns?: number;
}

/** The options of {@link RetentionParameters}. */
export const retentionOptions = {
  'keep-for': withDefault(duration('how long old data is kept: 90d, 36h'), usualRetention.keepFor, '365d'),
  'keep-runs': withDefault(number('number of runs to keep, whatever their age'), usualRetention.keepRuns),
} satisfies OptionTableOf<RetentionParameters>;

/** The options of `fleet prune`. */
export const fleetPruneOptions = { ...fleetOptions, ...retentionOptions };

/** Permissions and lifetime of a token. */
export interface TokenParameters {
  /** `read`; `write`: also add, import and run; `admin`: also remove and waive; `send`: only send inventories of `names`; `team`: see images of `owner`, and waive in them. Default: `read`. */
  role?: TokenRole;
  /** With the role `send`: a glob of the names whose inventories the token sends: `web1`, `web-*`. */
  names?: string;
  /** With the role `team`: whose images the token sees, by the fleet's policy. */
  owner?: string;
  /** Lifetime in milliseconds. Default: valid until removed. */
  expires?: number;
}

/** The options of {@link TokenParameters}. */
export const tokenOptions = {
  role: withDefault(
    choice(tokenRoles, "the token's permissions: %", { metavar: 'R', noun: 'role' }),
    'read' as const,
  ),
  names: text(
    'GLOB',
    "names whose inventories a token of the role send sends (web1, 'web-*'); it does nothing else",
  ),
  owner: text('NAME', 'whose images a token of the role team sees and waives in; it does nothing else'),
  expires: duration('how long the token is valid (default: until removed)'),
} satisfies OptionTableOf<TokenParameters>;

/** The options of `fleet token`. */
export const fleetTokenOptions = { ...fleetOptions, ...tokenOptions };

/** Scope and reason of a waiver. */
export interface WaiverParameters {
  /** Rules whose failure is accepted: their full ids, or the part after `_rule_`. */
  rules?: readonly string[];
  /** Only in installed or source packages with this name. A glob with `*` and `?`. */
  package?: string;
  /** Only in images with this name or digest. A glob with `*` and `?`; `**` also matches slashes. */
  image?: string;
  /** Only in images of this owner, by the fleet's policy. An image with several names is the owner's if each of them is. */
  owner?: string;
  /** The reason, shown in every list and message. */
  reason: string;
  /** The last day (UTC) on which the waiver is in force: `2027-03-31`. Default: no end. */
  until?: string;
}

/** The options of {@link WaiverParameters}. */
export const waiverOptions = group('Waiver', {
  rule: inLibrary(
    'rules',
    repeatable(
      text('ID', "a profile's rule whose failure is accepted: the whole id, or the part after _rule_"),
    ),
  ),
  package: text('NAME', 'only in this installed or source package; * and ? as in file names'),
  image: text(
    'NAME',
    'only in images with this name or digest; * and ? as in file names, ** crosses slashes; an image with ' +
      'several names matches if all of them do',
  ),
  owner: text(
    'NAME',
    "only in images of this owner, by the fleet's policy; an image with several names matches if all of them do",
  ),
  reason: required(text('TEXT', 'the reason; shown in every list and message')),
  until: text('DAY', 'the last day (UTC) of the waiver, such as 2027-03-31'),
} satisfies OptionTableOf<WaiverParameters, { rule: 'rules' }>);

/** The options of `fleet waive`. */
export const fleetWaiveOptions = { ...fleetOptions, ...waiverOptions, ...group('Waiver', { by }) };

/** The options of `fleet waivers`. */
export const fleetWaiversOptions = {
  ...fleetOptions,
  ...ownerOption,
  all: inLibrary('ended', flag('also list removed waivers')),
};

/** The options of `fleet run`. */
export const fleetRunOptions = {
  ...fleetOptions,
  ...readingOptions,
  ...runOptions,
  ...runPullOptions,
  ...group('Policy', runPolicyOptions),
};

/** The options of `fleet unwaive`. */
export const fleetUnwaiveOptions = { ...fleetOptions, by };

/** The options of `fleet worker`. */
export const fleetWorkerOptions = { ...fleetOptions, ...readingOptions };

/** The last moment of a day, or a time. */
function endOf(text: string): Date | undefined {
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text);
  if (!isDay && !/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{3})?)?Z$/.test(text)) return undefined;
  const time = new Date(isDay ? `${text}T23:59:59.999Z` : text);
  const isReal = !Number.isNaN(time.getTime()) && time.toISOString().startsWith(text.slice(0, 10));
  return isReal ? time : undefined;
}

/** An age is counted from the time of the command. */
export type When = { age: number } | { run: number } | { time: Date };

function whenOf(text: string): When | undefined {
  const [, run] = /^run:([1-9]\d{0,8})$/.exec(text) ?? [];
  if (run !== undefined) return { run: Number(run) };
  const age = milliseconds(text);
  if (age !== undefined) return { age };
  const time = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?Z)?$/.test(text) ? new Date(text) : undefined;
  return time && !Number.isNaN(time.getTime()) ? { time } : undefined;
}
