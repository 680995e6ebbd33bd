/** A feed's refusal. The message goes to who has invoked it, as the `error` of the result. */
export class FeedError extends Error {
  override readonly name = 'FeedError';
}
