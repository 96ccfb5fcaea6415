/** A violation of the format. `TarRules.error` makes an error with a code of it for each kind of archive. */
export class TarFault extends Error {}

/** The archive ends before what its headers promise. */
export class TarCut extends TarFault {}
