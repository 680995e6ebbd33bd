const PATIENCE_MS = 4000; // the assistant waits for eight seconds
const MOST_CHARACTERS = 16 * 1024;

const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
const isDay = (value) =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value));

function check(figures) {
  const fine =
    isCount(figures?.total) &&
    isCount(figures.before) &&
    isDay(figures.from) &&
    isDay(figures.to) &&
    isCount(figures.busiest?.count) &&
    isDay(figures.busiest.day);
  if (!fine) throw new Error('its answer has not the figures that were asked for');
  return figures;
}

/**
 * `{from, to, total, before, busiest: {day, count}}` of a measure in a period; days are YYYY-MM-DD, `before` is the
 * total of the period before. Throws when the service doesn't answer so within four seconds.
 * @param {{measure: string, period: string}} question
 */
export async function askAnalytics({ measure, period }, { url, key, fetch }) {
  const address = new URL('/figures', url);
  address.search = new URLSearchParams({ measure, period }).toString();
  const response = await fetch(address, {
    // A container sleeps between requests: a connection that it kept may be gone when it wakes.
    headers: { authorization: `Bearer ${key}`, connection: 'close' },
    redirect: 'error',
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).catch((error) => {
    throw new Error(error.cause?.message ?? error.message, { cause: error });
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`status ${response.status}: ${text.slice(0, 200)}`);
  if (text.length > MOST_CHARACTERS) throw new Error('its answer is too long');
  return check(JSON.parse(text));
}
