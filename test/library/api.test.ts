import { expect, it } from 'vitest';
import * as library from '../../src/library/index.ts';
import { errorCodes } from '../../src/model/error.ts';

// docs/library.md says what may change: a name that goes, or becomes another kind of thing, is a new major version.
it('the library exports these names', () => {
  const kinds = Object.entries(library).map(([name, value]) => `${name}: ${kindOf(value)}`);
  expect(kinds.sort()).toEqual([
    'ScapfeedError: class',
    'addToFleet: function',
    'build: function',
    'bundleFeed: function',
    'check: function',
    'checkFeed: function',
    'checkPolicy: function',
    'checkSignatures: function',
    'compareResults: function',
    'compileContent: function',
    'comply: function',
    'contentGuide: function',
    'describeFile: function',
    'diff: function',
    'endFleetWaiver: function',
    'errorCodes: table',
    'evalOval: function',
    'explain: function',
    'exportFeed: function',
    'exportFleet: function',
    'exportTargetNames: list',
    'fixScript: function',
    'fleetEvidence: function',
    'fleetNews: function',
    'fleetStatus: function',
    'fleetTokens: function',
    'fleetWaivers: function',
    'importToFleet: function',
    'isScapfeedError: function',
    'judge: function',
    'listFleet: function',
    'listKeys: function',
    'listProfiles: function',
    'listRules: function',
    'listSnapshots: function',
    'makeFleetToken: function',
    'makeKeys: function',
    'openFeed: function',
    'openFleet: function',
    'openImage: function',
    'pruneFleet: function',
    'pruneSnapshots: function',
    'publish: function',
    'pull: function',
    'readAttachedVex: function',
    'readAttestedSbom: function',
    'readInventory: function',
    'readResults: function',
    'readSbom: function',
    'rebuildFeed: function',
    'removeFleetToken: function',
    'removeFromFleet: function',
    'revokeKey: function',
    'rotateKeys: function',
    'runFleet: function',
    'serveFleet: function',
    'signRoot: function',
    'tailor: function',
    'tailoringPage: function',
    'validateFile: function',
    'verifyFiles: function',
    'waiveInFleet: function',
    'workForFleet: function',
    'writeReport: function',
  ]);
  expect(library.errorCodes).toBe(errorCodes);
});

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'list';
  if (typeof value !== 'function') return 'table';
  return /^class\b/.test(Function.prototype.toString.call(value)) ? 'class' : 'function';
}
