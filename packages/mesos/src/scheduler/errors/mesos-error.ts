/**
 * What every error of this client has in common: a `code` to tell it by, and a message that says what went wrong, why,
 * and how to mend it. Further fields hold what a program needs to decide.
 */
export abstract class MesosError extends Error {
  abstract readonly code: string;
}
