import type { ErrorCode } from '../../model/error.ts';

/** The manual's entry for a code, besides its exit code. */
export interface ErrorEntry {
  meaning: string;
  /** The kind of place that `where` names in such an error. */
  place: string;
  remedy: string;
}

/** Every code, in the order of `errorCodes`. A code without an entry does not compile. */
export const errorTable: Readonly<Record<ErrorCode, ErrorEntry>> = {
  USAGE: entry(
    'wrong use',
    'the command',
    'read the message: it names the option and the nearest valid word',
  ),
  CONFIG_INVALID: entry(
    'a file of options cannot be read, or has a name or value that no command takes',
    'the file and its line',
    'correct the line; `scapfeed config` checks the whole file',
  ),
  INTERNAL: entry(
    'a bug in scapfeed',
    'the part that failed',
    'report it with the command line and the input',
  ),
  OUTPUT_NOT_WRITABLE: entry(
    'a report or result cannot be written',
    'the file or folder',
    'check that it exists and that you may write to it',
  ),
  SYSTEM_REFUSED: entry(
    'the operating system refused to read or write a file',
    'the file or folder',
    'check its permissions, and the limits of the process',
  ),
  DATABASE_UNUSABLE: entry(
    "the fleet's database cannot be opened, reached or brought up to date",
    'the folder or server',
    'check the address, the login and the free space; restore a backup if it is damaged',
  ),
  DELIVERY_FAILED: entry(
    'fleet news could not be sent',
    'the receiver',
    'check the address and the server; the next run tries again',
  ),

  REQUEST_INVALID: entry(
    'a request to the fleet server is not valid',
    'the field',
    'correct it; see the API description of the server',
  ),
  REQUEST_TOO_LARGE: entry('a request is larger than the server takes', 'the route', 'send less at once'),
  REQUEST_UNSUPPORTED: entry(
    'the server does not take this type or method',
    'the route',
    'see the API description',
  ),
  NOT_FOUND: entry(
    'the fleet has no such thing',
    'the fleet or the address',
    'check how it is written; `scapfeed fleet list` shows what there is',
  ),
  TOKEN_MISSING: entry(
    'a request came without a token',
    'the route',
    'send it as `authorization: Bearer TOKEN`; `scapfeed fleet token add` makes one',
  ),
  TOKEN_REFUSED: entry('the token is unknown, or its time is over', 'the route', 'ask for another one'),
  NOT_ALLOWED: entry(
    'the caller may not do this, or the request comes from another site',
    'the route',
    'use a token of the role that the message names',
  ),
  TOO_MANY_REQUESTS: entry(
    'too many requests in a short time',
    'the route',
    'wait as long as the answer says',
  ),

  DISK_FULL: entry(
    'no space left',
    'the file being written',
    'free some space and run again; what was good stays',
  ),
  FEED_MISSING: entry(
    'no feed where one was expected',
    'the folder',
    'use a published one (scapfeed config set feed URL), build one, or specify one with --feed',
  ),
  FEED_STALE: entry(
    'the data is older than --max-age allows',
    'the platform or bundle',
    'pull or build a newer feed; --max-age accepts an older one',
  ),
  FEED_CORRUPT: entry(
    'a file of the feed does not match its digest',
    'the file',
    'pull or build the feed again',
  ),
  FEED_FORMAT_UNSUPPORTED: entry(
    'the feed has a format that this version does not read',
    'the manifest',
    'update the older of the two: the program or the feed',
  ),
  FEED_LACKS_SOURCE: entry(
    'an option needs a source that the feed does not have',
    'the feed',
    'build it with that source, pull it too, or omit the option',
  ),
  FETCH_FAILED: entry(
    'a download failed',
    'the URL',
    'try again; if it repeats, check the network and the server',
  ),
  FETCH_NOT_FOUND: entry('the server has no such document', 'the URL', 'check the address or the mirror'),
  FETCH_CHANGED: entry(
    'a document changed while it was being read',
    'the URL',
    'try again; if it repeats, the mirrors behind this address disagree',
  ),
  FETCH_REFUSED: entry(
    'the server refused the request, or the address is not allowed',
    'the URL',
    'check the login, TLS and the address',
  ),
  FETCH_TOO_LARGE: entry(
    'the server sent more than expected',
    'the URL',
    'check the address; use another mirror',
  ),
  FETCH_TIMEOUT: entry(
    'the server was too slow',
    'the URL',
    'try again: what came is kept; or use another mirror',
  ),
  SNAPSHOT_MISSING: entry(
    'a document that the build needs was never fetched or was removed',
    'the source or document',
    'build once with a network or a mirror',
  ),
  SNAPSHOT_CORRUPT: entry(
    'a stored document or its index is damaged',
    'the file in the snapshot store',
    'remove the file and fetch again',
  ),
  SOURCE_NOT_JSON: entry(
    'a document is not JSON',
    'the URL and byte',
    'fetch again; the last good version stays in use',
  ),
  SOURCE_MALFORMED: entry(
    'a document does not have the expected form',
    'the URL, record or line',
    'fetch again; if it repeats, the vendor changed the format: report it',
  ),
  SOURCE_TOO_LARGE: entry(
    'a document exceeds a size limit',
    'the URL',
    'check the address; report it if it is right',
  ),
  SOURCE_OVER_BUDGET: entry(
    'too many records of a source cannot be read',
    'the source',
    'fetch again; the last good documents stay in use',
  ),
  SOURCE_RECEDED: entry(
    'a document for which only its server vouches is older than the last one, or has fewer than 90 % of its rows',
    'the source',
    'compare it with what the vendor serves; the last good documents stay in use',
  ),
  SOURCE_DIGEST_WRONG: entry(
    'a document does not have the digest that its publisher gives',
    'the URL',
    'fetch again; if it repeats, ask the publisher',
  ),
  SOURCE_SIGNATURE_WRONG: entry(
    "the vendor's signature does not match the document",
    'the URL',
    'check the address or the mirror; do not use the document',
  ),
  SOURCE_UNSIGNED: entry(
    'the signature of a document is missing',
    'the URL',
    'use a mirror with signatures, or --unsigned-mirror, which marks the feed',
  ),
  SOURCE_EXPIRED: entry('a signed document is past its validity', 'the URL', 'update the mirror'),
  SCHEMA_VIOLATION: entry(
    'a file that was written breaks its own schema',
    'the file',
    'report it: this is a bug',
  ),

  TRUST_ROOT_MISSING: entry(
    'no root of trust is known',
    'the feed or option',
    'specify one with --trust-root',
  ),
  TRUST_ROOT_INVALID: entry(
    'a root, key or certificate cannot be read',
    'the file',
    'get it again from the publisher',
  ),
  TRUST_ROOT_SKIPPED: entry(
    'a version of the root is missing in the chain',
    'the server',
    'use another mirror, or get the missing roots from the publisher',
  ),
  TRUST_POLICY_INVALID: entry(
    'a signature policy cannot be read',
    'the file',
    'correct it; nothing was verified',
  ),
  TERMS_NOT_ACCEPTED: entry(
    'the publisher of a source states no terms of use, or its licence does not allow to pass on the data',
    'the platforms',
    'ask the publisher, or accept the source with --accept-terms',
  ),
  TRUST_EXPIRED: entry(
    'the signatures or the root have expired',
    'the server',
    'the publisher must sign again; for a bundle use --max-age',
  ),
  TRUST_UNSIGNED: entry(
    'metadata has no signature by a trusted key',
    'the server and role',
    "check that --trust-root is this publisher's",
  ),
  TRUST_SIGNATURE_WRONG: entry(
    'metadata was changed after it was signed',
    'the server and role',
    'use another mirror; report it to the publisher',
  ),
  TRUST_TRUNCATED: entry(
    'fewer bytes than were signed',
    'the file',
    'pull again; if it repeats, use another mirror',
  ),
  TRUST_SWAPPED: entry(
    'a file is not the one that was signed',
    'the file',
    'use another mirror; report it to the publisher',
  ),
  TRUST_ROLLBACK: entry('an older version than was seen before', 'the server and role', 'use another mirror'),
  TRUST_FROM_FUTURE: entry(
    'a date in the future',
    'the server',
    "set this machine's clock; otherwise report it to the publisher",
  ),
  TRUST_NOT_METADATA: entry(
    'the answer is not signed metadata, often a web page',
    'the URL',
    'check the address; a proxy or login page may answer in its place',
  ),
  TRUST_FOREIGN_CONTENT: entry(
    'a role signs files that are not its own',
    'the server and platform',
    'report it to the publisher; the feed in use is kept',
  ),
  TRUST_NOT_PRIVATE: entry(
    'trust files belong to another user or others may write to them',
    'the file or folder',
    'correct owner and mode, then pull again',
  ),
  FEED_LOCKED: entry(
    'another process works on this feed, fleet or folder of snapshots',
    'the lock file or folder',
    'wait for it to end',
  ),
  PUBLISH_HELD: entry(
    'a gate holds a platform back; the others were published, or, where all are held back the first time, nothing was',
    'the platform and gate',
    'look at the report; --accept GATE:PLATFORM --reason TEXT publishes it anyway',
  ),
  PUBLISH_CONFLICT: entry('somebody else published at the same time', 'the tag', 'publish again'),
  PUSH_FAILED: entry(
    'the registry did not take the feed',
    'the repository',
    'check the login and the quota; try again',
  ),
  REBUILD_DIFFERS: entry(
    'a feed cannot be reproduced from its snapshots',
    'the files',
    'do not use this copy; pull or build it again',
  ),

  KEY_MISSING: entry(
    'a key that must sign is not there',
    'the folder of keys',
    'specify its folder with --keys or --root-keys',
  ),
  KEY_EXISTS: entry('a key or root is there already', 'the file', 'use another folder, or keys rotate'),
  KEY_PASSPHRASE_WRONG: entry(
    'a key does not open',
    'the key',
    'check SCAPFEED_PASSPHRASE or --passphrase-file',
  ),
  KEY_PASSPHRASE_WEAK: entry(
    'the passphrase is too short or too simple',
    'the key',
    'use twelve characters or more',
  ),
  KEY_MALFORMED: entry('a key file cannot be read', 'the file', 'make or export the key again'),
  KEY_NOT_PRIVATE: entry(
    'others can read a private key',
    'the file',
    'run chmod -R go-rwx on the folder of keys',
  ),
  SIGNER_FAILED: entry('an external signer failed', 'the key and its command', 'run the command by hand'),

  IMAGE_NOT_FOUND: entry('no such image', 'the reference', 'check the name, the tag and the platform'),
  IMAGE_UNREACHABLE: entry(
    "the image's registry or engine does not answer",
    'the reference',
    'check network and login',
  ),
  IMAGE_REFERENCE_INVALID: entry(
    'the reference is not of a form that works here',
    'the reference',
    'docs/images.md lists the forms',
  ),
  IMAGE_MALFORMED: entry('the image is damaged', 'the layer and entry', 'save or fetch the image again'),
  IMAGE_UNREADABLE: entry(
    'files of the image cannot be read',
    'the path',
    'run as a user who may read all of them',
  ),
  IMAGE_LIMIT_EXCEEDED: entry(
    'the image exceeds a limit, which the message names',
    'the layer and entry',
    'check the image: archives made to exhaust a scanner look like this',
  ),
  IMAGE_DIGEST_MISMATCH: entry(
    'content does not have its digest',
    'the layer or manifest',
    'fetch the image again; do not trust what was read from it',
  ),
  ATTESTATION_REFUSED: entry(
    'no attestation is signed as required',
    'the image',
    'see the reasons; specify another signer',
  ),
  ATTESTATION_MISSING: entry(
    'the image has no attestation of this type',
    'the image',
    'attest an SBOM, or scan the image',
  ),
  SBOM_MALFORMED: entry(
    'the SBOM cannot be read',
    'the file and place',
    'make it again; docs/sbom.md lists the formats',
  ),
  POLICY_INVALID: entry(
    'a policy or baseline cannot be read',
    'the file and line',
    'correct it: scapfeed policy check FILE',
  ),
  VEX_INVALID: entry(
    'a VEX document cannot be read',
    'the file and place',
    'correct it; docs/vex.md lists the formats',
  ),
  PLATFORM_UNKNOWN: entry(
    'nothing says which release this is',
    'the image',
    'specify it with --platform; an image without a release file cannot be judged otherwise',
  ),
  PLATFORM_NOT_COVERED: entry(
    'the feed has no data for this release',
    'the image',
    'use a feed with it; --platform-map judges a derivative by its parent',
  ),
  PACKAGE_DATABASE_MISSING: entry(
    'the image has no package database',
    'the image',
    'keep the database in the image; nothing can be said without it',
  ),
  PACKAGE_DATABASE_UNREADABLE: entry(
    'the package database is damaged',
    'the database',
    'restore it or rebuild the image',
  ),
  PACKAGE_DATABASE_INCOMPLETE: entry(
    'the package database lists fewer packages than it declares',
    'the database',
    'restore it, for rpm by rpmdb --rebuilddb, or rebuild the image',
  ),

  CONTENT_MALFORMED: entry(
    'SCAP content cannot be used',
    'the file and place',
    'check it: scapfeed validate FILE',
  ),
  CONTENT_MISSING: entry(
    'there is no SCAP content',
    'the feed or file',
    'specify a file with --content, or pull with --content',
  ),
  PROFILE_UNKNOWN: entry(
    'the content has no such profile',
    'the content',
    'scapfeed profiles lists what there is',
  ),

  DOCUMENT_INVALID: entry(
    'the document breaks its schema or rules',
    'the file and line',
    'correct what the report lists',
  ),
};

function entry(meaning: string, place: string, remedy: string): ErrorEntry {
  return { meaning, place, remedy };
}
