import type { FleetTools, KnownImage } from '../fleet/fleet.ts';
import type { ReadImage } from '../fleet/store/prepared-image.ts';
import { currentTime } from '../io/clock.ts';
import { userCache } from '../io/private-cache.ts';
import type { Environment } from '../model/environment.ts';
import type { readingOptions } from '../tasks/fleet/command-options.ts';
import type { FleetComplying } from '../tasks/fleet/comply.ts';
import { keptReference } from '../tasks/fleet/lasting-reference.ts';
import { type FleetReading, readBaseForFleet, readForFleet } from '../tasks/fleet/read-image.ts';
import type { OptionValues } from '../tasks/option.ts';
import { openSameImage } from '../tasks/signed/same-image.ts';
import { registryImages } from './fleet-images.ts';
import { imageChoice, openChosenImage } from './options/image-choice.ts';
import { mailServer, messageWriter, type SendingChoice } from './options/receivers.ts';
import { requireSigned } from './options/require-signed.ts';
import { openSubject } from './options/subject.ts';
import { toolVersion } from './program.ts';
import { outputDate } from './source-date.ts';
import type { Terminal } from './terminal.ts';

type ReadingChoice = OptionValues<typeof readingOptions>;

/** The functions of the process of a fleet's command, by its options. */
export function fleetTools(
  command: string,
  given: ReadingChoice,
  terminal: Terminal,
  sending: SendingChoice = {},
): FleetTools {
  let opened: Promise<FleetComplying> | undefined;
  // Most fleets have no profile: the code for it is loaded for those that do.
  const complying = () => {
    opened ??= import('../tasks/fleet/comply.ts').then(
      (module) =>
        new module.FleetComplying({
          content: given.content,
          now: () => outputDate(terminal.env),
          open: (reference, wanted, inspection) =>
            openChosenImage(reference, {
              ...imageChoice(given, wanted, terminal.env),
              ...(inspection === undefined ? {} : { inspection }),
            }),
        }),
    );
    return opened;
  };
  return {
    tool: `scapfeed ${toolVersion}`,
    now: currentTime,
    verifiesKnown: given.verify === 'all',
    linkLocal: given['allow-link-local-registry'] ?? false,
    read: (reference, isKnown) => readOnce(command, keptReference(reference), given, terminal.env, isKnown),
    readBase: (reference, isKnown) =>
      readBaseForFleet(reference, unsignedReading(given, terminal.env), isKnown),
    list: (place, tags) => registryImages(place, tags, given, terminal.env),
    contentKey: async (feed) => (await complying()).contentKey(feed),
    comply: async (feed, reference, profile) =>
      (await complying()).evaluate(feed, keptReference(reference), profile),
    message: messageWriter(sending, terminal.env),
    allowPrivate: sending['allow-private-webhook'] ?? false,
    ...mailServer(terminal.env),
    warn: terminal.err,
    progress: terminal.progress,
  };
}

function unsignedReading(given: ReadingChoice, env: Environment): Pick<FleetReading, 'caches' | 'open'> {
  return {
    caches: given['no-cache'] ? undefined : userCache(env),
    open: (place, { wanted, ...how }) =>
      openChosenImage(place, { ...imageChoice(given, wanted, env), ...how }),
  };
}

/** Signatures are checked each time: what they are worth can change without the image. */
async function readOnce(
  command: string,
  reference: string,
  given: ReadingChoice,
  env: Environment,
  isKnown: (digest: string) => boolean,
): Promise<ReadImage | KnownImage> {
  const signed = await requireSigned(command, reference, given, env);
  const { caches, open } = unsignedReading(given, env);
  const reading: FleetReading = {
    ...{ signed, caches },
    verify: given.verify !== 'none',
    openSbom: (place) => openSubject(place, given, env),
    open: (place, how) => openSameImage(signed, () => open(place, how)),
  };
  return readForFleet(reference, reading, isKnown);
}
