/**
 * The version of the rules by which packages are judged. A change after which the same feed gives the same package another verdict
 * raises it: a fleet keeps verdicts, and makes them all again where this number is another than the one they were made by.
 */
export const rulesVersion = 2;
