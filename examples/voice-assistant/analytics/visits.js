// What the analytics service knows, computed from its file. Days are texts (YYYY-MM-DD), which sort as they should.
const DAY_MS = 86_400_000;

const dayText = (ms) => new Date(ms).toISOString().slice(0, 10);

/** Reads `day,visitor,pages`. Throws with the number of the first line that is wrong. */
export function parseVisits(csv) {
  const [, ...lines] = csv.trimEnd().split('\n');
  return lines.map((line, index) => {
    const [, day, visitor, pages] = /^(\d{4}-\d\d-\d\d),(\w+),(\d+)$/.exec(line) ?? [];
    if (day === undefined) throw new Error(`line ${index + 2} is not day,visitor,pages: ${line}`);
    return { day, visitor, pages: Number(pages) };
  });
}

function weeksBefore(today, count) {
  const ms = Date.parse(today);
  const monday = ms - ((new Date(ms).getUTCDay() + 6) % 7) * DAY_MS;
  return { from: dayText(monday - 7 * count * DAY_MS), to: dayText(monday - (7 * (count - 1) + 1) * DAY_MS) };
}

function monthsBefore(today, count) {
  const day = new Date(today);
  const first = (back) => Date.UTC(day.getUTCFullYear(), day.getUTCMonth() - back, 1);
  return { from: dayText(first(count)), to: dayText(first(count - 1) - DAY_MS) };
}

/** How many periods back → its first and last day. Weeks begin on Monday. */
const spans = new Map([
  ['last-week', weeksBefore],
  ['last-month', monthsBefore],
]);

/** What a visit adds, seen as a measure: a page each, or a person who counts once. */
const counters = new Map([
  ['page-views', (visits) => visits.reduce((sum, { pages }) => sum + pages, 0)],
  ['visitors', (visits) => new Set(visits.map(({ visitor }) => visitor)).size],
]);

/** The names that may be asked for. */
export const names = { measure: [...counters.keys()], period: [...spans.keys()] };

/**
 * The figures of a measure in a period, or undefined if there are none of that time.
 * @param {{day: string, visitor: string, pages: number}[]} visits
 * @param {{measure: string, period: string, today: string}} question
 */
export function figuresOf(visits, { measure, period, today }) {
  const spanOf = spans.get(period);
  const count = counters.get(measure);
  const within = ({ from, to }) => visits.filter(({ day }) => day >= from && day <= to);
  const span = spanOf(today, 1);
  const inSpan = within(span);
  if (inSpan.length === 0) return undefined;
  const days = [...new Set(inSpan.map(({ day }) => day))];
  const perDay = days.map((day) => ({ day, count: count(inSpan.filter((visit) => visit.day === day)) }));
  const busiest = perDay.reduce((most, one) => (one.count > most.count ? one : most));
  return { ...span, total: count(inSpan), before: count(within(spanOf(today, 2))), busiest };
}
