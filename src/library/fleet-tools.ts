import type { FleetRunOptions, FleetTools } from '../fleet/fleet.ts';
import { checkCancelled } from '../io/cancellation.ts';
import { currentTime } from '../io/clock.ts';
import { ScapfeedError } from '../model/error.ts';
import type { Required } from '../signatures/index.ts';
import { keptReference } from '../tasks/fleet/lasting-reference.ts';
import { isMailAddress, isWebAddress, newsMessages } from '../tasks/fleet/news-messages.ts';
import { type FleetReading, readBaseForFleet, readForFleet } from '../tasks/fleet/read-image.ts';
import { registryImages } from '../tasks/fleet/registry-images.ts';
import { signatureGate } from '../tasks/signed/image-signatures.ts';
import { openSameImage } from '../tasks/signed/same-image.ts';
import { toolVersion } from '../tasks/tool-version.ts';
import { reachOf } from './fleet.ts';
import type { NewsReceiver, RunFleetOptions } from './fleet-run-options.ts';
import { openFor, openingOf, openSubject } from './image.ts';
import { requiredBy, signatureAccess } from './signatures.ts';

/** @internal What this process can do for a fleet. */
export async function fleetToolsOf(
  options: RunFleetOptions,
  warn: (message: string) => void,
  progress: FleetTools['progress'],
): Promise<FleetTools> {
  const opening = openingOf(options);
  const required = await requiredSigners(options);
  const access = signatureAccess({ ...opening, ...lookasideOf(options) });
  const complying = once(() =>
    import('../tasks/fleet/comply.ts').then(
      ({ FleetComplying }) =>
        new FleetComplying({
          content: options.content,
          now: currentTime,
          open: (reference, wanted, inspection) => openFor(reference, opening, wanted, inspection),
        }),
    ),
  );
  const { mailServer: mail, webhookSecret: secret, allowPrivateReceivers: allowPrivate = false } = options;
  return {
    tool: `scapfeed ${toolVersion}`,
    now: currentTime,
    verifiesKnown: options.verify === 'all',
    linkLocal: options.allowLinkLocalRegistries ?? false,
    async read(name, isKnown) {
      const reference = keptReference(name);
      try {
        const signed = required && (await signatureGate(reference, required, access));
        const reading: FleetReading = {
          signed,
          caches: opening.cacheFolder,
          verify: options.verify !== 'none',
          openSbom: (place) => openSubject(place, opening),
          open: (place, how) => openSameImage(signed, () => openFor(place, opening, how)),
        };
        return await readForFleet(reference, reading, isKnown);
      } catch (error) {
        // An image whose reading was cancelled is not one that cannot be read.
        checkCancelled();
        throw error;
      }
    },
    async readBase(name, isKnown) {
      const open: FleetReading['open'] = (place, how) => openFor(place, opening, how);
      try {
        return await readBaseForFleet(name, { caches: opening.cacheFolder, open }, isKnown);
      } catch (error) {
        checkCancelled();
        throw error;
      }
    },
    list: (place, tags) => registryImages(place, tags, reachOf(options)),
    contentKey: async (feed) => (options.profiles?.length ? (await complying()).contentKey(feed) : ''),
    comply: async (feed, reference, profile) =>
      (await complying()).evaluate(feed, keptReference(reference), profile),
    message: newsMessages({ secret, allowPrivate }),
    allowPrivate,
    ...(mail && { mail }),
    warn,
    progress,
  };
}

/** Code that most fleets do not need is loaded for those that do. */
function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => {
    loaded ??= load();
    return loaded;
  };
}

function requiredSigners({
  signers,
  signaturePolicy: policy,
}: RunFleetOptions): Promise<Required | undefined> {
  if (!signers && policy === undefined) return Promise.resolve(undefined);
  return requiredBy({ ...signers, ...(policy === undefined ? {} : { policy }) });
}

function lookasideOf({ signers: { lookaside } = {} }: RunFleetOptions): { lookaside?: string } {
  return lookaside === undefined ? {} : { lookaside };
}

/** @internal What a run is asked. */
export function fleetSettingsOf(options: RunFleetOptions): FleetRunOptions {
  const { severityFrom, platformMap = {}, stream, languages, maxAge } = options;
  const { signers, signaturePolicy, profiles = [], receivers = [] } = options;
  receivers.forEach(requireAddress);
  return {
    judging: {
      ...(severityFrom && { severityFrom }),
      platformMap: Object.entries(platformMap),
      ...(stream !== undefined && { stream }),
      ...(languages && { languages }),
    },
    ...(maxAge === undefined ? {} : { maxAge }),
    profiles,
    signed: signers !== undefined || signaturePolicy !== undefined,
    receivers,
    ...(options.base !== undefined && { bases: true }),
  };
}

function requireAddress({ kind, place }: NewsReceiver): void {
  if (kind === 'mail' ? isMailAddress(place) : isWebAddress(place)) return;
  throw new ScapfeedError({
    code: 'USAGE',
    message: `expected an address for ${kind}, found ${place}`,
    remedy: kind === 'mail' ? 'write it as somebody@example.org' : 'write it as https://…',
  });
}
