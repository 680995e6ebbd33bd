/** How a request to a container ended. Values, never exceptions: a container's answers are hostile bytes. */
export type Exchange =
  /** A well-formed answer, whatever its status. */
  | Answer
  /** The time was up; the connection is gone, the code may still run. */
  | { readonly outcome: 'timed-out' }
  /** The container can't have read the whole request: its code did not start. */
  | {
      readonly outcome: 'unsent';
      readonly why: string;
      /** No connection to its host and port could be made, or who listens there is not it. */
      readonly unreachable?: boolean;
    }
  /** No answer, or none that HTTP allows: the code may have started. */
  | { readonly outcome: 'no-answer'; readonly why: string };

export interface Answer {
  readonly outcome: 'answered';
  readonly status: number;
  /** The text of the body; its first bytes when `truncated`. */
  readonly body: string;
  /** Bytes of the body as the container announced them. */
  readonly length: number;
  /** The body was longer than allowed. */
  readonly truncated: boolean;
}

/** The container runs out of memory or dies before it answers: what is known after looking at its end. */
export interface ContainerLost {
  readonly outcome: 'lost';
  readonly outOfMemory: boolean;
  /** Neither its code nor its memory ended it: a sentence that says what did. */
  readonly lost?: string;
}
