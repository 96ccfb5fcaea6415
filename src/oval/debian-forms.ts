import type { PlatformIndex } from '../model/index.ts';
import type { Criterion, Test, TextObject } from './components.ts';
import { dpkginfoForm } from './debian-dpkginfo.ts';
import {
  anythingInStatus,
  anythingInStatusDirectory,
  sourceInStatus,
  sourceInStatusDirectory,
} from './dpkg-patterns.ts';
import { dpkgLimit } from './evr.ts';
import { flawForm, type OvalForm, once } from './form.ts';
import { type InexactList, noteUnparsable } from './inexact.ts';
import { coverageDefinition, inventoryDefinition, osReleaseTest } from './release.ts';
import type { Selection } from './rows.ts';

/**
 * Debian speaks of source packages, so the exact forms read source versions from dpkg's own files: `status` of an
 * installed system, `status.d` of distroless images. dpkginfo sees binaries only and stands beside them for
 * evaluators without PCRE's branch reset.
 */
export function debianForms(index: PlatformIndex, inexact: InexactList): OvalForm[] {
  noteGeneralCauses(index, inexact);
  return [
    sourceForm(index, inexact, 'oval', 'fixed', inStatus),
    sourceForm(index, inexact, 'unfixed.oval', 'unfixed', inStatus),
    sourceForm(index, inexact, 'status-d.oval', 'fixed', inStatusDirectory),
    sourceForm(index, inexact, 'status-d.unfixed.oval', 'unfixed', inStatusDirectory),
    dpkginfoForm(index, inexact),
  ];
}

/** Where source versions are read, and how any package at all is found there. */
interface SourcePlace {
  object(source: string): TextObject;
  anything(): TextObject;
}

const inStatus: SourcePlace = { object: sourceInStatus, anything: anythingInStatus };
const inStatusDirectory: SourcePlace = {
  object: sourceInStatusDirectory,
  anything: anythingInStatusDirectory,
};

function sourceForm(
  index: PlatformIndex,
  inexact: InexactList,
  suffix: string,
  selection: Selection,
  place: SourcePlace,
): OvalForm {
  const { platform } = index;
  const head = [
    inventoryDefinition(platform, osReleaseTest(platform)),
    coverageDefinition(platform, { comment: 'an installed package is listed', object: place.anything() }),
  ];
  return flawForm(index, {
    suffix,
    selection,
    head,
    ways: ({ package: source }) => {
      const object = place.object(source);
      const criteria = new Map<string, Criterion>();
      return ({ vulnerability, claims }) => {
        const claim = claims.find(({ status }) => (status === 'fixed') === (selection === 'fixed'));
        if (!claim) return [];
        const below = claim.fixed === undefined ? '' : dpkgLimit(claim.fixed);
        if (below !== undefined) {
          return [
            { claim, item: once(criteria, below, () => ({ test: sourceTest(source, object, below) })) },
          ];
        }
        noteUnparsable(inexact, suffix, vulnerability, source);
        return [];
      };
    },
  });
}

/** A limit of '' asks for presence alone. */
export function sourceTest(source: string, object: TextObject, below: string): Test {
  if (below === '') return { comment: `${source} source is installed`, object };
  const state = { kind: 'text', capture: { type: 'debian_evr_string', below } } as const;
  return { comment: `${source} source is earlier than ${below}`, object, state };
}

function noteGeneralCauses(index: PlatformIndex, inexact: InexactList): void {
  const files = ['oval', 'unfixed.oval', 'status-d.oval', 'status-d.unfixed.oval', 'dpkginfo.oval'];
  inexact.general(
    'other_origin',
    'A package whose version names another suite, a backport or a foreign archive is compared like any other; ' +
      'the index sets it apart.',
    files,
  );
  inexact.general(
    'no_database',
    'Without a package database all but the coverage definition are false.',
    files,
  );
  if (index.platform.os.version !== undefined) return;
  inexact.general(
    'sid_or_testing',
    'The files of testing and sid are alike: the definitions of both apply to either.',
    files,
  );
}
