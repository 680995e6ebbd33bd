/** What can be asked for, and how it is said. Keys are the names that the analytics service and the slots know. */
export const measures = new Map([
  [
    'page-views',
    { one: 'page view', many: 'page views', words: ['page views', 'page view', 'views', 'hits'] },
  ],
  ['visitors', { one: 'visitor', many: 'visitors', words: ['visitors', 'visitor', 'people', 'users'] }],
]);

export const periods = new Map([
  [
    'last-week',
    { said: 'last week', before: 'the week before', words: ['last week', 'the last week', 'week'] },
  ],
  [
    'last-month',
    { said: 'last month', before: 'the month before', words: ['last month', 'the last month', 'month'] },
  ],
]);

/** The key that was meant: by the id that the assistant recognised, else by its words. Undefined when none was. */
export function recognise(known, heard) {
  if (heard === undefined) return undefined;
  if (known.has(heard.id)) return heard.id;
  const words = heard.words.trim().toLowerCase();
  return [...known].find(([, entry]) => entry.words.includes(words))?.[0];
}
