/** Ids are long; their beginnings tell members apart in lines for people. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}

export function earliest(times: readonly (number | undefined)[]): number | undefined {
  let first: number | undefined;
  for (const time of times) {
    if (time !== undefined && Number.isFinite(time) && (first === undefined || time < first)) first = time;
  }
  return first;
}

/** Of an even number one has no use: two of four may fail no sooner than two of three. Two are all that two can be. */
export function voterTarget(instances: number | undefined, most: number): number {
  const wanted = Math.min(instances ?? 1, most);
  return wanted > 2 && wanted % 2 === 0 ? wanted - 1 : wanted;
}
