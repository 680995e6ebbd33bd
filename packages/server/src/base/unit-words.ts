/** Units of time in milliseconds, by every word that configurations use for them, in lower case (`2 minutes`). */
export const durationMs: { readonly [unit: string]: number } = {
  ms: 1,
  millis: 1,
  milliseconds: 1,
  s: 1000,
  second: 1000,
  seconds: 1000,
  m: 60_000,
  min: 60_000,
  minute: 60_000,
  minutes: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  hours: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  days: 86_400_000,
};

/** Units of size in bytes, likewise (`256 MB`). */
export const sizeBytes: { readonly [unit: string]: number } = {
  b: 1,
  k: 1024,
  kb: 1024,
  m: 1024 ** 2,
  mb: 1024 ** 2,
  g: 1024 ** 3,
  gb: 1024 ** 3,
};
