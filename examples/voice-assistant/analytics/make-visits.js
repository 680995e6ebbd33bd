// The data of the analytics service: a line for each visitor of each day, the same for the same seed and day.
const DAY_MS = 86_400_000;
const DAYS = 100;

/** A small generator of random numbers from 0 to 1 (mulberry32): the same ones for the same seed. */
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Fewer people come at weekends, and a few more each week. */
function visitorsOn(day, age, random) {
  const weekend = [0, 6].includes(day.getUTCDay());
  return Math.round((weekend ? 40 : 90) * (1 + (DAYS - age) / 200) * (0.85 + 0.3 * random()));
}

/**
 * The text of a CSV file with the hundred days before a day: `day,visitor,pages`.
 * @param {{today: string, seed: number}} options today as YYYY-MM-DD
 */
export function makeVisits({ today, seed }) {
  const random = randomFrom(seed);
  const lines = ['day,visitor,pages'];
  for (let age = DAYS; age > 0; age--) {
    const day = new Date(Date.parse(today) - age * DAY_MS);
    const came = new Set();
    for (let left = visitorsOn(day, age, random); left > 0; left--) came.add(Math.floor(random() * 2000));
    for (const visitor of came)
      lines.push(`${day.toISOString().slice(0, 10)},v${visitor},${1 + Math.floor(9 * random() ** 3)}`);
  }
  return `${lines.join('\n')}\n`;
}
