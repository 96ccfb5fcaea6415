/**
 * Commands of CI runners in the lines of a log, up to the character that is written otherwise: GitHub: `::` at the start of a line,
 * `##[` anywhere; Azure: `##vso[`; TeamCity: `##teamcity[`.
 */
export const logCommand = /^[^\S\r\n\u2028\u2029]*:(?=:)|#(?=#(?:vso|teamcity)?\[)/gim;
