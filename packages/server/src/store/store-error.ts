/**
 * The engine of a store failed: a full or broken disk, a damaged file, a thread that ended. Nothing was changed,
 * or nothing is known; the caller answers 503.
 */
export class StoreError extends Error {
  readonly code = 'STORE_UNAVAILABLE';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
  }
}
