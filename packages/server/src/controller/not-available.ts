/** What OpenWhisk has and this platform has not yet, as `/api/v1` lists it: clients warn before they count on it. */
export const notAvailable = ['images'] as const;
