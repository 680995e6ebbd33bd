/** The part of pino that the platform uses: a constant message and fields. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** Its lines have these fields, too. With `level` it says more than its parent does. */
  child(fields: object, options?: { readonly level: 'debug' }): Logger;
}

/** Says nothing: for tests and tools. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLogger,
};
