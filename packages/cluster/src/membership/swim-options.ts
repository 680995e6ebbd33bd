/** Durations are milliseconds. */
export interface SwimOptions {
  /** Each member probes another one that often. */
  readonly probeMs: number;
  /** After so long without an answer others are asked to probe it; what is new is passed on at most that often. */
  readonly probeTimeoutMs: number;
  /** A suspect has this many probe intervals, times log₁₀ of the number of members (at least 1), to contradict. */
  readonly suspicionRounds: number;
  /** How many others are asked to probe one that doesn't answer, and how many are told at once what is new. Default 3. */
  readonly indirect?: number;
  /** How long the JSON of a message may be that travels in a datagram; default 1,200 bytes. */
  readonly datagramBytes?: number;
  /** For how long dead and left members are remembered, so that old news don't revive them; default ten minutes. */
  readonly forgetAfterMs?: number;
}

/** With nothing left out. */
export type SwimTiming = Readonly<Required<SwimOptions>>;

export function swimTimingOf(options: SwimOptions): SwimTiming {
  return {
    probeMs: options.probeMs,
    probeTimeoutMs: options.probeTimeoutMs,
    suspicionRounds: options.suspicionRounds,
    indirect: options.indirect ?? 3,
    datagramBytes: options.datagramBytes ?? 1200,
    forgetAfterMs: options.forgetAfterMs ?? 600_000,
  };
}
