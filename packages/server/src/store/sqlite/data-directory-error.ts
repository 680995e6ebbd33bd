/** The data directory can't be used: what, why, and how to mend it. */
export class DataDirectoryError extends Error {
  readonly code: 'DATA_DIRECTORY_IN_USE' | 'DATA_DIRECTORY_NEWER' | 'DATA_DIRECTORY_UNUSABLE';
  readonly mend: string;

  constructor(code: DataDirectoryError['code'], parts: { what: string; mend: string; cause?: unknown }) {
    super(`${parts.what} ${parts.mend}`, { cause: parts.cause });
    this.name = 'DataDirectoryError';
    this.code = code;
    this.mend = parts.mend;
  }
}
