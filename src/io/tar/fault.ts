/** Bytes that are no tar. The reader of each kind of archive makes an error with a code of it: `TarRules.error`. */
export class TarFault extends Error {}

/** The archive ends before what its headers promise. */
export class TarCut extends TarFault {}
