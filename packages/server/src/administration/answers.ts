import type { Answer } from './operation.ts';

/** It is done. */
export const done = (...lines: string[]): Answer => ({ exitCode: 0, lines });
/** It could not be done. */
export const failed = (...lines: string[]): Answer => ({ exitCode: 1, lines });
/** It was asked for in a wrong way. */
export const misused = (...lines: string[]): Answer => ({ exitCode: 2, lines });
