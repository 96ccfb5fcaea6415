/** The time by the machine's clock. Nothing else in src reads it: what depends on the time is given a Date. */
export function currentTime(): Date {
  return new Date();
}
