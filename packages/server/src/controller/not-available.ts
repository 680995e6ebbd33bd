import { RequestError } from '../http/request-error.ts';

/** What OpenWhisk has and this platform has not yet, as `/api/v1` lists it: clients warn before they count on it. */
export const notAvailable = ['sequences', 'images'] as const;

/** Refuses a request for something of that list; the status is the one OpenWhisk answers where it isn't found. */
export function missing(what: string, status: 400 | 404, instead = ''): RequestError {
  return new RequestError(status, `${what} are not available on this platform yet${instead}.`);
}
